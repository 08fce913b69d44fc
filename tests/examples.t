#!/usr/bin/env bash
# The examples compile as their first lines say and print what they promise.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

compile() { # compile COMPILER STANDARD SOURCE FLAGS... - the program goes to $scratch
    "$1" "-std=$2" "${@:4}" -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude "$3" \
        -o "$scratch/$(basename "${3%.*}")" -Lbuild/lib -laim -lm -Wl,-rpath,"$PWD/build/lib"
}
in_directory() { # in_directory DIRECTORY COMMAND...
    (cd "$1" && "${@:2}")
}
holds() { # holds REPO LINE... - among what tests/stored.c lists of the repository
    "$scratch/stored" "$1" >"$scratch/held" || return
    for line in "${@:2}"; do grep -qxF "$line" "$scratch/held" || { echo "no $line in:" && cat "$scratch/held" && return 1; }; done
}
ok "stored.c compiles" compile gcc gnu99 tests/stored.c -Itests
ok "hello.c compiles" compile gcc c99 examples/c/hello.c
ok "walkthrough.c compiles" compile gcc c99 examples/c/walkthrough.c
ok "digits.cpp compiles" compile g++ c++17 examples/cpp/digits.cpp -Ibindings/cpp

# Those in the comments of aim.h, each in a function of its own, with a run and a repository.
mkdir "$scratch/header"
awk -v directory="$scratch/header" -f tests/header_examples.awk include/aim.h >"$scratch/header_examples.c"
ok "aim.h has examples" test "$(grep -c '^static void example' "$scratch/header_examples.c")" -ge 15
for language in 'gcc c99' 'gcc c11' 'g++ c++17'; do
    read -r compiler standard <<<"$language"
    ok "the examples of aim.h compile as $standard" compile "$compiler" "$standard" "$scratch/header_examples.c" -Wno-unused-parameter
    ok "they run and print no error" eval '"$scratch/header_examples" >"$scratch/header.out" 2>"$scratch/header.err" && ! [[ -s $scratch/header.err ]]'
done
ok "they read what they tracked" eval 'grep -q "the last of 100 is 0.01" "$scratch/header.out" && grep -q "bytes of PNG" "$scratch/header.out"'
unlooked() { printf '%s\n' '#include <aim.h>' 'int main(void) { aim_run *run; aim_run_new(NULL, &run, NULL); return 0; }' >"$scratch/unlooked.c"
    gcc -std=c99 -Wall -Werror -Iinclude "$@" -c "$scratch/unlooked.c" -o "$scratch/unlooked.o"; }
refused() { ! unlooked "$@"; }
ok "a result that nobody looks at is a warning" refused
ok "unless the program says otherwise" unlooked -DAIM_NODISCARD=

in_directory "$scratch" ./hello >"$scratch/hello.out" 2>&1
ok "hello names its run" grep -Eq 'run [0-9a-f]{24}$' "$scratch/hello.out"

mkdir "$scratch/off"
ok "with tracking off it runs and leaves nothing" eval '(cd "$scratch/off" && AIM_MODE=disabled ../hello) >&2 && rmdir "$scratch/off"'
ok "hello tracks what it says" holds "$scratch" 'run hello finished {"lr":0.1}' 'metric loss {} 100 99 0.01'

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
ok "digits reads both back" test "$(grep -Ec '^  [0-9a-f]{8} +0\.(002|05) +32 +64 ' "$scratch/demo.out")" -eq 2
ok "digits learns: both runs classify more than 90 % of the validation images" \
    awk '/^  [0-9a-f]+ +0\./ { good += $NF > 90 } END { exit good != 2 }' "$scratch/demo.out"
ok "digits keeps mistakes as pictures, 12 histograms of weights and two checkpoints of each run" test \
    "$(grep -Ec '^  [0-9a-f]{8} +[0-9]+ mistakes as pictures \(a [0-9], taken for a [0-9]\), 12 histograms of weights, model v0 of 19240 bytes, model v1 of 19240 bytes$' "$scratch/demo.out")" -eq 2
