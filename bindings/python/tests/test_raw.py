"""The raw layer is the shipped header: nothing is missing, and errors have a class each."""

import re

import libaim
from conftest import ROOT
from libaim import errors
from libaim._raw import ffi, lib

HEADER = (ROOT / "include" / "aim.h").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER, flags=re.DOTALL)


def test_every_function_constant_and_struct_is_there():
    functions = set(re.findall(r"\b(aim_\w+)\(", re.sub(r"#define[^\n]*", "", CODE)))
    assert len(functions) > 50 and functions <= set(dir(lib))
    constants = set(re.findall(r"#define (AIM_\w+) [^{\"]", CODE))
    assert len(constants) > 25 and constants <= set(dir(lib))
    for struct in re.findall(r"\} (aim_\w+);", CODE):
        assert ffi.sizeof(struct) > 0


def test_every_status_has_its_exception():
    for name, number in re.findall(r"#define AIM_ERR_(\w+) (\d+)", CODE):
        error = errors.make_error(int(number), "what and why")
        assert type(error) is not libaim.Error and isinstance(error, libaim.Error), name
        assert error.code == int(number) and str(error) == "what and why"
        assert getattr(libaim, type(error).__name__) is type(error)
    unknown = errors.make_error(999, "of a newer library")
    assert type(unknown) is libaim.Error and unknown.code == 999


def test_parts():
    assert [part for part in ("arrow", "git", "gpu", "terminal", "") if libaim.has(part)] == ["arrow", "git", "gpu", "terminal"]


def test_versions():
    assert libaim.__version__ == re.search(r'AIM_VERSION "(.*)"', HEADER).group(1)


def test_all_names_exist():
    assert all(hasattr(libaim, name) for name in libaim.__all__)
