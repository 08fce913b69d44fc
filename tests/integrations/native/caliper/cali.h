// A stub of the marks of regions in Caliper 2.15.
#pragma once

#include "RegionProfile.h"

#define CALI_MARK_BEGIN(name) cali::stub::begin(name)
#define CALI_MARK_END(name) cali::stub::end()
