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
# The table of rooms in docs/architecture.md, and what the sources say.
rooms() { awk -F'|' '/^\| `src\// { gsub(/[`\/ ]|src/, "", $2); gsub(/`/, "", $4); print $2, $4 }' docs/architecture.md; }
serving() { sed -n '/^What serves every room/,/^$/p' docs/architecture.md | grep -oP '`\K[a-z_]+(?=`)' | grep -vx 'process\|aim_value'; }
used_by() {
    find "$1" -name '*.rs' -exec cat {} + | perl -0777 -ne 's{//.*}{}g;
        while (/\bcrate::(\w+|\{[^;]*?\};)|\b(aimql)::/g) {
            my $used = $2 // $1;
            1 while $used =~ s/::(\w+|\{[^{}]*\})//g;
            print "$_\n" for $used =~ /\w+/g;
        }' | grep '^[a-z_]*$' | sort -u
}
strays() { # strays ROOM ALLOWED... - what the room uses beside itself and these
    local source=src/$1
    [[ -d $source ]] || source+=.rs
    used_by "$source" | grep -vxF -f <(printf '%s\n' "$@")
}
ok "every source is in a room" diff <(find src -mindepth 1 -maxdepth 1 ! -name lib.rs -printf '%f\n' | sed 's/\.rs$//' | sort) \
    <({ rooms | cut -d' ' -f1; serving; } | sort)
while read -r room allowed; do
    # shellcheck disable=SC2046,SC2086 # words
    ok "$room uses what the table says" test -z "$(strays $room $allowed $(serving))"
done < <(rooms)
for room in $(serving); do
    # shellcheck disable=SC2046 # words
    ok "$room, which serves all, knows none of them" test -z "$(strays "$room" process $(serving))"
done
finish
