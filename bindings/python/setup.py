"""Builds the wheel, from the source tree or where `make install` put it: the module over the C API, and libaim.so
beside it, with the notices of those whose code that holds.

One wheel serves every CPython from 3.9 on, because cffi builds the module against the stable ABI.
"""

import os
import re
import shutil
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
TREE, PREFIX = HERE.parents[1:3]
if (TREE / "include" / "aim.h").exists():
    INCLUDE, LIB, OUTPUT, NOTICES = TREE / "include", TREE / "build" / "lib", TREE / "build" / "python", None
    if "LIBAIM_PACK" in os.environ:  # tools/wheel: the library that runs on old systems
        LIB, OUTPUT = Path(os.environ["LIBAIM_PACK"]), Path(tempfile.mkdtemp(prefix="libaim-wheel-"))
        NOTICES = Path(os.environ["LIBAIM_NOTICES"])
else:
    INCLUDE, OUTPUT = PREFIX / "include", Path(tempfile.mkdtemp(prefix="libaim-wheel-"))
    # Where distributions put libraries.
    PLACES = ["lib", "lib64", "lib/" + (sysconfig.get_config_var("MULTIARCH") or "")]
    NOTICES = PREFIX / "share" / "doc" / "aim" / "THIRD-PARTY-NOTICES"
    LIB = next((PREFIX / place for place in PLACES if (PREFIX / place / "libaim.so").exists()), PREFIX / "lib")
LIBRARY = LIB / "libaim.so"  # a link to the name that the loader looks for
OUTPUT.mkdir(parents=True, exist_ok=True)
# For raw/build.py.
os.environ.update(LIBAIM_INCLUDE=str(INCLUDE), LIBAIM_LIB=str(LIB))
HEADER = (INCLUDE / "aim.h").read_text(encoding="utf-8")
VERSION = re.search(r'^#define AIM_VERSION "(.*)"$', HEADER, re.MULTILINE).group(1)


class BuildWithLibrary(build_ext):
    """Copies the shared library, under the name that the module looks for, into the package."""

    def run(self):
        super().run()
        target = Path(self.build_lib) / "libaim" / LIBRARY.readlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(LIBRARY, target)
        if NOTICES and NOTICES.exists():
            shutil.copy(NOTICES, target.parent)


if not LIBRARY.exists():
    raise SystemExit(f"{LIBRARY} is missing: run `make` at the root of the source tree first")

setup(
    version=VERSION,
    ext_modules=[
        Extension(
            "libaim._track",
            ["raw/track.c"],
            include_dirs=[str(INCLUDE)],
            library_dirs=[str(LIB)],
            libraries=["aim"],
            extra_link_args=["-Wl,-rpath,$ORIGIN"],
            define_macros=[("Py_LIMITED_API", "0x03090000")],
            py_limited_api=True,
        )
    ],
    cffi_modules=["raw/build.py:ffi"],
    cmdclass={"build_ext": BuildWithLibrary},
    options={
        "build": {"build_base": str(OUTPUT)},
        "egg_info": {"egg_base": str(OUTPUT)},
        "bdist_wheel": {"py_limited_api": "cp39"},
    },
)
