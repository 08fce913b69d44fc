#!/usr/bin/env bash
# The library for 64-bit ARM, compiled here; programs that use it run in qemu's emulation of such a process.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

target=aarch64-unknown-linux-gnu
sysroot=/usr/aarch64-linux-gnu
library=target/$target/quick
# What qemu does not emulate: seccomp filters, pages that a fork wipes, signals at any instruction, limits on files; and what
# is told of the process, which is qemu's.
left_out='callbacks|descriptors|fork|handlers|off|process|signals'

build() {
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
        cargo rustc --profile quick --locked --target "$target" --lib --crate-type cdylib,staticlib
}

compile() { # compile SOURCE PROGRAM FLAG...
    aarch64-linux-gnu-gcc -std=gnu11 -O1 -Wall -Wextra -Werror -pthread -Iinclude "$1" -o "$scratch/$2" -L"$library" -laim -lm "${@:3}"
}

emulated() { # emulated PROGRAM ARGUMENT...
    qemu-aarch64 -L "$sysroot" -E LD_LIBRARY_PATH="$PWD/$library:$sysroot/lib" "$scratch/$1" "${@:2}"
}

passes() { emulated "$1" >"$scratch/$1.out" && ! grep "^not ok" "$scratch/$1.out"; }

rustup target add "$target" >/dev/null 2>&1 || bail "rustup cannot install Rust's library for $target"
build 2>"$scratch/built" || bail "the library does not build: $(tail -n 5 "$scratch/built")"
ln -sf libaim.so "$library/$(readelf -d "$library/libaim.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')"
ok "the library is one for ARM" grep -q 'Machine: *AArch64' <(readelf -h "$library/libaim.so")
for source in tests/c/*.c; do
    name=$(basename "$source" .c)
    ok "$name compiles" compile "$source" "$name"
    [[ $name =~ ^($left_out)$ ]] || ok "$name passes" passes "$name"
done

# One repository, two machines.
tools probe
ok "probe compiles" compile tests/probe.c arm
ok "ARM writes a run" eval 'emulated arm write "$scratch" 5000 >"$scratch/hash"'
ok "it is read here" grep -q "^$(cat "$scratch/hash") loss 5000 " <("$scratch/probe" read "$scratch")
"$scratch/probe" write "$scratch" 700 >"$scratch/here" || bail "cannot write"
ok "what is written here is read on ARM" grep -q "^$(cat "$scratch/here") loss 700 " <(emulated arm read "$scratch")
finish
