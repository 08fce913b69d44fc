"""Params: a run as a dictionary."""

import math
from collections import OrderedDict
from types import MappingProxyType

import numpy
import pytest

import libaim

VALUES = [
    None,
    True,
    False,
    0,
    -3,
    2**63 - 1,
    -(2**63),
    2**63,
    10**300,
    -(10**40),
    0.0,
    1.0,
    1e-300,
    0.1 + 0.2,
    math.inf,
    -math.inf,
    "",
    'ünïcode "quoted" \\ \t 日本',
    "a\0b",
    "NaN",
    b"",
    bytes(range(256)),
    [],
    {},
    [1, [2.5, [None, "x"]], {"k": [True]}],
    {"lr": 1e-4, "layers": [64, 10], "optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "seed": None},
    {"": 1, " ": 2, "a.b": 3, "a/b": 4, "~": 5, "ü": 6},
    {"blob": b"\x00\xff", "list": [b"x"]},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_values_come_back_with_their_types(run, value):
    run["key"] = value
    run["nested"] = {"inside": [value]}
    for reader in (run, run.repo.get_run(run.hash)):
        assert repr(reader["key"]) == repr(value)
        assert repr(reader["nested", "inside", 0]) == repr(value)


def test_nan(run):
    run["nan"] = math.nan
    run["list"] = [math.nan]
    assert math.isnan(run["nan"]) and math.isnan(run["list", 0])


def test_what_is_not_json_but_close(run):
    run["tuple"] = (1, (2, 3))
    run["ordered"] = OrderedDict(b=1, a=2)
    run["proxy"] = MappingProxyType({"x": 1})
    run["array"] = numpy.arange(6, dtype="float32").reshape(2, 3)
    run["scalar"] = numpy.float64(0.5)
    run["integer"] = numpy.int16(7)
    run["flag"] = numpy.bool_(True)
    run["buffer"] = bytearray(b"abc")
    run["keys"] = {1: "one", None: "none", 0.5: "half"}
    assert run[...] == {
        "tuple": [1, [2, 3]],
        "ordered": {"b": 1, "a": 2},
        "proxy": {"x": 1},
        "array": [[0, 1, 2], [3, 4, 5]],
        "scalar": 0.5,
        "integer": 7,
        "flag": True,
        "buffer": b"abc",
        "keys": {"1": "one", "null": "none", "0.5": "half"},
    }
    assert list(run["ordered"]) == ["b", "a"] and type(run["flag"]) is bool and type(run["integer"]) is int


def test_keys_that_would_collide_are_refused(run):
    with pytest.raises(libaim.InvalidArgumentError, match="'1'"):
        run["keys"] = {1: "a", "1": "b"}
    assert "keys" not in run


def test_what_cannot_be_stored(run):
    for value in (object(), {1, 2}, {"deep": [object()]}, {("a", "b"): 1}, lambda: None):
        with pytest.raises(TypeError):
            run["bad"] = value
    endless = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        run["bad"] = endless
    assert "bad" not in run
    run.set("good", {"f": complex(1, 2)}, strict=False)
    assert run["good"] == {"f": "(1+2j)"}


def test_too_deep(run):
    value = 1
    for _ in range(200):
        value = [value]
    with pytest.raises(libaim.LimitError):
        run["deep"] = value


def test_paths(run):
    run["hparams"] = {"lr": 0.1, "layers": [1, 2]}
    run["hparams", "lr"] = 0.2
    run["hparams", "new", "deeper"] = "x"
    run["hparams", "layers", 1] = 20
    run["/hparams/layers/-"] = 30
    run[("a.b/c~d",)] = "odd"
    assert run["hparams"] == {"lr": 0.2, "layers": [1, 20, 30], "new": {"deeper": "x"}}
    assert run["hparams", "layers", 2] == run["/hparams/layers/2"] == 30
    assert run["a.b/c~d"] == run[("a.b/c~d",)] == run["/a.b~1c~0d"] == "odd"
    run[("/slash",)] = 1
    assert run[...]["/slash"] == 1
    for key in ((), 3, None, b"x"):
        with pytest.raises((libaim.InvalidArgumentError, TypeError)):
            run[key] = 1
    with pytest.raises(libaim.InvalidArgumentError):
        run["hparams", "layers", 7] = 1


def test_what_is_not_there(run):
    for reader in (run, run.repo.get_run(run.hash)):
        with pytest.raises(KeyError) as caught:
            reader["nope"]
        assert caught.value.code == 3 and "nope" in str(caught.value)
        assert reader.get("nope") is None and reader.get("nope", 7) == 7
        assert "nope" not in reader and ("nope", "deeper") not in reader
        assert reader[...] == {}
    with pytest.raises(KeyError):
        del run["nope"]


def test_deleting(run):
    run["a"] = {"b": 1, "c": 2}
    del run["a", "b"]
    assert run["a"] == {"c": 2}
    del run["a"]
    assert "a" not in run


def test_all_params_at_once(run):
    run["old"], run["both"] = 1, {"x": 1}
    run[...] = {"both": {"y": 2}, "/new": 3}
    assert run[...] == {"both": {"y": 2}, "/new": 3}
    run[...] = {}
    assert run[...] == {}
    with pytest.raises(TypeError):
        run[...] = [1]


def test_bytes(run):
    run["blob"] = b"\0\1\2"
    run["text"] = "abc"
    run["empty"] = b""
    assert run.get_bytes("blob") == b"\0\1\2" and run.get_bytes("empty") == b""
    with pytest.raises(libaim.ParamTypeError) as caught:
        run.get_bytes("text")
    assert isinstance(caught.value, TypeError) and caught.value.code == 15
    assert run.repo.get_run(run.hash).get_bytes("blob") == b"\0\1\2"


def test_a_large_param(run):
    text = "x" * (20 << 20)
    run["large"] = text
    assert run["large"] == text
