#!/usr/bin/env bash
# Arrow export, read by pyarrow and DuckDB.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
python=build/venv/arrow/bin/python
[[ -x $python ]] || python3 -m venv build/venv/arrow || { echo "Bail out! cannot make a Python environment"; exit 1; }
"$python" -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1 duckdb==2.0.0 pytz ||
    { echo "Bail out! cannot install pyarrow and duckdb"; exit 1; }
"$python" tests/arrow.py build/lib/libaim.so "$scratch"
