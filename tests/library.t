#!/usr/bin/env bash
# The built library as a file: symbols, dependencies, size, installation, linking.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

lib=build/lib/libaim.so
readonly size_limit=6000000 # bytes, stripped

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
ok "has a SONAME" grep -Eq 'SONAME.*\[libaim\.so\.[0-9]+\]' <(readelf -d "$lib")
ok "stays loaded (-z nodelete)" grep -q NODELETE <(readelf -d "$lib")
ok "has no executable stack" grep -Eq 'GNU_STACK.* RW ' <(readelf -lW "$lib")
strip -o "$scratch/stripped.so" "$lib"
ok "is smaller than $size_limit bytes when stripped" test "$(stat -c %s "$scratch/stripped.so")" -lt "$size_limit"
echo "# stripped: $(stat -c %s "$scratch/stripped.so") bytes"

# An installed copy serves pkg-config, plain flags and the static library.
ok "make install" make --no-print-directory install DESTDIR="$scratch/stage" PREFIX=/opt/aim
prefix=$scratch/stage/opt/aim
for file in lib/libaim.so lib/libaim.so.0 lib/libaim.so.0.1.0 lib/libaim.a include/aim.h lib/pkgconfig/aim.pc; do
    ok "installs $file" test -s "$prefix/$file"
done
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
ok "pkg-config knows the version" test "$(pkg-config --modversion aim)" = "$(sed -n 's/^#define AIM_VERSION "\(.*\)"/\1/p' include/aim.h)"

links() { # links NAME FLAGS... - compiles hello.c with the flags and runs it
    local name=$1
    shift
    gcc -std=c99 examples/c/hello.c -o "$scratch/$name" "$@" || return
    (cd "$scratch" && LD_LIBRARY_PATH=$prefix/lib "./$name")
}
read -ra flags < <(pkg-config --define-prefix --cflags --libs aim)
ok "links with pkg-config" links by_pkg_config "${flags[@]}"
ok "links with plain flags" links plain "-I$prefix/include" "-L$prefix/lib" -laim
read -ra flags < <(pkg-config --static --libs-only-l aim)
ok "links statically" links static "-I$prefix/include" "$prefix/lib/libaim.a" "${flags[@]:1}"

finish
