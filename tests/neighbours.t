#!/usr/bin/env bash
# What goes on around a repository while programs use it: it is removed, moved or replaced, its files are links, FIFOs or
# full of holes, processes that write to it are stopped, files may not grow, and memory is short.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh
export TMPDIR=$scratch
tools probe ledger lean scarce
probe=$scratch/probe ledger=$scratch/ledger lean=$scratch/lean

status() { echo $((10 + $(awk -v name="AIM_ERR_$1" '$1 == "#define" && $2 == name { print $3 }' include/aim.h))); }
fails() { # fails STATUSES PATTERN COMMAND...
    local names=$1 pattern=$2 output got name
    shift 2
    output=$("$@" 2>&1 </dev/null)
    got=$?
    echo "exit $got: $output"
    for name in ${names//|/ }; do
        [[ $got -eq $(status "$name") ]] && grep -Eqi -- "$pattern" <<<"$output" && return 0
    done
    return 1
}
in_time() { timeout 10 "$@"; }
# steady NAME REPO MS - tracks a point every so many milliseconds; `ask NAME` flushes and gives the answer
steady() {
    mkfifo "$scratch/$1.in"
    "$ledger" steady "$2" "$3" <"$scratch/$1.in" >"$scratch/$1.out" 2>"$scratch/$1.log" &
    process=$!
    exec {input}>"$scratch/$1.in"
    ask "$1" >/dev/null
}
ask() { # prints the line that the next flush gives
    local before tries
    before=$(wc -l <"$scratch/$1.out")
    echo >&"$input"
    for ((tries = 0; tries < 200; tries++)); do
        [[ $(wc -l <"$scratch/$1.out") -gt $before ]] && break
        sleep 0.05
    done
    tail -n 1 "$scratch/$1.out"
}
end() { # end NAME - at the end of its input it closes the run; gives its status
    exec {input}>&-
    wait "$process"
}

# --- removed under a trainer
for how in rm replace; do
    repo=$scratch/$how
    mkdir "$repo"
    "$probe" write "$repo" 1000 >/dev/null
    steady $how "$repo" 1
    ok "$how: it is written before" grep -q '^flushed' <(ask $how)
    case $how in
    rm) rm -rf "$repo/.aim" ;;
    replace)
        "$probe" write "$scratch/other" 10 >/dev/null
        rm -rf "$repo/.aim" && cp -r "$scratch/other/.aim" "$repo/.aim"
        ;;
    esac
    answer=$(ask $how)
    ok "$how: a flush says that it was removed" grep -Eq "^error 3: .*$how/.aim.*removed.*saved in $repo/aim-rescued" <<<"$answer"
    rescued=$(sed 's/.* saved in //' <<<"$answer")
    sleep 0.3
    ok "$how: so does the next" grep -Eq "^error 3: .*removed" <(ask $how)
    end $how
    ok "$how: so does the close" test $? -ne 0
    # shellcheck disable=SC2046
    ok "$how: every point that was accepted is saved" "$ledger" check "$rescued" $(sed -n 's/^tracked //p' "$scratch/$how.out")
    ok "$how: so are older runs" grep -q ' loss 1000 ' <("$probe" read "$rescued")
done
ok "the other repository is not touched" test "$("$probe" read "$scratch/replace" | wc -l)" -eq 1
ok "and is written to" "$probe" write "$scratch/replace" 10
# Without a value to commit the next call tells, too.
steady idle "$scratch/idle" 100000
rm -rf "$scratch/idle"
ok "removed with its directory: a flush says so" grep -q "^error 3: .*removed.*saved in" <(ask idle)
end idle
steady journal "$scratch/journal" 1
rm -rf "$scratch/journal/.aim/journal"
ok "the journals removed: a flush says so" grep -q "^error 3: .*journal.* was removed.*stored" <(ask journal)
end journal
# shellcheck disable=SC2046
ok "the journals removed: what was tracked is stored" "$ledger" check "$scratch/journal" $(sed -n 's/^tracked //p' "$scratch/journal.out")
steady moved "$scratch/moved" 1
mv "$scratch/moved" "$scratch/elsewhere"
ok "moved: it goes on" grep -q '^flushed' <(ask moved)
end moved
# shellcheck disable=SC2046
ok "moved: with its points where it is now" "$ledger" check "$scratch/elsewhere" $(sed -n 's/^tracked //p' "$scratch/moved.out")
ok "moved: and says where" grep -q "moved.*elsewhere" "$scratch/moved.log"

# --- LMDB's lock file is cut short while it is mapped
steady cut "$scratch/cut" 1
truncate -s 0 "$scratch/cut/.aim/lmdb/lock.mdb"
ok "lock.mdb cut short: an error, not a signal" grep -q "^error 9: .*lock.mdb was cut short" <(ask cut)
end cut
ok "lock.mdb cut short: the close is an error too" test $? -lt 128
# shellcheck disable=SC2046
ok "lock.mdb cut short: what was tracked is brought in by the next" \
    "$ledger" check "$scratch/cut" $(sed -n 's/^tracked //p' "$scratch/cut.out")

