#!/usr/bin/env bash
# snippets.t - the page's snippets: those in Fortran, in order, as one program; those for the shell as they stand. Those in
# Fortran on pages of docs, each in a program of its own.
set -uo pipefail
cd "$(dirname "$0")/../../.."
. tests/tap.sh

page=bindings/fortran/README.md
snippets() { # snippets LANGUAGE [PAGE]
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ { inside = 0 } inside' "${2-$page}"
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

on_page() { # on_page NAME - the snippet of docs/NAME.md, in an empty directory where there is a checkpoint
    mkdir "$scratch/$1" && echo weights >"$scratch/$1/step-1000.pt" && cat >"$scratch/$1/page.f90" <<END
program page
    use aim
    use, intrinsic :: iso_fortran_env, only: int8
    implicit none
    type(aim_run) :: run
    type(aim_repo) :: repo
    type(aim_sequence) :: previews
    type(aim_query) :: found
    type(aim_objects) :: last
    type(aim_artifact), allocatable :: all(:)
    integer(int8) :: pixels(6, 4) = 0
    integer(int8), allocatable :: bytes(:)
    character(:), allocatable :: hash

    call run%open(repo='runs')
    call repo%open('runs')
    hash = run%hash()
$(snippets fortran "docs/$1.md")
    if (allocated(bytes)) print '(i0, a)', size(bytes), ' bytes'
    if (allocated(all)) print '(a)', all(1)%name
end program
END
    (cd "$scratch/$1" && gfortran -std=f2008 -I.. page.f90 ../aim.o -o page -L"$scratch/prefix/lib" -laim \
        -Wl,-rpath,"$scratch/prefix/lib" && ./page >out)
}
ok "the snippet about objects" on_page objects
ok "it reads an image" grep -q '^[1-9][0-9]* bytes' "$scratch/objects/out"
ok "the snippet about artifacts" on_page artifacts
ok "it lists what it logged" grep -qx 'step-1000.pt' "$scratch/artifacts/out"
finish
