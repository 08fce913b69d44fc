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

# The site: every page that there is, every link right, nothing from another host.
ok "make site" make --no-print-directory site
site=build/site/html
titled() { [[ -s $site/$1 ]] && grep -q "<h1 id=.*>$2" "$site/$1"; }
ok "has the first page" titled index.html libaim
ok "has the first five minutes" titled docs/start.html 'Five minutes'
for page in bindings/*/README.md docs/*.md; do
    [[ $page == docs/reference.md ]] || # the first page of the API reference
        ok "$page is on the site, once" test "$(grep -c "[ :-] $page\$" tools/site/mkdocs.yml)" = 1
done
named() { [[ -d $1 ]] && grep -qF "](${1%/}" README.md || grep -qF "]($1)" README.md; }
for place in docs/*.md ./*/ ./*.md; do
    place=${place#./}
    case $place in
    docs/ | docs/reference.md | README.md | build/ | target/) ;; # the table has its pages; the API reference's first; itself; built
    *) ok "README.md says what $place is" named "$place" ;;
    esac
done
ok "has the API reference" grep -q aim_run_new "$site/api/aim_8h.html"
ok "loads nothing from another host" eval \
    '! grep -rohE --include="*.html" --exclude-dir=api "<(script|link|img|iframe)[^>]*(src|href)=\"?https?:[^>]*" "$site"'
mistaken() { # mistaken FROM TO - where FROM is TO in a page, the site is refused, and the error names it
    local tree=$scratch/mistaken
    rm -rf "$tree" && mkdir -p "$tree/build/tools" "$tree/build/docs" && ln -s "$PWD/build/tools/site" "$tree/build/tools/site" &&
        cp -r build/docs/html "$tree/build/docs" &&
        ln -s "$PWD"/{*.md,LICENSE,benches,bindings,crates,examples,fuzz,include,packaging,proptest-regressions,src,tests} "$tree" && cp -r docs tools "$tree" &&
        grep -qF "$1" "$tree/docs/web.md" && sed -i "s|$1|$2|" "$tree/docs/web.md" &&
        ! "$tree/tools/site/build" >"$scratch/said" 2>&1 && grep -q nowhere "$scratch/said"
}
ok "a link to a section that is not there fails" mistaken '(aimql.md)' '(aimql.md#nowhere)'
ok "a link to a page that is not there fails" mistaken '(aimql.md)' '(nowhere.md)'
ok "pictures of the terminal are those of the tested screens" tools/pictures --check

# Modules of one folder.
circles() { tests/docs/circles "$@"; }
ok "no modules of a room use each other in a circle" test -z "$(circles src crates/cli/src crates/value/src)"
mkdir -p "$scratch/crate/room"
printf 'mod a;\nmod b;\nmod c;\npub use c::Third;\n' >"$scratch/crate/room/mod.rs"
printf 'use super::{b::{Second, self}, Third};\n' >"$scratch/crate/room/a.rs"
printf 'pub struct Second(super::Third);\n' >"$scratch/crate/room/b.rs"
printf '// super::a\npub struct Third;\n#[cfg(test)]\nmod tests {\n    use super::super::a;\n}\n' >"$scratch/crate/room/c.rs"
ok "uses that go one way are none" test -z "$(circles "$scratch/crate")"
printf 'pub struct Third;\nfn f() { crate::room::a::g() }\n' >"$scratch/crate/room/c.rs"
ok "a circle is found" eval 'circles "$scratch/crate" | grep -q "room: a uses b, c; b uses c; c uses a"'

# The table of rooms in docs/architecture.md, and what the sources say; tests use what they like.
rooms() { awk -F'|' '/^\| `src\/[a-z]*\/` / { gsub(/[`\/ ]|src/, "", $2); gsub(/`/, "", $4); print $2, $4 }' docs/architecture.md; }
serving() { sed -n '/^What serves every room/,/^$/p' docs/architecture.md | grep -oP '`\K[a-z_]+(?=`)' | grep -vx 'process\|aim_value'; }
used_by() {
    find "$1" -name '*.rs' ! -name tests.rs -exec cat {} + | perl -0777 -ne 's{//.*}{}g;
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
upward() { # upward - what a room of the table may use though it stands above it
    rooms | awk '{ row[$1] = NR; line[NR] = $0 } END { for (n in line) { split(line[n], words); for (m = 2; m in words; m++)
        if (words[m] in row && row[words[m]] <= n + 0) print words[1], words[m]; delete words } }'
}
ok "no room of the table may use one above it" test -z "$(upward)"
while read -r room allowed; do
    # shellcheck disable=SC2046,SC2086 # words
    ok "$room uses what the table says" test -z "$(strays $room $allowed $(serving))"
done < <(rooms)
for room in $(serving); do
    # shellcheck disable=SC2046 # words
    ok "$room, which serves all, knows none of them" test -z "$(strays "$room" process $(serving))"
done

# Files of the library that ask what only Linux has; comments and tests may name it.
linux='/proc/|/sys/|F_OFD_|SYS_|memfd|eventfd|O_PATH|O_TMPFILE|libc::fallocate|MADV_(POPULATE|DONTFORK)|SO_PEERCRED|libc::ucred'
linux+='|from_abstract|prctl|sched_setscheduler|TIOCGPTPEER|getrandom|gnu_get|sigtimedwait|fadvise|f_type|os::linux|__rseq'
asks_linux() {
    find src -name '*.rs' ! -name tests.rs | while read -r file; do
        perl -0777 -pe 's{//.*}{}g; s/#\[cfg\(test\)\]\s*mod \w+ \{.*//s' "$file" | grep -E "$linux" >/dev/null && echo "$file"
    done | sort
}
seams() { sed -n "/^## What is Linux's/,\$p" docs/architecture.md | awk -F'|' '/^\| `src/ { print $2 }' | grep -o 'src/[a-z_/]*\.rs' | sort; }
ok "what is Linux's stands where the architecture says" diff <(asks_linux) <(seams)

