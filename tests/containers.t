#!/usr/bin/env bash
# Containers that share a repository: each has process numbers of its own, so that of another's process says nothing,
# and several processes have the same one: the first of each container is 1.
#
# Runs in namespaces of its own (as root, or through a user namespace).
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
declare -A running=() # process by name
trap 'for name in "${!running[@]}"; do end "$name"; done; rm -rf "$scratch"' EXIT

tools probe ledger
as=()
[[ $(id -u) -eq 0 ]] || as=(--map-root-user)

# container NUMBER COMMAND... - runs it in a container of its own, as the process of that number; killing the
# container kills it.
container() {
    exec unshare "${as[@]}" --pid --fork --kill-child=KILL --mount-proc bash -c '
        if (($1 == 1)); then
            shift
            exec "$@"
        fi
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
holds() { # holds NAME - read by a third container, by the first process, as is that of `lasting`
    container $lasting "$scratch/ledger" check "$repo" $(promise "$1")
}
finishes() { # finishes NAME NUMBER COMMAND... - runs it to its end, its output in $scratch/NAME
    local name=$1
    shift
    (container "$@" >"$scratch/$name")
}

repo=$scratch/repo
lasting=1 # its process number
start lasting $lasting "$scratch/ledger" write "$repo"
ok "a container writes" goes_on lasting
seed=${AIM_TEST_SEED:-$RANDOM}
echo "# AIM_TEST_SEED=$seed"
RANDOM=$((seed & 0x7fffffff))
for ((round = 1; round <= 8 * ${AIM_TEST_ROUNDS:-1}; round++)); do
    number=$((round % 2 ? lasting : lasting + 1 + RANDOM % 4))
    start "brief$round" $number "$scratch/ledger" write "$repo"
    ok "round $round: a second one writes beside it, as process $number" goes_on "brief$round"
    sleep "0.$((RANDOM % 10))"
    end "brief$round"
    ok "round $round: the second is killed, the first goes on" goes_on lasting
    ok "round $round: what it flushed is there" holds "brief$round"
    ok "round $round: so is what the first flushed, while it writes" holds lasting
done
ok "a whole run is written beside it, by a process of its number" finishes whole $lasting "$scratch/probe" write "$repo" 1000
ok "and read" finishes read $lasting "$scratch/probe" read "$repo"
ok "every point of it" grep -q "^$(cat "$scratch/whole") loss 1000 " "$scratch/read"
for name in one another; do
    start $name $lasting "$scratch/ledger" write "$repo"
done
for name in one another lasting; do
    ok "three of one number write at the same time ($name)" goes_on $name
done
end lasting
for name in one another; do
    ok "one is killed, $name goes on" goes_on $name
done
end one
ok "a second is killed, another goes on" goes_on another
end another
for name in one another; do
    ok "what $name flushed is there" holds $name
done
ok "what the first flushed is there" holds lasting
ok "afterwards a whole run is written outside" "$scratch/probe" write "$repo" 1000
finish
