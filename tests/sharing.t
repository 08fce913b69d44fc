#!/usr/bin/env bash
# Several users and one repository: who may read reads, a group writes together, and a stranger gets in nobody's way.
#
# Runs as root, or in a user namespace with more than one user.
set -uo pipefail
cd "$(dirname "$0")/.."
if [[ $(id -u) -ne 0 ]]; then
    exec unshare --map-root-user --map-auto bash "$0"
fi
. tests/tap.sh
chmod 755 "$scratch"
export TMPDIR=$scratch/tmp
mkdir -m 1777 "$TMPDIR"
cp build/lib/libaim.so.0 "$scratch/" || bail "no library"
for name in probe ledger; do
    gcc -std=c99 -Wall -Wextra -Werror -Iinclude "tests/$name.c" -o "$scratch/$name" "$scratch/libaim.so.0" \
        -Wl,-rpath,"$scratch" || bail "$name does not compile"
done
gcc -std=c99 -Wall -Wextra -Werror tests/stranger.c -o "$scratch/stranger" || bail "stranger does not compile"
probe=$scratch/probe

status() { echo $((10 + $(awk -v name="AIM_ERR_$1" '$1 == "#define" && $2 == name { print $3 }' include/aim.h))); }
fails() { # fails STATUS PATTERN COMMAND...
    local name=$1 pattern=$2 output got
    shift 2
    output=$("$@" 2>&1 </dev/null)
    got=$?
    echo "exit $got: $output"
    [[ $got -eq $(status "$name") ]] && grep -Eqi -- "$pattern" <<<"$output"
}

# by USER COMMAND... - another user, in the group 4000 as well if it is one of its members
by() {
    local user=$1 groups=--clear-groups
    shift
    [[ $user -ge 2000 ]] || groups=--groups=4000
    # In a subshell it takes its place, so that a signal for it reaches the program.
    [[ $BASHPID -eq $$ ]] || exec setpriv --reuid="$user" --regid="$user" "$groups" "$@"
    setpriv --reuid="$user" --regid="$user" "$groups" "$@"
}
ann=1001 bob=1002 eve=2001
# in_time by USER COMMAND...
in_time() { by "$2" timeout 10 "${@:3}"; }
lists() { # lists USER REPO N POINTS - reading as that user gives N sequences, the longest of them so long
    local output
    output=$(in_time by "$1" "$probe" read "$2" 2>&1) || { echo "$output"; return 1; }
    echo "$output"
    [[ $(grep -c ' loss ' <<<"$output") -eq $3 ]] && grep -q " loss $4 " <<<"$output"
}
place() { # place NAME MODE OWNER GROUP
    mkdir "$scratch/$1" && chown "$3:$4" "$scratch/$1" && chmod "$2" "$scratch/$1"
}
# killed USER REPO N - a run whose process is killed with N points that are in its journal only
killed() {
    local never=$scratch/never process
    rm -f "$scratch/killed" "$never"
    mkfifo -m 666 "$never"
    by "$1" "$probe" slow "$2" "$3" <>"$never" >"$scratch/killed" 2>&1 &
    process=$!
    until [[ -s $scratch/killed || ! -d /proc/$process ]]; do sleep 0.05; done
    kill -KILL "$process"
    wait "$process" 2>/dev/null
    [[ $(wc -w <"$scratch/killed") -eq 1 ]]
}
journals() { find "$1/.aim/journal" -type f | wc -l; }

# --- a colleague's repository, which others may read
place colleague 755 $ann $ann
by $ann "$probe" write "$scratch/colleague" 1000 >/dev/null || bail "cannot write a first run"
ok "a colleague reads" lists $eve "$scratch/colleague" 1 1000
ok "a colleague cannot write, and is told why" \
    fails READ_ONLY "colleague.*permission" by $eve "$probe" write "$scratch/colleague" 10
