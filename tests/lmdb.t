#!/usr/bin/env bash
# The data file is a plain LMDB environment: LMDB's own tools and Python's lmdb package open it.
set -uo pipefail
cd "$(dirname "$0")/.."
. tests/tap.sh

probe=build/test/probe
gcc -std=c99 -Wall -Wextra -Werror -Iinclude tests/probe.c -o "$probe" -Lbuild/lib -laim \
    -Wl,-rpath,"$PWD/build/lib" || bail "the probe does not compile"
python=build/venv/bin/python
[[ -x $python ]] || python3 -m venv build/venv || bail "cannot make a Python environment"
"$python" -m pip install --quiet --disable-pip-version-check lmdb==3.0.0 || bail "cannot install the Python package lmdb"

"$probe" write "$scratch" 5000 >"$scratch/hash" || bail "cannot write"
ok "mdb_stat opens it" mdb_stat -e "$scratch/.aim/lmdb"
ok "mdb_stat finds tables and entries" test "$(mdb_stat -a "$scratch/.aim/lmdb" | awk '/Entries/ { n += $2 } END { print n }')" -gt 3
ok "mdb_dump reads every page" mdb_dump -a -f "$scratch/dump" "$scratch/.aim/lmdb"
ok "Python's lmdb opens it" "$python" tests/read_lmdb.py "$scratch/.aim/lmdb" "$(cat "$scratch/hash")"
ok "libaim still reads it" grep -q "^$(cat "$scratch/hash") loss 5000 " <("$probe" read "$scratch")
finish