# --- files that are something else
"$probe" write "$scratch/good" 5000 >/dev/null
fresh() { # fresh NAME - a copy of a good repository
    rm -rf "${scratch:?}/$1"
    cp -r "$scratch/good" "$scratch/$1"
}
for file in data.mdb lock.mdb data.stamp writers.lock; do
    fresh odd
    rm -f "$scratch/odd/.aim/lmdb/$file" && mkfifo "$scratch/odd/.aim/lmdb/$file"
    for use in "write $scratch/odd 10" "read $scratch/odd" "salvage $scratch/odd $scratch/into.$file"; do
        # shellcheck disable=SC2086
        ok "$file is a FIFO: ${use%% *} ends" bash -c 'timeout 10 "$@" </dev/null; (($? < 64))' use "$probe" $use
    done
    fresh odd
    echo precious >"$scratch/precious"
    rm -f "$scratch/odd/.aim/lmdb/$file" && ln -s "$scratch/precious" "$scratch/odd/.aim/lmdb/$file"
    "$probe" write "$scratch/odd" 10 >"$scratch/odd.out" 2>&1
    got=$?
    ok "$file is a link: what it points to is not touched" test "$(cat "$scratch/precious")" = precious
    ln -sf "$scratch/nothing" "$scratch/odd/.aim/lmdb/$file"
    "$probe" write "$scratch/odd" 10 >>"$scratch/odd.out" 2>&1
    ok "$file is a dangling link: nothing is made" test ! -e "$scratch/nothing"
    [[ $file == data.stamp ]] ||
        ok "$file is a link: the error says so" grep -q "lmdb/$file is a symbolic link" "$scratch/odd.out"
done
for directory in lmdb journal; do
    fresh odd
    mv "$scratch/odd/.aim/$directory" "$scratch/odd/$directory" && ln -s "../$directory" "$scratch/odd/.aim/$directory"
    ok "$directory is a link: it is refused" fails 'INVALID_ARGUMENT' "$directory is a symbolic link" "$probe" write "$scratch/odd" 10
done
fresh linked
mv "$scratch/linked/.aim" "$scratch/linked/scratch" && ln -s scratch "$scratch/linked/.aim"
ok ".aim as a whole may be a link" "$probe" write "$scratch/linked" 10

# --- a file full of holes
fresh sparse
truncate -s 256G "$scratch/sparse/.aim/lmdb/data.mdb"
dd if=/dev/urandom of="$scratch/sparse/.aim/lmdb/data.mdb" bs=4096 seek=3 count=1 conv=notrunc status=none
ok "256 GiB of holes: salvaged in time" timeout 30 "$probe" salvage "$scratch/sparse" "$scratch/sparse.new"
ok "256 GiB of holes: with what is in it" "$probe" read "$scratch/sparse.new"

# --- a stamp that lies: what can harm at once is found all the same
fresh forged
dd if=/dev/zero of="$scratch/forged/.aim/lmdb/data.mdb" bs=4096 seek=2 count=100 conv=notrunc status=none
cp -p "$scratch/good/.aim/lmdb/data.stamp" "$scratch/forged/.aim/lmdb/data.stamp"
ok "a stamp from elsewhere speaks of another file" fails CORRUPT 'data.mdb' "$probe" read "$scratch/forged"

# --- a process that is stopped while it writes
"$ledger" write "$scratch/stopped" >"$scratch/busy.out" 2>&1 &
busy=$!
until [[ -s $scratch/busy.out || ! -d /proc/$busy ]]; do sleep 0.05; done
met=0
for ((round = 0; round < 12; round++)); do
    kill -STOP $busy
    timeout 10 "$probe" write "$scratch/stopped" 10 >/dev/null 2>"$scratch/stopped.log"
    got=$?
    case $got in
    0) ;;
    "$(status BUSY)")
        met=$((met + 1))
        ok "stopped ($round): the error names who" grep -q "process $busy (ledger), which is stopped" "$scratch/stopped.log"
        ;;
    *) ok "stopped ($round): status $got" cat "$scratch/stopped.log" /dev/null/none ;;
    esac
    ok "stopped ($round): reading ends" in_time "$probe" read "$scratch/stopped"
    kill -CONT $busy
    sleep 0.0$((round * 7 % 10))
done
ok "it was met in a commit" test $met -gt 0
kill -KILL $busy
wait $busy 2>/dev/null
ok "afterwards it is written" in_time "$probe" write "$scratch/stopped" 10

# --- files may not grow
for blocks in 3 100 1000 8000; do
    repo=$scratch/small-$blocks
    ok "ulimit -f $blocks: no signal, and FULL with the path" \
        fails FULL "small-$blocks/.aim" bash -c "ulimit -f $blocks; exec $probe write $repo 2000000"
done
ok "then it is read" "$probe" read "$scratch/small-8000"

# --- memory is short
mkdir "$scratch/little"
ok "what there is no memory for is an error of its call, and the rest goes on" "$lean" "$scratch/little"

mkdir "$scratch/scarce.d"
cases=$("$scratch/scarce" "$scratch/scarce.d") || bail "scarce does not store"
for case in $cases; do
    ok "no piece of 4 MiB to be had: $case" "$scratch/scarce" "$scratch/scarce.d" "$case"
done

# --- a path that is a file
echo text >"$scratch/file"
ok "a file as repository: path, rule and what to do" \
    fails INVALID_ARGUMENT "$scratch/file is a file, and a repository is a directory: give another path" "$probe" write "$scratch/file" 10

finish