# Variables of the environment, but for those of tests and between the program's own processes.
variables() { grep -rhoP '"\K(LIB)?AIM_[A-Z_]+(?=")' src crates/cli/src --include='*.rs' | grep -v '^AIM_\(EXEC\|UP\|TEST\)_' | sort -u; }
ok "every variable that is read is on its page" \
    diff <(variables) <(grep -oP '`\K(LIB)?AIM_[A-Z_]+(?=`)' docs/environment.md | sort -u)

# What is static in the library and holds a lock, or may: a child of a fork might find it locked by a thread that it has not got.
locked() { # locked DIRECTORY... - statics of other types than those that are known to be without one
    find "$@" -name '*.rs' ! -path 'src/process/*' ! -name tests.rs -print0 | xargs -0 perl -0777 -ne 's{//.*}{}g;
        while (/\bstatic\s+(?:mut\s+)?(\w+)\s*:\s*([^=;]*)/g) {
            my ($name, $type) = ($1, $2);
            print "$ARGV: $name\n" unless $type =~ /^(\[*Atomic|PerProcess<|Inherited<|SetUp\b|OnceBox<|OnceBool\b|(Ref)?Cell<|\*|&)/;
        }'
}
ok "nothing static is locked" test -z "$(locked src crates/{aimql,value,unicode-names,lmdb-sys}/src)"
# parking_lot's have; that one is contended while the map grows, and then only.
ok "locks have no table of the process" test "$(grep -rl parking_lot src)" = src/store/env/map.rs
printf 'static ONE: AtomicU64 = x;\nfn f() {\n    static TWO: std::sync::\n        Mutex<()> = y;\n}\n' >"$scratch/crate/lock.rs"
ok "a static lock is found" test "$(locked "$scratch/crate")" = "$scratch/crate/lock.rs: TWO"
finish
