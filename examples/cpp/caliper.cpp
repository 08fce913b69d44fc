// A program that marks its regions for Caliper, with a point of their times after each step.
//
//     c++ -std=c++17 -O2 caliper.cpp -o caliper -laim -lcaliper && ./caliper [REPO]
#include <aim/caliper.hpp>
#include <caliper/cali.h>

#include <cmath>
#include <cstdio>
#include <vector>

int main(int argc, char **argv) {
    aim::RunOptions options;
    options.repo = argc > 1 ? argv[1] : ".";
    options.experiment = "caliper";
    const aim::Run run(options);
    aim::CaliperTracker regions(run);

    std::vector<double> field(100'000, 1.0);
    for (int step = 0; step < 5; step++) {
        CALI_MARK_BEGIN("step");
        for (int sweep = 0; sweep < 3; sweep++) {
            CALI_MARK_BEGIN("sweep");
            for (double &cell : field) cell = std::sqrt(cell + 1.0);
            CALI_MARK_END("sweep");
        }
        CALI_MARK_END("step");
        regions.track(step);
    }
    std::printf("%g\n", field[0]);
}
