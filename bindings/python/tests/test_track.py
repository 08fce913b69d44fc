"""Tracking: what is accepted, where it goes, and what is refused."""

import decimal
import fractions
import math
import threading

import numpy
import pytest

import libaim
from conftest import points
from libaim import Context, Run


class Tensor:
    """What deep-learning libraries give: it converts to a float and is no number."""

    def __float__(self):
        return 2.5


def test_numbers_of_all_kinds(run):
    values = [1, 0.5, True, numpy.float32(0.25), numpy.int64(7), numpy.array(3.0), Tensor()]
    values += [fractions.Fraction(1, 4), decimal.Decimal("0.125"), math.nan, math.inf, -math.inf]
    for value in values:
        run.track(value, "loss")
        run.track(value, "loss", context={"subset": "train"})
    run.flush()
    for context in ({}, {"subset": "train"}):
        tracked = run.get_metric("loss", Context(context)).values.values_list()
        assert list(map(repr, tracked)) == [repr(float(value)) for value in values]


@pytest.mark.parametrize("value", ["1.5", b"1", None, [1.0], (1.0,), 1j, object()])
def test_what_is_no_number(run, value):
    for _ in range(2):  # the first time and with the metric known
        with pytest.raises(TypeError):
            run.track(value, "loss", step=0)
    with pytest.raises(TypeError):
        run.metric("loss").track(value)
    run.track(1.0, "loss")
    assert run.get_metric("loss").columns().values.tolist() == [1.0]


def test_an_integer_beyond_floats(run):
    with pytest.raises(OverflowError):
        run.track(10**400, "loss")


def test_steps_and_epochs(path, run):
    run.track(1.0, "loss")
    run.track(2.0, "loss", 10, 1)
    run.track(3.0, "loss", step=numpy.int32(5), epoch=numpy.uint8(2))
    run.track(4.0, "loss")
    run.track(5.0, name="loss", step=10)
    run.track(6.0, "loss", step=-(2**63) + 1, epoch=-1)
    run.track(7.0, "loss", step=2**63 - 1)
    assert points(path)["loss", "{}"] == [
        (-(2**63) + 1, 6.0, -1),
        (0, 1.0, None),
        (5, 3.0, 2),
        (10, 5.0, None),
        (11, 4.0, None),
        (2**63 - 1, 7.0, None),
    ]


@pytest.mark.parametrize("step", [1.5, numpy.float32(5.7), numpy.nan, math.inf, "1", b"1", 2**63, None.__class__, [1], numpy.array([1, 2])])
def test_what_is_no_step(run, step):
    for arguments in ({"step": step}, {"step": 0, "epoch": step}):
        name = list(arguments)[-1]
        for _ in range(2):  # the first time and with the metric known
            with pytest.raises((TypeError, OverflowError), match=f"^{name} must be"):
                run.track(1.0, "loss", **arguments)
        with pytest.raises((TypeError, OverflowError), match=f"^{name} must be"):
            run.metric("loss").track(1.0, **arguments)


@pytest.mark.parametrize("step", [3, 3.0, True + 2, numpy.float32(3), numpy.int8(3), numpy.array(3), numpy.array([3.0])])
def test_whole_numbers_of_all_kinds(path, run, step):
    run.track(1.0, "loss", step=step, epoch=step)
    run.metric("acc").track(1.0, step, step)
    assert list(points(path).values()) == [[(3, 1.0, 3)]] * 2


@pytest.mark.parametrize("value", [numpy.array([2.5]), numpy.array(2.5), numpy.array([[2.5]]), numpy.float16(2.5)])
def test_arrays_of_one_element(run, value):
    for _ in range(2):
        run.track(value, "loss")
    run.metric("loss").track(value)
    with pytest.raises(TypeError, match="value must be a number"):
        run.track(numpy.array([1.0, 2.0]), "loss")
    assert run.get_metric("loss").values.values_list() == [2.5] * 3


def test_what_is_no_context(run):
    for context in ("train", 3, ["subset"], [("a", 1)]):
        with pytest.raises(TypeError, match="^context must be a dictionary"):
            run.track(1.0, "loss", context=context)
        with pytest.raises(TypeError, match="^context must be a dictionary"):
            run.metric("loss", context)


def test_contexts_that_come_again(path, run):
    reused = {}
    for i in range(2000):  # more than a run recognises at once
        reused["i"] = i
        run.track(i, "loss", context=reused)
        run.track(i, "loss", context={"i": i})
    same = [{"a": 1, "b": "x"}, {"b": "x", "a": 1}]
    others = [{"a": True, "b": "x"}, {"a": 1.0, "b": "x"}, {"a": "1", "b": "x"}, {"a": None, "b": "x"}, {"a": 1}]
    for context in same * 2 + others * 2:
        run.track(1.0, "acc", context=context)
    counts = {text: len(found) for (name, text), found in points(path, "metric.name == 'acc'").items()}
    assert sorted(counts.values()) == [2] * 5 + [4]
    found = points(path, "metric.name == 'loss'")
    assert len(found) == 2000 and all(text == f'{{"i":{values[1][1]:.0f}}}' for (_, text), values in found.items())


def test_calls_that_are_none(run):
    run.track(1.0, "loss")
    for arguments, options in [((), {}), ((1.0, "loss", 1, 2, {}), {}), ((1.0,), {"nope": 1}), ((1.0, "a"), {"name": "b"})]:
        with pytest.raises(TypeError, match="track"):
            run.track(*arguments, **options)
    with pytest.raises(TypeError, match="track"):
        run.metric("loss").track()


