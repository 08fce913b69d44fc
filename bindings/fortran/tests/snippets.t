#!/usr/bin/env bash
# snippets.t - the page's snippets: those in Fortran, in order, as one program; those for the shell as they stand.
set -uo pipefail
cd "$(dirname "$0")/../../.."
. tests/tap.sh

page=bindings/fortran/README.md
snippets() { # snippets LANGUAGE
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "$page"
}
at_scratch() { # at_scratch COMMAND...
    (cd "$scratch" && "$@")
}
snippets fortran >"$scratch/train.f90"
ok "there are snippets" test "$(grep -c '^```fortran' "$page")" -ge 8
make --no-print-directory -s install PREFIX="$scratch/prefix" >/dev/null || bail "make install"
ok "they compile as the page says" at_scratch env PREFIX="$scratch/prefix" bash -euc "$(snippets sh)"
ok "they run" at_scratch ./train
at_scratch ./train >"$scratch/out" 2>"$scratch/errors"
ok "nothing is wrong on the error unit" test ! -s "$scratch/errors"
ok "the story prints what it says" grep -q '^ *103 points, the last is 0.02' "$scratch/out"
ok "the run is finished" grep -q 'finished' "$scratch/out"
finish
