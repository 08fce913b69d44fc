#!/usr/bin/env bash
# A build without the parts that a build may be without: what needs them says so, all else is as ever; and the usual build,
# which has them.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

bare=build/features/quick
builds() { cargo build --profile quick --locked --lib --no-default-features --target-dir build/features; }
ok "a build without features" builds
exported() { nm -D --defined-only "$1" | awk '{ print $3 }' | sort; }
ok "it exports the same functions" diff <(exported build/lib/libaim.so) <(exported $bare/libaim.so)
ok "it holds neither libgit2 nor NVML" eval '! strings -n 12 $bare/libaim.so | grep -E "libnvidia-ml|safe\.directory"'
git init --quiet "$scratch/work" && git -C "$scratch/work" -c user.name=a -c user.email=a@localhost commit --quiet --allow-empty -m first
has() { # has LIBRARY-DIRECTORY PART...
    local lib
    lib=$(realpath "$1")
    # That build has no link of the SONAME's.
    ln -sf "$lib/libaim.so" "$scratch/libaim.so.0" && ln -sf libaim.so.0 "$scratch/libaim.so" &&
        gcc -std=gnu99 -Wall -Wextra -Werror -Iinclude -Itests tests/features/features.c -o "$scratch/features" \
            -L"$scratch" -laim -Wl,-rpath,"$scratch" &&
        (cd "$scratch/work" && ../features "$(mktemp -d "$scratch/repo-XXXXXX")" "${@:2}")
}
ok "it says what is missing, and works" has $bare
ok "the usual build has everything" has build/lib arrow git gpu terminal
finish
