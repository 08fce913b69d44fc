#!/usr/bin/env bash
# MLflow's stores, read by the program, and written through MLflow's own client.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
# The small package with what a database and a server need; all of mlflow is half a gigabyte.
bindings/python/tests/environment build/test/exchange-mlflow mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1 \
    flask==3.1.3 flask-cors==6.0.5 graphene==3.4.3 uvicorn==0.54.0 fastapi==0.165.0 a2wsgi==1.10.10 numpy==2.4.6 pillow==13.0.0 ||
    { echo "Bail out! cannot install mlflow"; exit 1; }
build/test/exchange-mlflow/bin/python -B tests/exchange_mlflow.py "$PWD/build/bin/libaim" "$scratch"
