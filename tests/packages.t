#!/usr/bin/env bash
# What is handed on: Debian packages, installed into a copy of this system's files; a wheel whose tag is true; an artifact of
# Julia's package manager; recipes; and a release, made in a copy. tests/install tries `make install` and `make dist`.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
source=$PWD
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# Debian.
ok "make deb" make --no-print-directory deb
ok "there are three packages" test "$(find build/deb -name '*.deb' | wc -l)" -eq 3
ok "lintian finds nothing" lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs build/deb/*.changes

# system COMMAND... - in the files of this system, on which what is written is gone at the end.
system() {
    mkdir -p "$scratch/system"
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private bash -euc '
        top=$1 source=$2
        shift 2
        mount -t tmpfs none "$top"
        mkdir "$top/upper" "$top/work" "$top/root"
        mount -t overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" none "$top/root"
        mount --bind "$source" "$top/root/mnt"
        mount --bind /proc "$top/root/proc"
        mount --bind /dev "$top/root/dev"
        mount -t tmpfs none "$top/root/tmp"
        chroot "$top/root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
    ' system "$scratch/system" "$source" "$@"
}
ok "the packages are installed, used and removed" system bash -euxc '
    dpkg --install /mnt/build/deb/*.deb
    cd /tmp
    cc -std=c99 /mnt/examples/c/hello.c -o hello $(pkg-config --cflags --libs aim)
    ./hello
    libaim ls | grep -q hello
    c++ -std=c++17 -x c++ - -o reads $(pkg-config --cflags --libs aim) <<END
#include <aim.hpp>
int main() { return aim::Repo(".").query_metrics("metric.name == \"loss\"").size() != 1; }
END
    ./reads
    cc -std=c99 /mnt/examples/c/hello.c -o static $(pkg-config --cflags aim) $(pkg-config --variable=static aim)
    ./static
    test -s /usr/share/man/man1/libaim.1.gz
    test -s /usr/share/doc/libaim0/THIRD-PARTY-NOTICES.gz
    dpkg --purge libaim-bin libaim-dev libaim0
    test ! -e /usr/bin/libaim -a ! -e /usr/include/aim.h'
ok "and nothing of that is left" test ! -e /usr/share/doc/libaim0

# Python: as `make wheel`, in a place of its own, since the suite install packs what lies in build/portable, and built as there.
packs_wheel() { PROFILE=${AIM_TEST_PROFILE:-quick} tools/portable "$scratch/portable" && tools/wheel "$scratch/portable" >"$scratch/wheel"; }
ok "the wheel is packed" packs_wheel
wheel=$(tail -n 1 "$scratch/wheel")
ok "its tag says what its symbols need: glibc 2.17" eval '[[ $wheel == *-manylinux_2_17_$(uname -m).whl ]]'
uses_wheel() {
    python3 -m venv "$scratch/venv" && "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "$wheel" &&
        (cd "$scratch" && venv/bin/python -c 'from libaim import Repo, Run
run = Run(repo="runs", experiment="wheel")
run.track(1.5, name="loss", step=0)
run.close()
assert [m.columns().values.tolist() for m in Repo("runs").query_metrics("metric.name == \"loss\"")] == [[1.5]]')
}
ok "it is installed and used" uses_wheel
ok "it has the notices of third parties" eval 'grep -q "Howard Chu" "$scratch"/venv/lib/python3*/site-packages/libaim/THIRD-PARTY-NOTICES'

