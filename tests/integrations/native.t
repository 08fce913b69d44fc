#!/usr/bin/env bash
# tests/integrations/native.t - the examples in C and C++ for other libraries, with these libraries: XGBoost and LightGBM out
# of their wheels.
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
            -x "$([[ $1 == *++ ]] && echo c++ || echo c)" - <<<"#include <$header>" || return
    done
}
holds() { # holds REPO LINE... - among what tests/stored.c lists of the repository; a line is a pattern
    "$scratch/stored" "$1" >"$scratch/held" || return
    for line in "${@:2}"; do grep -qx "$line" "$scratch/held" || { echo "no $line in:" && cat "$scratch/held" && return 1; }; done
}
ok "stored.c compiles" compile gcc gnu99 tests/stored.c -Itests

for pair in "gcc c99" "gcc c11" "g++ c++11" "clang c99" "clang++ c++20"; do
    ok "the headers with $pair" accepts $pair aim/xgboost.h aim/lightgbm.h
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
finish
