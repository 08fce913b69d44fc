#!/usr/bin/env bash
# tests/integrations/native.t - the examples in C and C++ for other libraries, with these libraries: XGBoost and LightGBM out
# of their wheels, Kokkos, libtorch and spdlog from the system, Adiak and Caliper as stubs.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh

packages=$(build/integrations/wheels/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
xgboost=$packages/xgboost/lib lightgbm=$packages/lightgbm/lib
compile() { # compile COMPILER STANDARD SOURCE FLAGS... - the program goes to $scratch
    "$1" "-std=$2" -O2 -Wall -Wextra -Wpedantic -Wshadow -Werror -Iinclude -Ibindings/c -Ibindings/cpp -Itests/integrations/native "$3" \
        -o "$scratch/$(basename "${3%.*}")" -Lbuild/lib -laim -lm -Wl,-rpath,"$PWD/build/lib" "${@:4}"
}
accepts() { # accepts COMPILER STANDARD HEADER... - each header alone
    local header
    for header in "${@:3}"; do
        "$1" "-std=$2" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -Iinclude -Ibindings/c \
            -Itests/integrations/native -x "$([[ $1 == *++ ]] && echo c++ || echo c)" - <<<"#include <$header>" || return
    done
}
holds() { # holds REPO LINE... - among what tests/stored.c lists of the repository; a line is a pattern
    "$scratch/stored" "$1" >"$scratch/held" || return
    for line in "${@:2}"; do grep -qx "$line" "$scratch/held" || { echo "no $line in:" && cat "$scratch/held" && return 1; }; done
}
ok "stored.c compiles" compile gcc gnu99 tests/stored.c -Itests

for pair in "gcc c99" "gcc c11" "g++ c++11" "clang c99" "clang++ c++20"; do
    ok "the headers with $pair" accepts $pair aim/xgboost.h aim/lightgbm.h aim/adiak.h
done
number='[0-9.e-]*'
ok "xgboost.c compiles" compile gcc c99 examples/c/xgboost.c -L"$xgboost" -lxgboost -Wl,-rpath,"$xgboost"
ok "xgboost runs" "$scratch/xgboost" "$scratch/xgboost_repo"
ok "xgboost tracks each metric of each set" holds "$scratch/xgboost_repo" \
    'run xgboost finished {"xgboost":{"learner":.*"name":"binary:logistic".*' \
    'metric logloss {"data_name":"train"} 20 19 0\.[01][0-9]*' \
    'metric logloss {"data_name":"hold-out"} 20 19 '"$number" 'metric error@0.7 {"data_name":"hold-out"} 20 19 '"$number"
ok "lightgbm.c compiles" compile gcc c99 examples/c/lightgbm.c -L"$lightgbm" -l_lightgbm -Wl,-rpath,"$lightgbm"
ok "lightgbm runs" "$scratch/lightgbm" "$scratch/lightgbm_repo"
ok "lightgbm tracks each metric of each set" holds "$scratch/lightgbm_repo" 'run lightgbm finished {}' \
    'metric auc {"data_name":"train"} 20 19 \(1\|0\.9[0-9]*\)' 'metric auc {"data_name":"hold-out"} 20 19 0\.9[0-9]*' \
    'metric binary_logloss {"data_name":"hold-out"} 20 19 '"$number"

ok "kokkos.c compiles" gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -shared -fPIC -Iinclude bindings/c/preload/kokkos.c \
    -o "$scratch/libaim_kokkos.so" -Lbuild/lib -laim -pthread -Wl,-rpath,"$PWD/build/lib"
ok "stencil.cpp compiles" g++ -std=c++17 -O1 -fopenmp -isystem /usr/include/trilinos examples/kokkos/stencil.cpp \
    -o "$scratch/stencil" -ltrilinos_kokkoscore
tooled() { # tooled REPO PROGRAM... - with libaim_kokkos.so, as old and new versions of Kokkos are told
    mkdir -p "$scratch/$1"
    AIM_REPO=$scratch/$1 KOKKOS_PROFILE_LIBRARY=$scratch/libaim_kokkos.so KOKKOS_TOOLS_LIBS=$scratch/libaim_kokkos.so "${@:2}"
}
ok "stencil runs with the tool" tooled stencil_repo "$scratch/stencil"
ok "kernels, regions and memory are tracked" holds "$scratch/stencil_repo" \
    'run default finished {"kokkos":{"tools_version":[0-9]*,"devices":[0-9]*}}' \
    'metric kernel_calls {"kernel":"average \\"three\\"","type":"parallel_for"} 1 0 20' \
    'metric kernel_calls {"kernel":"sum","type":"parallel_reduce"} 1 0 1' 'metric region_calls {"region":"sweeps"} 1 0 1' \
    "metric kernel_seconds {\"kernel\":\"fill\",\"type\":\"parallel_for\"} 1 0 $number" \
    'metric memory_peak_bytes {"space":"Host"} 1 0 1\.6[0-9]*e+06'
ok "stencil runs with a point after each kernel" tooled often_repo env AIM_KOKKOS_INTERVAL=1e-9 OMPI_COMM_WORLD_RANK=3 "$scratch/stencil"
ok "ranks of a job are told apart, and there is a point after each kernel" holds "$scratch/often_repo" \
    "metric kernel_calls {\"kernel\":\"sum\",\"rank\":3,\"type\":\"parallel_reduce\"} 2 25 1"
ok "stencil runs where no repository can be" eval 'AIM_REPO=/proc/none KOKKOS_PROFILE_LIBRARY=$scratch/libaim_kokkos.so \
    KOKKOS_TOOLS_LIBS=$scratch/libaim_kokkos.so "$scratch/stencil" 2>"$scratch/none" && grep -q "libaim_kokkos: no run: .*/proc/none" "$scratch/none"'

ok "nvtx.c compiles" gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -shared -fPIC -Iinclude bindings/c/preload/nvtx.c \
    -o "$scratch/libaim_nvtx.so" -Lbuild/lib -laim -pthread -Wl,-rpath,"$PWD/build/lib"
for program in examples/nvtx/phases.c tests/integrations/native/nvtx_odd.c; do
    ok "$program compiles" gcc -std=gnu99 -O1 -Wall -Wextra -Werror -isystem "$packages/nvidia/nvtx/include" "$program" \
        -o "$scratch/$(basename "${program%.c}")" -ldl -pthread
done
injected() { # injected REPO PROGRAM... - with libaim_nvtx.so
    mkdir -p "$scratch/$1"
    AIM_REPO=$scratch/$1 NVTX_INJECTION64_PATH=$scratch/libaim_nvtx.so "${@:2}"
}
ok "a program with ranges runs" injected phases_repo "$scratch/phases"
ok "ranges, those of domains and marks are tracked" holds "$scratch/phases_repo" 'run default finished {}' \
    'metric range_calls {"range":"epoch"} 1 0 3' "metric range_seconds {\"range\":\"vorwärts\"} 1 0 $number" \
    'metric range_calls {"domain":"loader","range":"batch"} 1 0 15' 'metric mark_calls {"mark":"checkpoint"} 1 0 3'
ok "ranges of threads, deep ones, wrong ends and a child are no trouble" eval \
    'injected odd_repo "$scratch/nvtx_odd" 2>"$scratch/odd" && [[ ! -s $scratch/odd ]]'
ok "and are counted" holds "$scratch/odd_repo" 'run default finished {}' 'metric range_calls {"range":"thread"} 1 0 4000' \
    'metric range_calls {"range":"deep"} 1 0 64' 'metric range_calls {"domain":"d","range":"crossed"} 1 0 1' \
    'metric range_calls {"range":"started"} 1 0 1'
ok "a program with ranges runs where no repository can be" eval 'AIM_REPO=/proc/none NVTX_INJECTION64_PATH=$scratch/libaim_nvtx.so \
    "$scratch/phases" 2>"$scratch/none" && grep -q "libaim_nvtx: no run: .*/proc/none" "$scratch/none"'

ok "the stub of Adiak compiles" gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -c tests/integrations/native/adiak.c -o "$scratch/stub.o"
ok "adiak.c compiles" compile gcc c99 examples/c/adiak.c "$scratch/stub.o"
ok "adiak runs" "$scratch/adiak" "$scratch/adiak_repo"
ok "what Adiak knows becomes params" holds "$scratch/adiak_repo" 'run adiak finished {"adiak":{"problem size":512,"dt":0.0001,'\
'"solver":"cg","input":"/data/mesh","meshes":\["coarse","the \\"fine\\" one"\]}}'

ok "caliper.cpp compiles, with the stub of Caliper" compile g++ c++17 examples/cpp/caliper.cpp
mkdir "$scratch/caliper_repo"
ok "caliper runs" "$scratch/caliper" "$scratch/caliper_repo"
ok "the times of regions are tracked" holds "$scratch/caliper_repo" 'run caliper finished {}' \
    "metric region_seconds {\"region\":\"step\"} 5 4 $number" "metric region_seconds {\"region\":\"sweep\"} 5 4 $number" \
    "metric region_self_seconds {\"region\":\"sweep\"} 5 4 $number"

fortran() { gfortran -std=f2008 -Wall -Wextra -pedantic -Werror -Wno-uninitialized -Wno-maybe-uninitialized "-J$scratch" "$@"; }
ok "the binding for Fortran compiles" fortran -c bindings/fortran/aim.f90 -o "$scratch/aim.o"
ok "the stub of stdlib's logger compiles" fortran -c tests/integrations/native/stdlib_logger.f90 -o "$scratch/stdlib.o"
ok "aim_stdlib.f90 compiles" fortran -c bindings/fortran/aim_stdlib.f90 -o "$scratch/aim_stdlib.o"
ok "stdlib_log.f90 compiles" fortran examples/fortran/stdlib_log.f90 "$scratch"/{aim_stdlib,stdlib,aim}.o -o "$scratch/stdlib_log" \
    -Lbuild/lib -laim -Wl,-rpath,"$PWD/build/lib"
mkdir "$scratch/stdlib_repo"
ok "stdlib_log runs" eval '"$scratch/stdlib_log" "$scratch/stdlib_repo" >"$scratch/stdlib.out" 2>"$scratch/stdlib.err"'
ok "its messages are in the log, with levels and places" diff - <(grep '^[1-5]0 ' "$scratch/stdlib.out" | sed 's/ *$//') <<'END'
10 begin []
20 512 cells [mesh]
30 the residual grows [solver] sweep
40 diverged []
40 input.nml:3:6: no number []
END
ok "and where they would be without" diff - <(head -4 "$scratch/stdlib.out") <<'END'
DEBUG: begin
mesh: INFO: 512 cells
solver: sweep: WARN: the residual grows
ERROR: diverged
END
ok "what cannot be logged is told once" eval '[[ $(grep -c "libaim: a message is not in the log of the run: .* is closed" "$scratch/stdlib.err") == 1 ]]'

ok "torch.cpp compiles" compile g++ c++17 examples/cpp/torch.cpp -O0 -isystem /usr/include/torch/csrc/api/include -ltorch -ltorch_cpu -lc10
mkdir "$scratch/torch_repo"
ok "torch runs" "$scratch/torch" "$scratch/torch_repo"
ok "losses, learning rates and gradients are tracked" holds "$scratch/torch_repo" 'run spirals finished {}' \
    "metric loss {\"subset\":\"train\"} 400 399 $number" 'metric lr {"group":0} 4 300 0.01' "metric gradient_norm {} 4 300 $number"
objects() { # objects REPO COUNT - so many points of objects an export says that it leaves
    AIM_REPO=$scratch/$1 build/bin/libaim export csv 2>&1 >"$scratch/points.csv" | grep -q "not exported: $2 points"
}
ok "weights, gradients, pictures and arrays are" objects torch_repo 53

ok "spdlog.cpp compiles" compile g++ c++17 examples/cpp/spdlog.cpp $(pkg-config --cflags --libs spdlog)
mkdir "$scratch/log_repo"
ok "spdlog runs" eval '"$scratch/spdlog" "$scratch/log_repo" >"$scratch/spdlog.out" 2>"$scratch/spdlog.err"'
ok "its messages are in the log, with levels and places" diff - <(grep -v '^\[' "$scratch/spdlog.out") <<'END'
10 seed 1 -
20 1200 parameters -
30 no data for class 7 main
50 "diverged" -
END
ok "what cannot be logged is told by spdlog" grep -q 'libaim: run [0-9a-f]* is closed' "$scratch/spdlog.err"
finish
