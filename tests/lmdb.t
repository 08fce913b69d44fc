#!/usr/bin/env bash
# The data file is a plain LMDB environment: LMDB's own tools and Python's lmdb package open it.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

tools probe
probe=$scratch/probe
python=build/venv/lmdb/bin/python
[[ -x $python ]] || python3 -m venv build/venv/lmdb || bail "cannot make a Python environment"
"$python" -m pip install --quiet --disable-pip-version-check lmdb==3.0.0 || bail "cannot install the Python package lmdb"

"$probe" write "$scratch" 5000 >"$scratch/hash" || bail "cannot write"
ok "mdb_stat opens it" mdb_stat -e "$scratch/.aim/lmdb"
ok "mdb_stat finds tables and entries" test "$(mdb_stat -a "$scratch/.aim/lmdb" | awk '/Entries/ { n += $2 } END { print n }')" -gt 3
ok "mdb_dump reads every page" mdb_dump -a -f "$scratch/dump" "$scratch/.aim/lmdb"
ok "Python's lmdb opens it" "$python" tests/read_lmdb.py "$scratch/.aim/lmdb" "$(cat "$scratch/hash")"
mkfifo "$scratch/close"
"$probe" hold "$scratch" 100 <"$scratch/close" >"$scratch/held" &
writer=$!
exec 3>"$scratch/close"
written() { # once it has printed the run's hash
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [[ -s $scratch/held ]] && return
        sleep 0.1
    done
    return 1
}
ok "a writer lives" written
ok "mdb_stat opens it beside the writer" mdb_stat -e "$scratch/.aim/lmdb"
ok "Python's lmdb opens it beside the writer" "$python" tests/read_lmdb.py "$scratch/.aim/lmdb" "$(cat "$scratch/hash")"
echo >&3
exec 3>&-
wait "$writer"
ok "the writer closes its run" test $? -eq 0
ok "its points are there" grep -q "^$(cat "$scratch/held") loss 100 " <("$probe" read "$scratch")
ok "libaim still reads it" grep -q "^$(cat "$scratch/hash") loss 5000 " <("$probe" read "$scratch")
finish