def test_dictionaries(path, run):
    run.track({"loss": 0.5, "acc": 0.25, 7: 1.0}, step=3, epoch=1, context={"subset": "val"})
    run.track({"loss": 0.5})
    assert points(path) == {
        ("7", '{"subset":"val"}'): [(3, 1.0, 1)],
        ("acc", '{"subset":"val"}'): [(3, 0.25, 1)],
        ("loss", "{}"): [(0, 0.5, None)],
        ("loss", '{"subset":"val"}'): [(3, 0.5, 1)],
    }
    with pytest.raises(ValueError, match="name"):
        run.track({"loss": 0.5}, name="new")


def test_names(run):
    for name in (None, 3, b"loss"):
        with pytest.raises(TypeError, match="name"):
            run.track(1.0, name)
    run.track(1.0, "日本 \n")
    assert [metric.name for metric in run.metrics()] == ["日本 \n"]
    with pytest.raises(libaim.InvalidArgumentError, match="empty"):
        run.track(1.0, "")
    with pytest.raises(libaim.LimitError):
        run.track(1.0, "x" * 5000)


CONTEXTS = [
    {},
    {"a": 1},
    {"a": True},
    {"a": "1"},
    {"a": None},
    {"a": [1, 2]},
    {"a": [1, True]},
    {"a": {"b": 1}},
    {"a": {"b": True}},
    {"a": 1, "b": 2},
    {"ä": "ü\0"},
    {"a": math.inf},
    {"a": b"1"},
]


def test_contexts_are_told_apart(run):
    """Python takes 1 for True, and the marshalled form of an array for that of bytes; the store must not."""
    for round in range(3):
        for i, context in enumerate(CONTEXTS):
            run.track(i, "loss", step=round, context=context)
    found = {metric.context.json: metric.columns().values.tolist() for metric in run.metrics()}
    assert found == {Context(context).json: [float(i)] * 3 for i, context in enumerate(CONTEXTS)}


def test_contexts_are_compared_by_value(run):
    same = [
        {"a": 1, "b": [1, {"c": "x"}]},
        {"b": [1, {"c": "x"}], "a": 1},
        {"b": (1, {"c": "x"}), "a": 1},
        {"b": [numpy.int64(1), {"c": numpy.str_("x")}], "a": 1},
        Context({"a": 1, "b": [1, {"c": "x"}]}),
    ]
    for round in range(2):
        for i, context in enumerate(same):
            run.track(i, "loss", step=round * len(same) + i, context=context)
    (metric,) = run.metrics()
    assert len(metric) == 2 * len(same)
    run.track(1, "none", context=None)
    run.track(1, "none", context={})
    assert len(run.get_metric("none")) == 2


def test_a_context_that_changes_between_calls(run):
    context = {"subset": "train"}
    run.track(1, "loss", context=context)
    context["subset"] = "val"
    run.track(2, "loss", context=context)
    assert [(m.context["subset"], m.values.tolist()) for m in run.metrics()] == [("train", [1.0]), ("val", [2.0])]


@pytest.mark.parametrize("context", ["text", 3, [1], {"a": object()}, {"a": {1, 2}}, {1: 2, "1": 3}])
def test_what_is_no_context(run, context):
    for _ in range(2):
        with pytest.raises((TypeError, ValueError)):
            run.track(1.0, "loss", context=context)
    assert list(run.metrics()) == []


def test_handles(path, run):
    handle = run.metric("loss", {"subset": "train"})
    assert (handle.name, handle.context) == ("loss", {"subset": "train"})
    for i in range(5):
        handle.track(i * 0.5)
    handle.track(9.0, 20, 3)
    handle.track(8.0, step=15, epoch=2)
    assert points(path)["loss", '{"subset":"train"}'] == [
        *((i, i * 0.5, None) for i in range(5)),
        (15, 8.0, 2),
        (20, 9.0, 3),
    ]


def test_many(path, run):
    handle = run.metric("loss")
    handle.track_many([1, 2.5])
    handle.track_many(numpy.arange(4.0)[::2], steps=range(10, 12), epochs=numpy.array([1, 2], dtype="int16"))
    handle.track_many([])
    handle.track_many(numpy.array([True]), steps=numpy.array([20], dtype="uint64"))
    assert points(path)["loss", "{}"] == [
        (0, 1.0, None),
        (1, 2.5, None),
        (10, 0.0, 1),
        (11, 2.0, 2),
        (20, 1.0, None),
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((["1.5"],), TypeError),
        (([None],), TypeError),
        (([1j],), TypeError),
        (([[1.0]],), ValueError),
        ((1.0,), ValueError),
        (([1.0], [0.5]), TypeError),
        (([1.0], [1, 2]), ValueError),
        (([1.0], None, [1, 2]), ValueError),
        (([1.0], numpy.array([2**63], dtype="uint64")), OverflowError),
    ],
)
def test_many_that_do_not_fit(run, arguments, error):
    with pytest.raises(error):
        run.metric("loss").track_many(*arguments)
    assert list(run.metrics()) == []


def test_threads(path):
    """Several threads track through one run, by name and by handle; nothing is lost."""
    count, threads = 5000, 4
    with Run(repo=path) as run:
        shared = run.metric("shared")
        start = threading.Barrier(threads)

        def work(i):
            start.wait()
            for step in range(count):
                run.track(step, "own", step=step, context={"thread": i})
                shared.track(step, step=i * count + step)

        workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    found = points(path)
    assert [value for _, value, _ in found["shared", "{}"]] == [*range(count)] * threads
    for i in range(threads):
        assert [value for _, value, _ in found["own", f'{{"thread":{i}}}']] == [*range(count)]


def test_more_than_the_journal_holds(path):
    with Run(repo=path, repo_options=libaim.RepoOptions(journal_size=1 << 16)) as run:
        for step in range(50_000):
            run.track(step, "loss")
    assert len(points(path)["loss", "{}"]) == 50_000
