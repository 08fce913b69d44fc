#!/usr/bin/env bash
# Import from and export to the real tools: TensorBoard and tensorboardX.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
venv=build/venv/exchange
[[ -x $venv/bin/python ]] || python3 -m venv "$venv" || { echo "Bail out! cannot make a Python environment"; exit 1; }
"$venv/bin/pip" install --quiet --disable-pip-version-check tensorboard==2.21.0 tensorboardX==2.6.5 'setuptools<81' ||
    { echo "Bail out! cannot install tensorboard and tensorboardX"; exit 1; }
"$venv/bin/python" tests/exchange.py "$PWD/build/bin/libaim" "$scratch"
