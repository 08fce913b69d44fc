#!/usr/bin/env bash
# `libaim export parquet`, read with default settings by DuckDB and by a Spark cluster: a standalone master and two workers on
# loopback.
set -uo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d "${TMPDIR:-/tmp}/aim-test-XXXXXX") || exit 1
daemons=()
trap 'kill "${daemons[@]}" 2>/dev/null; wait; rm -rf "$scratch"' EXIT
venv=build/test/spark
[[ -x $venv/bin/python ]] || python3 -m venv "$venv" || { echo "Bail out! cannot make a Python environment"; exit 1; }
"$venv/bin/pip" install --quiet --disable-pip-version-check pyspark==3.5.5 duckdb==2.0.1 setuptools==80.9.0 ||
    { echo "Bail out! cannot install pyspark and duckdb"; exit 1; }

SPARK_HOME=$("$venv/bin/python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 SPARK_LOG_DIR=$scratch/log SPARK_LOCAL_DIRS=$scratch/local
export PYSPARK_PYTHON=$PWD/$venv/bin/python
read -r master ui < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))')
daemon() { # daemon CLASS ARGUMENT...
    "$SPARK_HOME/bin/spark-class" "org.apache.spark.deploy.$1" --host 127.0.0.1 "${@:2}" >>"$scratch/$1.log" 2>&1 &
    daemons+=($!)
}
daemon master.Master --port "$master" --webui-port "$ui"
for number in 1 2; do
    daemon worker.Worker --cores 1 --memory 1g --webui-port 0 --work-dir "$scratch/work$number" "spark://127.0.0.1:$master"
done
"$venv/bin/python" tests/spark.py "$PWD/build/bin/libaim" "$scratch" "spark://127.0.0.1:$master" "http://127.0.0.1:$ui/json/" ||
    { tail -n 20 "$scratch"/*.log | sed 's/^/# /' && exit 1; }
