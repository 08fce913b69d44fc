// Averages neighbours on a line, by Kokkos. It knows nothing of libaim: libaim_kokkos.so tracks it as it is.
//
//     c++ -std=c++17 -O2 -fopenmp stencil.cpp -o stencil -lkokkoscore
//     KOKKOS_TOOLS_LIBS=$PWD/libaim_kokkos.so ./stencil
#include <Kokkos_Core.hpp>

#include <cstdio>

int main(int argc, char **argv) {
    Kokkos::initialize(argc, argv);
    double sum = 0;
    {
        const int size = 100000;
        Kokkos::View<double *> line("line", size), next("next", size);
        Kokkos::parallel_for(
            "fill", size, KOKKOS_LAMBDA(int i) { line(i) = i % 7; });
        Kokkos::Profiling::pushRegion("sweeps");
        for (int sweep = 0; sweep < 20; sweep++) {
            Kokkos::parallel_for(
                "average \"three\"", size - 2, KOKKOS_LAMBDA(int i) { next(i + 1) = (line(i) + line(i + 1) + line(i + 2)) / 3; });
            const auto before = line;
            line = next;
            next = before;
        }
        Kokkos::Profiling::popRegion();
        Kokkos::parallel_reduce(
            "sum", size, KOKKOS_LAMBDA(int i, double &partial) { partial += line(i); }, sum);
    }
    Kokkos::finalize();
    std::printf("sum %.0f\n", sum);
}
