#!/usr/bin/env bash
# `make docs` writes an API reference in which nothing public is missing or undocumented.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

ok "make docs" make --no-print-directory docs
html=build/docs/html
titles() { # titles PAGE - the functions that it describes
    grep -oP 'class="memtitle".*</span>\K[A-Za-z0-9_]+(?=\(\))' "$html/$1" | sort -u
}
declared() { grep -oE '\baim_[a-z0-9_]+\(' include/aim.h | tr -d '(' | sort -u; }
ok "there are functions" test "$(declared | wc -l)" -ge 60
ok "has every function of aim.h" diff <(declared) <(titles aim_8h.html | grep '^aim_')
for member in try_open track try_param params_json set_params; do
    ok "has Run::$member" grep -qx "$member" <(titles classaim_1_1Run.html)
done
ok "has nothing of the implementation" test -z "$(find "$html" -name '*detail*')"

documents() { # documents FILE - the file alone, by the same rules
    (cat docs/Doxyfile && printf '%s\n' "INPUT = $1" USE_MDFILE_AS_MAINPAGE= "OUTPUT_DIRECTORY = $scratch") | doxygen -
}
refuses() { ! documents "$1"; }
ok "aim.h alone passes" documents include/aim.h
mkdir "$scratch/broken"
grep -v '^/// Frees a sample' include/aim.h >"$scratch/broken/aim.h"
ok "an undocumented function fails" refuses "$scratch/broken/aim.h"
grep -v '/// Greatest step' include/aim.h >"$scratch/broken/aim.h"
ok "an undocumented member fails" refuses "$scratch/broken/aim.h"
grep -v '/// Waits until everything' bindings/cpp/aim/run.hpp >"$scratch/broken/run.hpp"
ok "an undocumented method fails" refuses "$scratch/broken/run.hpp"
finish