# Julia: an artifact that Pkg fetches.
artifact() {
    tools/julia-artifact build/lib "$scratch/artifact" "file://$scratch/artifact" && cp -r bindings/julia "$scratch/Aim" &&
        cp "$scratch/artifact/Artifacts.toml" "$scratch/Aim" &&
        (cd "$scratch" && env -u LIBAIM JULIA_PKG_SERVER= JULIA_DEPOT_PATH="$scratch/depot" julia --startup-file=no --project="$scratch/Aim" -e '
            using Pkg.Artifacts
            ensure_artifact_installed("libaim", joinpath("Aim", "Artifacts.toml"))
            using Aim
            run = Run(repo="runs", experiment="artifact")
            track!(run, "loss", 2.5; step=0)
            close(run)
            println(Aim.version())')
}
ok "Julia's package manager brings the library" artifact
ok "and the notices of third parties" eval 'grep -q "Howard Chu" "$scratch"/depot/artifacts/*/share/licenses/libaim/THIRD-PARTY-NOTICES'

# Recipes.
names_version() { grep -qF "$2" "$1"; }
ok "the conda recipe has this version" names_version packaging/conda/recipe.yaml "version: \"$version\""
ok "the Spack recipe has it" names_version packaging/spack/package.py "version(\"$version\""
ok "the vcpkg port has it" names_version packaging/vcpkg/libaim/vcpkg.json "\"version\": \"$version\""
renders_conda() {
    local venv=build/tools/rattler
    [[ -x $venv/bin/python ]] || python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check py-rattler-build==0.73.0 &&
        "$venv/bin/python" tests/packages/conda.py packaging/conda/recipe.yaml "$version"
}
ok "rattler-build renders the conda recipe" renders_conda
ok "the Spack recipe is Python" python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' packaging/spack/package.py
ok "the vcpkg port is JSON" python3 -m json.tool packaging/vcpkg/libaim/vcpkg.json
vcpkg=$scratch/vcpkg
ok "the vcpkg port is built" cmake -DINTO="$vcpkg" -P tests/packages/vcpkg.cmake
ok "its copyright has the notices of third parties" grep -q "Howard Chu" "$vcpkg/share/libaim/copyright"
in_vcpkg() { # a project that finds the package as vcpkg lets it
    mkdir "$scratch/project" && printf '%s\n' 'cmake_minimum_required(VERSION 3.15)' 'project(hello C)' \
        'find_package(aim REQUIRED)' "add_executable(hello $source/examples/c/hello.c)" \
        'target_link_libraries(hello aim::aim)' >"$scratch/project/CMakeLists.txt" &&
        cmake -S "$scratch/project" -B "$scratch/project/build" -DCMAKE_PREFIX_PATH="$vcpkg" &&
        cmake --build "$scratch/project/build" && (cd "$scratch/project" && build/hello)
}
ok "a project finds it" in_vcpkg

# What both lock files name, they name alike.
locked() { sed -n '/^name = /{N;s/name = "\(.*\)"\nversion = "\(.*\)"/\1 \2/p}' "$1" | sort; }
strangers() { comm -13 <(locked Cargo.lock) <(locked fuzz/Cargo.lock) | cut -d' ' -f1 | grep -xF -f <(locked Cargo.lock | cut -d' ' -f1); }
ok "the fuzz targets are built of what the library is" test -z "$(strangers)"
ok "and of nothing that their lock file does not name" cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml

# A release, of what is committed here, in a copy; what is built is taken along.
release() { (cd "$scratch/tree" && tools/release "$@" >"$scratch/said" 2>&1); }
refuses_release() { # refuses_release TEXT ARGUMENT...
    ! release "${@:2}" && grep -qF "$1" "$scratch/said"
}
git clone --quiet --shared . "$scratch/tree"
git -C "$scratch/tree" config user.name tests && git -C "$scratch/tree" config user.email tests@localhost
mkdir "$scratch/tree/build" && ln -s "$source/build/lib" "$scratch/tree/build/lib"
ok "a release is tried in a copy" release --dry-run 9.8.7
copy=$scratch/tree/build/release/copy
in_copy() { (cd "$copy" && "$@"); }
ok "it is committed and tagged, for Go too" diff <(in_copy git tag --points-at HEAD) <(printf 'bindings/go/v9.8.7\nv9.8.7\n')
nothing_left() { local left && left=$(in_copy git status --porcelain --untracked-files=no) && [[ -z $left ]]; }
ok "nothing is left to commit" nothing_left
ok "the lock file goes with it" in_copy cargo metadata --locked --offline --format-version 1
ok "so does that of the fuzz targets" in_copy cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml
ok "the header has the version" grep -qx '#define AIM_VERSION "9.8.7"' "$copy/include/aim.h"
old_version() { in_copy grep -rlF "$version" include bindings/julia/src bindings/julia/Project.toml bindings/fortran/aim/c.f90 \
    packaging/conda packaging/vcpkg; }
ok "no file that is published has the old one" eval 'old_version; [[ $? -eq 1 ]]'
ok "its binary interface is recorded" in_copy tests/abi/check include/aim.h
ok "the changelog says when" grep -qE '^## \[9\.8\.7\] - 20[0-9]{2}-[0-9]{2}-[0-9]{2}$' "$copy/CHANGELOG.md"
as_it_was() { [[ -d $copy && -z $(git -C "$scratch/tree" tag --list "*9.8.7") && -z $(git -C "$scratch/tree" status --porcelain) ]]; }
ok "the tree itself is as it was" as_it_was
# As a packing that breaks off would have it: it ends with an error.
fails_to_pack() {
    mkdir "$scratch/failing" && printf '#!/bin/sh\n[ "$1" = all ]\n' >"$scratch/failing/make" && chmod +x "$scratch/failing/make" &&
        ! PATH=$scratch/failing:$PATH release 9.8.7 && [[ -d $scratch/tree/build/release ]]
}
ok "a release whose packing fails" fails_to_pack
unreleased() {
    [[ $(git -C "$scratch/tree" rev-parse HEAD) == $(git rev-parse HEAD) &&
        -z $(git -C "$scratch/tree" tag --list "*9.8.7") && -z $(git -C "$scratch/tree" status --porcelain) ]]
}
ok "leaves the tree as it was, without a tag" unreleased
ok "an older version is refused" refuses_release 'older than' --dry-run 0.0.1
ok "what is no version is refused" refuses_release 'MAJOR.MINOR.PATCH' --dry-run tomorrow
echo "/* changed */" >>"$scratch/tree/include/aim.h"
ok "changes that are not committed are refused" refuses_release 'commit them first' --dry-run 9.8.7
finish
