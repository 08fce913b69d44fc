#!/usr/bin/env bash
# The built library, and the program, as files: symbols, dependencies, size, installation, linking.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

lib=build/lib/libaim.so
program=build/bin/libaim
readonly size_limit=7000000 program_limit=12000000 # bytes, of the library without its symbols

exported() { nm -D --defined-only "$lib" | awk '{ print $3 }'; }
only_ours() {
    exported | grep -v '^aim_' && return 1
    exported | grep -q '^aim_run_new$'
}
declared() { grep -oE '\baim_[a-z0-9_]+\(' include/aim.h | tr -d '(' | sort -u; }
needed() { readelf -d "$lib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
only_system() { ! needed | grep -Ev '^(libc|libm|libpthread|libdl|librt|libgcc_s|ld-linux-[a-z0-9-]+)\.so(\.[0-9]+)?$'; }

ok "exports nothing but aim_*" only_ours
ok "exports what the header declares" diff <(declared) <(exported | sort)
ok "needs nothing but the C library" only_system
refuses() { # refuses TEXT COMPILER... - the first error for the header on standard input says so
    local text=$1
    shift
    errors=$("$@" -fsyntax-only -Iinclude -Ibindings/cpp - 2>&1) && return 1
    [[ $(grep -m 1 "error:" <<<"$errors") == *"$text"* ]]
}
ok "aim.h says that it needs C99" refuses "aim.h needs C99" gcc -std=c89 -xc <<<'#include <aim.h>'
ok "aim.h is for gnu89 too" gcc -std=gnu89 -Wall -Werror -fsyntax-only -Iinclude -xc - <<<'#include <aim.h>'
ok "aim.hpp says that it needs C++17" refuses "aim.hpp needs C++17" g++ -std=c++14 -xc++ <<<'#include <aim.hpp>'
ok "has a SONAME" grep -Eq 'SONAME.*\[libaim\.so\.[0-9]+\]' <(readelf -d "$lib")
ok "stays loaded (-z nodelete)" grep -q NODELETE <(readelf -d "$lib")
ok "has no executable stack" grep -Eq 'GNU_STACK.* RW ' <(readelf -lW "$lib")
archive=build/lib/libaim.a
foreign_globals() { nm --defined-only --extern-only "$archive" | awk 'NF == 3 && $3 !~ /^aim_/' | grep .; }
bitcode() { readelf -SW "$archive" | grep -E ' \.llvm(bc|cmd) '; }
ok "the static library defines nothing but aim_*" eval '! foreign_globals'
ok "the static library exports what the header declares" \
    diff <(declared) <(nm --defined-only --extern-only "$archive" | awk 'NF == 3 { print $3 }' | sort)
ok "the static library is machine code" eval '! bitcode'
ok "a build from any directory has the LMDB of this tree" eval '(cd / && cargo metadata --offline --filter-platform x86_64-unknown-linux-gnu --format-version 1 \
    --manifest-path "$OLDPWD/Cargo.toml") | grep -q "\"name\":\"lmdb-rkv-sys\",\"version\":\"[0-9.]*\",\"id\":\"path+"'
strip -o "$scratch/stripped.so" "$lib"
ok "is smaller than $size_limit bytes when stripped" test "$(stat -c %s "$scratch/stripped.so")" -lt "$size_limit"
echo "# stripped: $(stat -c %s "$scratch/stripped.so") bytes"
ok "the program is no larger than $program_limit bytes" test "$(stat -c %s "$program")" -le "$program_limit"
echo "# the program: $(stat -c %s "$program") bytes"
ok "it runs" eval '"$program" --version | grep -q "^libaim [0-9]"'
ok "the program is position-independent" grep -q 'Type: *DYN' <(readelf -h "$program")
ok "the program asks the C library for nothing that came in 2022" eval '! readelf -VW "$program" | grep -q GLIBC_ABI_DT_RELR'

# An installed copy serves pkg-config, plain flags and the static library.
ok "make install" make --no-print-directory install DESTDIR="$scratch/stage" PREFIX=/opt/aim
prefix=$scratch/stage/opt/aim
version=$(sed -n 's/^#define AIM_VERSION "\(.*\)"/\1/p' include/aim.h)
for file in lib/libaim.so lib/libaim.so.0 "lib/libaim.so.$version" lib/libaim.a include/aim.h lib/pkgconfig/aim.pc; do
    ok "installs $file" test -s "$prefix/$file"
done
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
ok "pkg-config knows the version" test "$(pkg-config --modversion aim)" = "$version"

# A row of the README's table, as it stands there, in a directory with train.c.
readme() { # readme NAME
    local line
    line=$(sed -n "s/^| $1 | \`\(.*\)\` |\$/\1/p" README.md)
    [[ -n $line ]] || return
    mkdir -p "$scratch/$1" && cp examples/c/hello.c "$scratch/$1/train.c" || return
    (cd "$scratch/$1" && bash -c "${line//PREFIX/$prefix}" && ./a.out)
}
ok "links as the README says, with pkg-config" readme pkg-config
ok "links as the README says, with plain flags" readme plain
ok "links as the README says, statically" readme "the static library"

# A program that has functions of the names that the library's parts use.
cat >"$scratch/names.c" <<'END'
#include <aim.h>
int crc32(void) { return 1; }
int inflate(void) { return 2; }
int git_repository_open(void) { return 3; }
int mdb_env_open(void) { return 4; }
int rust_eh_personality(void) { return 5; }
int main(void)
{
    aim_run *run = NULL;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = ".";
    int failed = aim_run_new(&options, &run, NULL) != AIM_OK || aim_run_close(run, NULL) != AIM_OK;
    aim_run_free(run);
    return failed || crc32() + inflate() + git_repository_open() + mdb_env_open() + rust_eh_personality() != 15;
}
END
has_names() { # has_names COMPILER FLAGS...
    local compiler=$1
    shift
    command -v "$compiler" >/dev/null || return
    "$compiler" "$scratch/names.c" -o "$scratch/names" "$@" -I"$prefix/include" $(pkg-config --variable=static aim) &&
        (cd "$scratch" && ./names)
}
ok "a program with its own zlib, libgit2 and LMDB links statically" has_names gcc
ok "the static library links with -flto" has_names gcc -flto

finish
