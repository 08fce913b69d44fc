# TAP for shell tests: source it, call `ok NAME COMMAND...` for every check and `finish` at the end.

tap_count=0 tap_failed=0

# ok NAME COMMAND... - the check passes if the command succeeds; its output is shown only if it fails.
ok() {
    local name=$1 output
    shift
    tap_count=$((tap_count + 1))
    if output=$("$@" 2>&1); then
        echo "ok $tap_count - $name"
    else
        local status=$?
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $name"
        sed 's/^/#   /' <<<"$* gave $status: ${output:-nothing}"
    fi
}

finish() {
    echo "1..$tap_count"
    [[ $tap_failed -eq 0 ]]
    exit
}

bail() {
    echo "Bail out! $*"
    exit 1
}

# tools NAME... - compiles tests/NAME.c into the scratch directory, linked to build/lib.
tools() {
    local name
    for name in "$@"; do
        gcc -std=c99 -Wall -Wextra -Werror -Iinclude "tests/$name.c" -o "$scratch/$name" -Lbuild/lib -laim \
            -Wl,-rpath,"$PWD/build/lib" || bail "$name does not compile"
    done
}

# A directory of the test's own, removed at the end.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || bail "no scratch directory"
trap 'rm -rf "$scratch"' EXIT
