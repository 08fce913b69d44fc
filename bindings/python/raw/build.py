"""The raw layer: declarations for cffi, taken from the shipped include/aim.h, and the module that compiles them."""

import os
import re
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).resolve().parent if "__file__" in globals() else Path("raw").resolve()
INCLUDE, LIB = (Path(os.environ[name]) for name in ("LIBAIM_INCLUDE", "LIBAIM_LIB"))


def declarations(header):
    """What cffi reads of a C header: no comments, no preprocessor, integer constants without their value."""
    header = re.sub(r"#ifdef __cplusplus.*?#endif[^\n]*", "", header, flags=re.DOTALL)
    header = re.sub(r"/\*.*?\*/|//[^\n]*", "", header, flags=re.DOTALL)
    header = header.replace("AIM_NODISCARD\n", "")
    constants, lines = [], []
    for line in header.splitlines():
        define = re.match(r"#define (AIM_\w+) ([^{\"].*)", line)
        if define:
            constants.append(f"#define {define.group(1)} ...")
        elif not line.startswith("#"):
            lines.append(line)
    return "\n".join(constants + lines)


def initialisers(header):
    """A function `aim_x_init` for each `AIM_X_INIT`: declarations for cffi, definitions for the compiler."""
    names = [name.lower() for name in re.findall(r"#define (AIM_\w+)_INIT \{", header)]
    declared = "".join(f"{name} {name}_init(void);\n" for name in names)
    defined = "".join(
        f"static {name} {name}_init(void) {{ {name} value = {name.upper()}_INIT; return value; }}\n" for name in names
    )
    return declared, defined


HEADER = (INCLUDE / "aim.h").read_text(encoding="utf-8")
DECLARED, DEFINED = initialisers(HEADER)

ffi = FFI()
ffi.cdef(declarations(HEADER) + DECLARED + (HERE / "support.h").read_text(encoding="utf-8"))
ffi.set_source(
    "libaim._raw",
    '#include "aim.h"\n' + DEFINED + (HERE / "support.c").read_text(encoding="utf-8"),
    include_dirs=[str(INCLUDE)],
    library_dirs=[str(LIB)],
    libraries=["aim"],
    extra_link_args=["-Wl,-rpath,$ORIGIN"],
)