ok "a run is killed" killed $ann "$scratch/colleague" 2000
ok "what is in its journal alone is read too" lists $eve "$scratch/colleague" 2 2000
ok "its journal stays for its owner" test "$(journals "$scratch/colleague")" -eq 1
chmod 600 "$scratch/colleague/.aim/journal"/*
ok "a journal that cannot be read is named in the answer" \
    grep -q "warning: .*$(ls "$scratch/colleague/.aim/journal").*Permission denied" <(by $eve "$probe" read "$scratch/colleague" 2>&1)
ok "the owner gets it all" lists $ann "$scratch/colleague" 2 2000
ok "then the journal is gone" test "$(journals "$scratch/colleague")" -eq 0

# --- while it is being written
mkfifo "$scratch/go"
by $ann "$probe" hold "$scratch/colleague" 3000 <"$scratch/go" >"$scratch/held" 2>"$scratch/held.log" &
holder=$!
exec 9>"$scratch/go"
until [[ -s $scratch/held || ! -d /proc/$holder ]]; do sleep 0.1; done
until lists $ann "$scratch/colleague" 3 3000 >/dev/null || [[ ! -d /proc/$holder ]]; do sleep 0.1; done
ok "a colleague reads beside a writer" lists $eve "$scratch/colleague" 3 3000
for round in 1 2 3 4 5 6 7 8; do
    by $ann "$scratch/ledger" write "$scratch/colleague" >"$scratch/ledger.$round" 2>&1 &
    writers[round]=$!
done
for round in 1 2 3 4 5 6 7 8; do
    until grep -q flushed "$scratch/ledger.$round" || [[ ! -d /proc/${writers[round]} ]]; do sleep 0.1; done
done
for round in 1 2 3 4 5 6 7 8; do
    ok "and beside eight that commit as fast as they can ($round)" by $eve timeout 60 "$probe" read "$scratch/colleague"
done
{ kill -KILL "${writers[@]}" && wait "${writers[@]}"; } 2>/dev/null
echo >&9
exec 9>&-
wait "$holder"
ok "the writer is not disturbed" test $? -eq 0

# --- nobody may write
place archive 755 $ann $ann
by $ann "$probe" write "$scratch/archive" 500 >/dev/null
chmod -R a-w "$scratch/archive"
for user in $ann $eve 0; do
    ok "chmod -R a-w: user $user reads" lists $user "$scratch/archive" 1 500
    ok "chmod -R a-w: user $user cannot write" fails READ_ONLY "archive.*permission" by $user "$probe" write "$scratch/archive" 10
done
chmod -R u+w "$scratch/archive"
ok "writable again: it is written" by $ann "$probe" write "$scratch/archive" 10

# --- a directory mounted read-only, while others write on the other side
mkdir "$scratch/mounted"
if unshare --mount bash -c '
    mount --bind "$1/colleague" "$1/mounted" && mount -o remount,bind,ro "$1/mounted" && "$1/probe" read "$1/mounted"' \
    mounted "$scratch" >"$scratch/mounted.list" 2>&1; then
    ok "mounted read-only: all is read" test "$(grep -c ' loss ' "$scratch/mounted.list")" -ge 3
else
    ok "mounted read-only: it is read" cat "$scratch/mounted.list" /dev/null/none
fi

# --- a group's directory
for mode in 2775 2770 0775; do
    for mask in 022 077 002; do
        name=group-$mode-$mask
        group=4000
        [[ $mode != 0775 ]] || group=$ann # a group of its own: as the directory, so the files
        place "$name" $mode $ann $group
        (umask $mask && by $ann "$probe" write "$scratch/$name" 100 >/dev/null) || bail "cannot write"
        if [[ $mode == 0775 ]]; then
            ok "$name: the files are the group's to write" test "$(stat -c %A "$scratch/$name/.aim/lmdb/data.mdb" | cut -c5-6)" = rw
            continue
        fi
        ok "$name: a second member writes" in_time by $bob "$probe" write "$scratch/$name" 200
        ok "$name: the first reads that" lists $ann "$scratch/$name" 2 200
        ok "$name: a run of the first is killed" killed $ann "$scratch/$name" 300
        ok "$name: the second brings it in" lists $bob "$scratch/$name" 3 300
        ok "$name: and leaves no journal" test "$(journals "$scratch/$name")" -eq 0
        ok "$name: directories hand the group down" test "$(stat -c %A "$scratch/$name/.aim/journal" | cut -c5-7)" = rws
    done
done
place private 755 $ann $ann
(umask 022 && by $ann "$probe" write "$scratch/private" 100 >/dev/null)
ok "no group, umask 022: nobody else writes" test "$(stat -c %a "$scratch/private/.aim/lmdb/data.mdb")" = 644
ok "no group: the lock files are the owner's alone" \
    test "$(stat -c %a "$scratch/private/.aim/lmdb/lock.mdb" "$scratch/private/.aim/lmdb/writers.lock" | sort -u)" = 600
(umask 077 && by $ann "$probe" write "$scratch/private/hidden" 100 >/dev/null)
ok "umask 077: nobody else reads" test "$(stat -c %a "$scratch/private/hidden/.aim/lmdb/data.mdb")" = 600
chmod 644 "$scratch/private/.aim/lmdb/lock.mdb"
by $ann "$probe" read "$scratch/private" >/dev/null
ok "a lock file that others could open is theirs no more" test "$(stat -c %a "$scratch/private/.aim/lmdb/lock.mdb")" = 600

# --- a stranger who may read locks all that he can
ok "a run is killed before" killed $ann "$scratch/colleague" 4000
mkfifo "$scratch/stranger.in"
by $eve "$scratch/stranger" lock "$scratch/colleague" <"$scratch/stranger.in" >"$scratch/stranger.out" &
stranger=$!
exec 8>"$scratch/stranger.in"
until [[ -s $scratch/stranger.out || ! -d /proc/$stranger ]]; do sleep 0.05; done
ok "the stranger has locks" grep -q "locked [1-9]" "$scratch/stranger.out"
ok "the owner reads, with what the dead run left" lists $ann "$scratch/colleague" 12 4000
ok "and writes" in_time by $ann "$probe" write "$scratch/colleague" 5000
ok "and makes a new journal and removes it" test "$(journals "$scratch/colleague")" -eq 0
exec 8>&-
wait $stranger

# --- a directory of a stranger's above the working directory
mkdir -m 1777 "$scratch/public" && mkdir -m 755 "$scratch/public/mine" && chown $ann "$scratch/public/mine"
by $eve "$probe" write "$scratch/public" 10 >/dev/null || bail "cannot plant"
near() { (cd "$scratch/public/mine" && by $ann env "$@"); }
ok "the search does not take it" fails NOT_FOUND "no repository" near "$probe" read -
ok "and makes one of its own" near "$probe" write - 20
ok "in the working directory" test -d "$scratch/public/mine/.aim"
rm -r "$scratch/public/mine/.aim"
ok "unless it is said to be safe" test "$(near AIM_SAFE_DIRECTORY="$scratch/public" "$probe" read - 2>&1 | grep -c ' loss 10 ')" = 1
ok "or all are" test "$(near AIM_SAFE_DIRECTORY='*' "$probe" read - 2>&1 | grep -c ' loss 10 ')" = 1
ok "or it is asked for by name" lists $ann "$scratch/public" 1 10
ok "in that directory itself there is an error that says what to do" \
    fails INVALID_ARGUMENT "public/.aim belongs to user $eve.*AIM_SAFE_DIRECTORY" bash -c "cd $scratch/public && exec setpriv --reuid=$ann --clear-groups $probe write - 10"

finish
