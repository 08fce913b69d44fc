#!/usr/bin/env bash
# Programs built with the last release work with this library. tests/abi says how that is told; what it refuses and
# accepts is tried on headers with a change.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

released() { sed -n "s/.*<elf-symbol name='\(aim_[a-z0-9_]*\)'.*/\1/p" tests/abi/released.xml; }
exported() { nm -D --defined-only build/lib/libaim.so | awk '{ print $3 }'; }
lost() { comm -23 <(released | sort) <(exported | sort); }
ok "a release is recorded" test "$(released | wc -l)" -ge 65
ok "the library exports every function of the last release" test -z "$(lost)"
ok "aim.h is compatible with the last release" tests/abi/check include/aim.h

changed() { # changed SED-SCRIPT - the path of a header with that change
    sed -E "$1" include/aim.h >"$scratch/aim.h"
    cmp -s include/aim.h "$scratch/aim.h" && return 1
    echo "$scratch/aim.h"
}
accepts() { local header && header=$(changed "$1") && tests/abi/check "$header"; }
# A check that cannot run does not count: 4 is abidiff's bit for a change, 1 and 2 those for trouble.
refuses() {
    local header && header=$(changed "$1") || return
    tests/abi/check "$header" >"$scratch/report" 2>&1
    local status=$?
    cat "$scratch/report"
    [[ $((status & 4)) -ne 0 && $((status & 3)) -eq 0 ]] && grep -q "$2" "$scratch/report"
}
one_line='void aim_sample_free'
ok "accepts a new function" accepts "s/^$one_line/void aim_sample_new(int32_t kind);\n&/"
ok "accepts a new constant" accepts 's/^#define AIM_ERR_READ_ONLY 16/&\n#define AIM_ERR_NEW 17/'
ok "accepts a new struct" accepts "s/^$one_line/typedef struct { int a; } aim_new; void aim_new_get(aim_new *n);\n&/"
ok "accepts options that grow" accepts 's/^\} aim_run_options;/    uint64_t more;\n&/'
ok "accepts statistics that grow" accepts 's/^\} aim_repo_stats;/    uint64_t more;\n&/'
ok "refuses a lost function" refuses "/^$one_line/d" aim_sample_free
ok "refuses another argument type" refuses 's/^(void aim_bytes_free\(uint8_t \*data, )size_t/\1int32_t/' aim_bytes_free
ok "refuses another argument" refuses "s/^($one_line\(.*)\);/\1, int32_t how);/" aim_sample_free
ok "refuses another result" refuses 's/^size_t aim_query_len/int32_t aim_query_len/' aim_query_len
ok "refuses another callback" refuses 's/(aim_log_callback\)\()int32_t level/\1int64_t level/' aim_set_log_callback
ok "refuses a struct without a size that grows" refuses 's/^\} aim_values;/    uint64_t more;\n&/' aim_values
ok "refuses a new member in the middle" refuses 's/^    uint64_t map_size;/    uint64_t more;\n&/' more
ok "refuses a new member in the padding" refuses 's/^    bool allow_network_fs;/&\n    bool more;/' more
ok "refuses a lost member" refuses '/^    uint64_t journal_size;/d' journal_size
ok "refuses another member type" refuses 's/double flush_interval;/float flush_interval;/' flush_interval
ok "refuses members in another order" \
    refuses 's/^    double first;/    double LAST;/; s/^    double last;/    double first;/; s/LAST/last/' first
ok "refuses another type in a struct that grows" \
    refuses 's/double (flush_interval;)/uint64_t \1/; s/^\} aim_repo_options;/    uint64_t more;\n&/' flush_interval
ok "refuses another value of a constant" refuses 's/^#define AIM_ERR_TYPE 15/#define AIM_ERR_TYPE 18/' AIM_ERR_TYPE
ok "refuses a lost constant" refuses '/^#define AIM_LOG_INFO /d' AIM_LOG_INFO
finish
