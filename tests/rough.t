#!/usr/bin/env bash
# Rough hosts are killed at random, time and again: nothing that was acknowledged is lost, doubled or bent.
# AIM_TEST_ROUNDS multiplies the kills.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
kills=$((${AIM_TEST_ROUNDS:-1} * 40))
gcc -std=gnu11 -O1 -Wall -Wextra -Werror -Iinclude tests/rough.c -o "$scratch/rough" -Lbuild/lib -laim -lm \
    -Wl,-rpath,"$PWD/build/lib" || bail "rough does not compile"
rough=$scratch/rough repo=$scratch/repo
RANDOM=${AIM_TEST_SEED:-$$}
echo "# AIM_TEST_SEED=$RANDOM"

declare -A process=()
books=0 unexpected=0
start() { # start SLOT BOOK
    book[$1]=$2
    "$rough" run "$repo" "$scratch/book.$2" $RANDOM 2>>"$scratch/errors" &
    process[$1]=$!
}
declare -A book=() lives=()
for slot in 1 2 3; do
    start $slot $((++books))
    lives[$slot]=1
done
"$rough" delete "$repo" 2>/dev/null &
deleter=$!
for ((kill = 0; kill < kills; kill++)); do
    sleep "0.0$((RANDOM % 90 + 10))"
    slot=$((RANDOM % 3 + 1))
    kill -KILL "${process[$slot]}" 2>/dev/null
    wait "${process[$slot]}" 2>/dev/null
    # It may have been killed, not have ended by itself.
    status=$?
    [[ $status -eq 137 ]] || { echo "# it ended with $status" && unexpected=$((unexpected + 1)); }
    if ! kill -0 "$deleter" 2>/dev/null; then
        "$rough" delete "$repo" 2>/dev/null &
        deleter=$!
    fi
    if ((lives[$slot]++ % 8 == 0)); then start $slot $((++books)); else start $slot "${book[$slot]}"; fi
done
{ kill -KILL "${process[@]}" "$deleter" && wait "${process[@]}" "$deleter"; } 2>/dev/null
[[ ! -s $scratch/errors ]] || sed 's/^/# /' "$scratch/errors" | sort | uniq -c | head
ok "no program ended by itself in $kills kills" test $unexpected -eq 0

points=0 checked=0
for ((n = 1; n <= books; n++)); do
    # One that was killed before it had a run has nothing to check.
    [[ -s $scratch/book.$n && -n $(head -c 1 "$scratch/book.$n" | tr -d '\0') ]] || continue
    ok "run $n has all that was acknowledged" eval '"$rough" check "$repo" "$scratch/book.$n" >"$scratch/points" || ! cat "$scratch/points"'
    checked=$((checked + 1))
    points=$((points + $(tail -n 1 "$scratch/points" | grep -E '^[0-9]+$' || echo 0)))
done
ok "runs were written" test $checked -gt 0 -a $points -gt 10000
echo "# $kills kills, $checked runs, $points points read back"
finish