same_checkpoint() { # the last version of the last run is the file that was written last
    local kept
    for kept in "$scratch"/demo/.aim/artifacts/*/*; do cmp -s "$kept" "$scratch/demo/digits.ckpt" && return; done
    return 1
}
ok "the checkpoint is kept as it was written" same_checkpoint
draws() { # the README's first picture, by its own words, of the runs of the demo; AIM_TEST_RENEW=1 keeps it
    local command
    command=$(sed -n 's/^That is what `\(libaim plot .* --svg curves.svg\)` draws .*/\1/p' README.md)
    mkdir "$scratch/curves" && "$scratch/digits" "$scratch/curves" examples/data/digits.csv >/dev/null &&
        PATH=$PWD/build/bin:$PATH in_directory "$scratch/curves" bash -euc "$command" || return
    [[ -z ${AIM_TEST_RENEW-} ]] || cp "$scratch/curves/curves.svg" docs/pictures
    cmp "$scratch/curves/curves.svg" docs/pictures/curves.svg
}
ok "its curves are the README's picture" draws
ok "digits names a repository it cannot use" grep -q '/proc/none' <("$scratch/digits" /proc/none examples/data/digits.csv 2>&1)

# Integrations.
ok "tensorboard.cpp compiles" compile g++ c++17 examples/cpp/tensorboard.cpp -Ibindings/cpp
ok "tensorboard runs" "$scratch/tensorboard" "$scratch/tensorboard_repo"
ok "tensorboard tracks what it says" holds "$scratch/tensorboard_repo" \
    'run default finished {"hparams":{"lr":0.2,"optimizer":"gd"}}' 'metric loss/train {} 200 199 6.71616e-06' \
    'metric weights {"entry":"slope"} 200 199 2.99131' 'metric best/loss {} 1 0 6.71616e-06'

ok "poisson.f90 compiles" gfortran -std=f2008 -O2 -Wall -Wextra -pedantic -Werror -J"$scratch" bindings/fortran/aim.f90 \
    examples/fortran/poisson.f90 -o "$scratch/poisson" -Lbuild/lib -laim -Wl,-rpath,"$PWD/build/lib"
mkdir "$scratch/poisson_repo"
ok "poisson runs" "$scratch/poisson" "$scratch/poisson_repo"
"$scratch/poisson" "$scratch/poisson_repo" >"$scratch/poisson.out" 2>&1
ok "poisson reads its four runs back, and conjugate gradients need the fewest iterations" \
    awk '/cg took/ { cg += $5 } /jacobi took/ { jacobi += $5; n++ } END { exit !(n == 2 && cg > 20 && 10 * cg < jacobi) }' \
    "$scratch/poisson.out"

# The README's snippets, as they stand there.
snippet() { awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' README.md | sed 's|/scratch/me|.|'; }
snippet c >"$scratch/readme.c"
{
    echo '#include <aim.hpp>'
    echo '#include <cstdio>'
    echo 'int main() {'
    snippet cpp
    echo '}'
} >"$scratch/readme_cpp.cpp"
ok "the README's C snippet compiles" compile gcc c99 "$scratch/readme.c"
ok "the README's C++ snippet compiles" compile g++ c++17 "$scratch/readme_cpp.cpp" -Ibindings/cpp
mkdir "$scratch/readme_repo"
ok "the README's C snippet runs" in_directory "$scratch/readme_repo" ../readme
ok "the README's C snippet tracks what it says" holds "$scratch/readme_repo" \
    'run digits finished {"hparams":{"lr":0.0001,"batch_size":32}}' 'metric loss {"subset":"train"} 1000 999 0.001'
ok "the README's C++ snippet reads what the C snippet wrote" \
    grep -q ': 1000 points, the last is 0.001$' <(in_directory "$scratch/readme_repo" ../readme_cpp)
finish
