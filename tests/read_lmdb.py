"""read_lmdb.py ENVIRONMENT HASH - opens a data file with Python's lmdb, walks every table, looks for the run's hash."""

import sys

import lmdb


def main(path: str, run_hash: str) -> None:
    env = lmdb.open(path, readonly=True, max_dbs=64, create=False)
    entries = 0
    found = False
    with env.begin() as txn:
        tables = [key for key, _ in txn.cursor()]
        assert tables, "the environment has no tables"
        for table in tables:
            with txn.cursor(env.open_db(table, txn=txn, create=False)) as cursor:
                for key, value in cursor:
                    entries += 1
                    needles = (run_hash.encode(), bytes.fromhex(run_hash))
                    found = found or any(needle in part for needle in needles for part in (key, value))
    assert entries, "the tables are empty"
    assert found, f"no entry mentions run {run_hash}"
    print(f"{len(tables)} tables, {entries} entries")


main(*sys.argv[1:])
