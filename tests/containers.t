#!/usr/bin/env bash
# Containers that share a repository: each has process numbers of its own, so that of another's process says nothing.
#
# Runs in namespaces of its own (as root, or through a user namespace).
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
declare -A running=() # process by name
trap 'for name in "${!running[@]}"; do end "$name"; done; rm -rf "$scratch"' EXIT

for name in probe ledger; do
    gcc -std=c99 -Wall -Wextra -Werror -Iinclude "tests/$name.c" -o "build/test/$name" -Lbuild/lib -laim \
        -Wl,-rpath,"$PWD/build/lib" || bail "$name does not compile"
done
as=()
[[ $(id -u) -eq 0 ]] || as=(--map-root-user)

# container NUMBER COMMAND... - runs it in a container of its own, as the process of that number (2 or more); killing
# the container kills it.
container() {
    exec unshare "${as[@]}" --pid --fork --kill-child=KILL --mount-proc bash -c '
        for ((used = 2; used < $1; used++)); do (:); done
        shift
        "$@"
        exit' container "$@"
}
start() { # start NAME NUMBER COMMAND... - the same in the background, its output in $scratch/NAME
    local name=$1
    shift
    container "$@" >"$scratch/$name" 2>"$scratch/$name.log" &
    running[$name]=$!
}
end() { # end NAME - kills it
    kill -KILL "${running[$1]}"
    wait "${running[$1]}" 2>/dev/null
    unset "running[$1]"
}
flushes() { grep -c ^flushed "$scratch/$1"; }
promise() { # promise NAME - hash and number of points of its last flush
    local word rest last=
    while read -r word rest; do [[ $word == flushed ]] && last=$rest; done <"$scratch/$1"
    echo "$last"
}
goes_on() { # goes_on NAME - it flushes again
    local before tries
    before=$(flushes "$1")
    for ((tries = 0; tries < 100; tries++)); do
        [[ $(flushes "$1") -gt $((before + 1)) ]] && return
        sleep 0.1
    done
    cat "$scratch/$1.log"
    return 1
}
# shellcheck disable=SC2046
holds() { # holds NAME - read by a third container
    container $((lasting + 5)) build/test/ledger check "$repo" $(promise "$1")
}

repo=$scratch/repo
lasting=2 # its process number
start lasting $lasting build/test/ledger write "$repo"
ok "a container writes" goes_on lasting
seed=${AIM_TEST_SEED:-$RANDOM}
echo "# AIM_TEST_SEED=$seed"
RANDOM=$((seed & 0x7fffffff))
for ((round = 1; round <= 8 * ${AIM_TEST_ROUNDS:-1}; round++)); do
    start "brief$round" $((lasting + 1 + RANDOM % 4)) build/test/ledger write "$repo"
    ok "round $round: a second one writes beside it" goes_on "brief$round"
    sleep "0.$((RANDOM % 10))"
    end "brief$round"
    ok "round $round: the second is killed, the first goes on" goes_on lasting
    ok "round $round: what it flushed is there" holds "brief$round"
done
ok "the first still writes" goes_on lasting
end lasting
ok "what the first flushed is there" holds lasting
ok "afterwards a whole run is written" build/test/probe write "$repo" 1000
finish
