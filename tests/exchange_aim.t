#!/usr/bin/env bash
# Aim's own repositories, read and written through the package aim.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
bindings/python/tests/environment build/test/exchange-aim aim==3.29.1 numpy==2.4.6 pillow==13.0.0 plotly==6.5.0 'setuptools<81' ||
    { echo "Bail out! cannot install aim"; exit 1; }
build/test/exchange-aim/bin/python -B tests/exchange_aim.py "$scratch"
