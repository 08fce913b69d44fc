#!/usr/bin/env bash
# Objects that the library encoded, decoded by Pillow, soundfile, Python's wave and NumPy.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
python=build/venv/objects/bin/python
[[ -x $python ]] || python3 -m venv build/venv/objects || { echo "Bail out! cannot make a Python environment"; exit 1; }
"$python" -m pip install --quiet --disable-pip-version-check numpy==2.4.2 pillow==12.1.0 soundfile==0.13.1 ||
    { echo "Bail out! cannot install numpy, pillow and soundfile"; exit 1; }
"$python" tests/objects.py "${1:-build/lib/libaim.so}" "$scratch"
