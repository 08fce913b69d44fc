"""The scenario that all bindings share (tests/scenario): `write REPO FILE` and `read REPO FILE HASH`."""

import json
import sys

import libaim


def steps(file):
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def optional(text, missing):
    return None if text == missing else int(text)


def write(repo, file):
    run = None
    for kind, *fields in steps(file):
        if kind == "experiment":
            run = libaim.Run(repo=repo, experiment=fields[0])
        elif kind in ("name", "description"):
            setattr(run, kind, fields[0])
        elif kind == "tag":
            run.add_tag(fields[0])
        elif kind == "param":
            run[fields[0]] = json.loads(fields[1])
        elif kind == "delete":
            del run[fields[0]]
        elif kind == "track":
            name, context, step, value, epoch = fields
            run.track(float(value), name, optional(step, "auto"), optional(epoch, "none"), context=json.loads(context))
        elif kind == "close":
            run.close()
        elif kind == "continue":
            run = libaim.Run(run.hash, repo=repo)
        elif not kind.startswith("expect-"):
            raise ValueError(f"line of unknown kind {kind!r}")
    print(run.hash)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def same(values, expected):
    """Whether the numbers are equal, NaN to NaN."""
    return len(values) == len(expected) and all(a == b or (a != a and b != b) for a, b in zip(values, expected))


def differences(repo, file, run_hash):
    run = libaim.Repo(repo).get_run(run_hash)
    metrics = iter(run.metrics())
    for kind, *fields in steps(file):
        if kind == "expect-property":
            name, expected = fields
            if compact(getattr(run, name)) != expected:
                yield f"{name} is {compact(getattr(run, name))}, not {expected}"
        elif kind == "expect-param":
            key, expected = fields
            if (compact(run[key]) if key in run else None) != expected:
                yield f"param {key} is {compact(run.get(key))}, not {expected}"
        elif kind == "expect-no-param":
            if fields[0] in run:
                yield f"param {fields[0]} is there"
        elif kind == "expect-metric":
            yield from metric_differences(next(metrics, None), *fields)
        elif kind.startswith("expect-"):
            yield f"line of unknown kind {kind!r}"
    yield from (f"metric {metric.name} {metric.context.json} is there" for metric in metrics)


def metric_differences(metric, name, context, steps, values, epochs):
    if metric is None or (metric.name, metric.context.json) != (name, context):
        yield f"metric {metric} instead of {name} {context}"
        return
    expected = (
        list(map(int, steps.split(","))),
        list(map(float, values.split(","))),
        [libaim.EPOCH_NONE if epoch == "none" else int(epoch) for epoch in epochs.split(",")],
    )
    for what, column, wanted in zip(metric.columns()._fields, metric.columns(), expected):
        if not same(column.tolist(), wanted):
            yield f"metric {name} {context}: {what} are {column.tolist()}, not {wanted}"


def main():
    mode, *arguments = sys.argv[1:]
    if mode == "write":
        write(*arguments)
    else:
        found = list(differences(*arguments))
        print("\n".join(found), file=sys.stderr, end="\n" if found else "")
        sys.exit(bool(found))


main()
