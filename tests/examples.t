#!/usr/bin/env bash
# The examples compile as their first lines say and print what they promise.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

compile() { # compile COMPILER STANDARD SOURCE
    "$1" "-std=$2" -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude "$3" -o "$scratch/$(basename "${3%.*}")" \
        -Lbuild/lib -laim -lm -Wl,-rpath,"$PWD/build/lib"
}
ok "hello.c compiles" compile gcc c99 examples/c/hello.c
ok "walkthrough.c compiles" compile gcc c99 examples/c/walkthrough.c
ok "digits.cpp compiles" compile g++ c++17 examples/cpp/digits.cpp

(cd "$scratch" && ./hello) >"$scratch/hello.out" 2>&1
ok "hello names its run" grep -Eq 'run [0-9a-f]{24}$' "$scratch/hello.out"

mkdir "$scratch/walk"
ok "walkthrough runs" "$scratch/walkthrough" "$scratch/walk"
"$scratch/walkthrough" "$scratch/walk" >"$scratch/walk.out" 2>&1
ok "walkthrough sees both of its runs" test "$(grep -c '^run ' "$scratch/walk.out")" -eq 2
ok "walkthrough reads the points of both sessions" grep -q '1005 points' "$scratch/walk.out"
ok "walkthrough reads the params" grep -q 'hparams.lr = 0.0003' "$scratch/walk.out"

mkdir "$scratch/demo"
ok "digits runs" "$scratch/digits" "$scratch/demo" examples/data/digits.csv
"$scratch/digits" "$scratch/demo" examples/data/digits.csv >"$scratch/demo.out" 2>&1
ok "digits trains two runs" test "$(grep -c '^  run [0-9a-f]\{24\}: learning rate' "$scratch/demo.out")" -eq 2
ok "digits reads both back" test "$(grep -Ec '^  [0-9a-f]{8} +0\.(005|05) +32 +64 ' "$scratch/demo.out")" -eq 2
ok "digits learns: both runs classify more than 90 % of the validation images" \
    awk '/^  [0-9a-f]+ +0\./ { good += $NF > 90 } END { exit good != 2 }' "$scratch/demo.out"
ok "digits names a repository it cannot use" grep -q '/proc/none' <("$scratch/digits" /proc/none examples/data/digits.csv 2>&1)
finish
