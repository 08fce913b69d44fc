#!/usr/bin/env bash
# Hostile filesystems and damaged files: an error that says what and why, a host that lives on, older data that stays
# readable where it can be.
#
# Runs in a mount namespace of its own (as root, or through a user namespace), so its mounts vanish with it.
set -uo pipefail
cd "$(dirname "$0")/.."
if [[ ${1:-} != inside ]]; then
    flags=--mount
    [[ $(id -u) -eq 0 ]] || flags="--mount --map-root-user"
    # shellcheck disable=SC2086
    exec unshare $flags bash "$0" inside
fi
. tests/tap.sh
mounts=()
trap 'umount "${mounts[@]}"; rm -rf "$scratch"' EXIT

tools probe
probe=$scratch/probe

# The numbers of aim.h, as exit statuses of the probe.
status() { echo $((10 + $(awk -v name="AIM_ERR_$1" '$1 == "#define" && $2 == name { print $3 }' include/aim.h))); }

# fails STATUSES PATTERN COMMAND... - the command ends with one of the statuses (names joined by '|') and its message
# matches the pattern.
fails() {
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

# survives COMMAND... - any end of the program but a signal is fine; an error must come with a message.
survives() {
    local output got
    output=$("$@" 2>&1 </dev/null)
    got=$?
    echo "exit $got: $output"
    [[ $got -eq 0 || ($got -gt 10 && $got -lt 64 && -n $output) ]]
}

# lists REPO N - reading gives N sequences.
lists() { [[ $("$probe" read "$1" | wc -l) -eq $2 ]]; }

disk() { # disk NAME SIZE - mounts a small filesystem
    mkdir -p "$scratch/$1"
    mount -t tmpfs -o "size=$2" tmpfs "$scratch/$1" || bail "cannot mount a tmpfs"
    mounts+=("$scratch/$1")
}

# --- pages of 64 KiB: no call has an address that is none of theirs, and a disk that failed once is used again
tools large_pages
large() { # large MODE - in the repository of large pages
    timeout 120 "$scratch/large_pages" "$1" "$scratch/large"
}
mkdir "$scratch/large"
ok "large pages: a run is written, on a disk that fails once" large write
large die >/dev/null 2>&1
ok "large pages: every point is there, those of a killed process too" test "$(large read 2>/dev/null)" = 207000
ok "large pages: what was written is read with small ones" lists "$scratch/large" 2

# --- a read-only repository can be read, not written
disk readonly 256m
"$probe" write "$scratch/readonly" 1000 >/dev/null || bail "cannot write a first run"
mount -o remount,ro "$scratch/readonly" || bail "cannot remount"
ok "read-only: no run can be created" fails 'READ_ONLY' "$scratch/readonly" "$probe" write "$scratch/readonly" 10
ok "read-only: older runs are read" lists "$scratch/readonly" 1
disk empty 1m
mount -o remount,ro "$scratch/empty"
ok "read-only and empty: the error names the directory" \
    fails 'READ_ONLY' "$scratch/empty" "$probe" write "$scratch/empty" 10

# --- something else stands where the repository should be
echo text >"$scratch/file"
ok "a file as repository" fails 'IO|INVALID_ARGUMENT' "$scratch/file" "$probe" write "$scratch/file" 10
mkdir "$scratch/taken"
echo text >"$scratch/taken/.aim"
ok "a file called .aim" fails 'IO|INVALID_ARGUMENT' '\.aim' "$probe" write "$scratch/taken" 10
ok "a path that cannot exist" fails 'IO|READ_ONLY|NOT_FOUND' '/proc/none' "$probe" write /proc/none 10
ok "a path that is too long" fails 'IO|INVALID_ARGUMENT|LIMIT' 'long' "$probe" write "$scratch/$(printf 'x%.0s' {1..5000})" 10
ok "reading where nothing is" fails 'NOT_FOUND' "$scratch/nothing" "$probe" read "$scratch/nothing"

# --- a disk that is full from the start
disk tiny 64k
ok "full disk: no room for a repository" fails 'FULL' "$scratch/tiny" "$probe" write "$scratch/tiny" 10

# --- a disk that fills up while a run is being written
disk filling 256m
"$probe" write "$scratch/filling" 1000 >/dev/null || bail "cannot write a first run"
mkfifo "$scratch/go"
"$probe" hold "$scratch/filling" 100000 <"$scratch/go" >"$scratch/held" 2>"$scratch/held.log" &
holder=$!
exec 9>"$scratch/go"
until [[ -s $scratch/held || ! -d /proc/$holder ]]; do sleep 0.1; done
cat /dev/zero >"$scratch/filling/ballast" 2>/dev/null
"$probe" write "$scratch/filling" 200000 >/dev/null 2>"$scratch/full.log"
full=$?
ok "disk filling up: a writer gets AIM_ERR_FULL" test "$full" -eq "$(status FULL)"
ok "disk filling up: the message says so" grep -Eqi 'full|space' "$scratch/full.log"
ok "disk filling up: older runs are read" grep -q 'loss 1000 ' <("$probe" read "$scratch/filling")
ok "disk filling up: the other writer lives" kill -0 "$holder"
rm "$scratch/filling/ballast"
echo >&9
exec 9>&-
wait "$holder"
held=$?
ok "room again: the writer closes without an error" test "$held" -eq 0
ok "room again: none of its points is lost" grep -q "^$(cat "$scratch/held") loss 100000 " <("$probe" read "$scratch/filling")

# --- damaged data files
good=$scratch/good
for _ in 1 2 3; do "$probe" write "$good" 20000 >/dev/null || bail "cannot write"; done
"$probe" read "$good" >"$scratch/good.list" && [[ -s $scratch/good.list ]] || bail "cannot read"
gzip -nc examples/data/digits.csv >"$scratch/noise" # the same on every run
size=$(stat -c %s "$good/.aim/lmdb/data.mdb")
damaged() { # damaged NAME - a fresh copy of the good repository
    rm -rf "${scratch:?}/$1"
    cp -r "$good" "$scratch/$1"
    data=$scratch/$1/.aim/lmdb/data.mdb
}

damaged truncated
truncate -s $((size / 2)) "$data"
ok "truncated to half: reading says so" fails 'CORRUPT' 'data\.mdb|truncat|short' "$probe" read "$scratch/truncated"
ok "truncated to half: writing says so" fails 'CORRUPT' 'data\.mdb|truncat|short' "$probe" write "$scratch/truncated" 10
truncate -s 5000 "$data"
ok "truncated to 5000 bytes" fails 'CORRUPT' 'data\.mdb|truncat|short' "$probe" read "$scratch/truncated"
truncate -s 0 "$data"
ok "truncated to nothing: an error or an empty repository" survives "$probe" read "$scratch/truncated"

damaged foreign
head -c "$size" <(for _ in {1..50}; do cat "$scratch/noise"; done) >"$data"
ok "random bytes instead of a database" fails 'CORRUPT|UNSUPPORTED_VERSION' 'data\.mdb' "$probe" read "$scratch/foreign"
damaged text
yes "not a database" | head -c "$size" >"$data"
ok "text instead of a database" fails 'CORRUPT|UNSUPPORTED_VERSION' 'data\.mdb' "$probe" read "$scratch/text"

# Noise in one place at a time, all over the file: each use ends in data or in an error, never in a signal.
pages=$((size / 4096))
step=$((pages / 40 + 1))
for ((page = 0; page < pages; page += step)); do
    damaged scribbled
    dd if="$scratch/noise" of="$data" bs=4096 skip=$((page % 10)) seek="$page" count=1 conv=notrunc status=none
    ok "page $page of $pages overwritten: reading survives" survives "$probe" read "$scratch/scribbled"
    ok "page $page of $pages overwritten: writing survives" survives "$probe" write "$scratch/scribbled" 100
    damaged scribbled
    dd if="$scratch/noise" of="$data" bs=16 skip=$((page % 1000)) seek=$((page * 256 + page % 250)) count=2 conv=notrunc \
        status=none
    ok "32 bytes in page $page of $pages overwritten: reading survives" survives "$probe" read "$scratch/scribbled"
    ok "32 bytes in page $page of $pages overwritten: writing survives" survives "$probe" write "$scratch/scribbled" 100
done
ok "the good repository is as it was" diff "$scratch/good.list" <("$probe" read "$good")

# --- damaged journals: what is whole counts, the rest is left out
damaged journal
for journal in "$scratch/journal/.aim/journal"/*; do
    [[ -f $journal ]] && dd if="$scratch/noise" of="$journal" bs=4096 count=1 conv=notrunc status=none
done
cp "$scratch/noise" "$scratch/journal/.aim/journal/0123456789abcdef0123456789abcdef"
ok "random bytes as a journal: older runs are read" lists "$scratch/journal" 3
ok "random bytes as a journal: new runs are written" "$probe" write "$scratch/journal" 100

finish
