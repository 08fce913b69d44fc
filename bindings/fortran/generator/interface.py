"""The module aim_c: what include/aim.h declares, as Fortran sees it."""

import re

SCALARS = {
    "int64_t": "integer(c_int64_t)",
    "uint64_t": "integer(c_int64_t)",
    "int32_t": "integer(c_int32_t)",
    "uint32_t": "integer(c_int32_t)",
    "aim_status": "integer(c_int32_t)",
    "size_t": "integer(c_size_t)",
    "double": "real(c_double)",
    "bool": "logical(c_bool)",
    "aim_query_progress": "type(c_funptr)",
    "aim_log_callback": "type(c_funptr)",
    "aim_release": "type(c_funptr)",
}
ZEROS = {
    "integer": "0",
    "real": "0",
    "logical": ".false.",
    "type(c_ptr)": "c_null_ptr",
    "type(c_funptr)": "c_null_funptr",
}
POINTER = "type(c_ptr)"
RENAMED = {"aim_version": "aim_library_version"}  # names that are those of constants but for their case


def plain(header):
    """The header without comments and without what is for C++."""
    header = re.sub(r"#ifdef __cplusplus.*?#endif[^\n]*", "", header, flags=re.DOTALL)
    return re.sub(r"/\*.*?\*/|//[^\n]*|\bAIM_NODISCARD\b", "", header, flags=re.DOTALL)


def split(declaration):
    """('const char *', 'name') of `const char *name`."""
    type_, name = re.fullmatch(r"(.*?[\s*])(\w+)", " ".join(declaration.split())).groups()
    return type_.strip(), name


def constants(header):
    for name, value in re.findall(r"^#define (AIM_\w+) ([^\n{(]+)$", header, flags=re.MULTILINE):
        if value.startswith('"'):
            yield f"character(*), parameter, public :: {name} = '{value[1:-1]}'"
        elif value == "INT64_MIN":  # a literal of it would be out of Fortran's symmetric range
            yield f"integer(c_int64_t), parameter, public :: {name} = ibset(0_c_int64_t, 63)"
        else:
            yield f"integer, parameter, public :: {name} = {value}"


def structs(header):
    for body, name in re.findall(r"typedef struct \{(.*?)\} (\w+);", header, flags=re.DOTALL):
        yield ""
        yield f"type, bind(c), public :: {name}"
        for field in filter(str.strip, body.split(";")):
            type_, component = split(field)
            fortran = POINTER if "*" in type_ else SCALARS[type_]
            zero = next(zero for start, zero in ZEROS.items() if fortran.startswith(start))
            yield f"    {fortran} :: {component} = {zero}"
        yield "end type"


def dummy(parameter, structures):
    """A dummy argument: what the call only reads through a pointer is an address, what it stores is a reference."""
    type_, name = split(parameter)
    base = type_.replace("*", "").replace("const", "").strip()
    fortran = f"type({base})" if base in structures else SCALARS.get(base, POINTER)
    stars = type_.count("*")
    if "*const" in type_:
        return f"{POINTER}, intent(in) :: {name}(*)"  # an array of strings
    if stars == 2:
        return f"{POINTER}, intent(inout) :: {name}"
    if stars == 1 and "const" not in type_ and fortran != POINTER and base != "uint8_t":
        return f"{fortran}, intent(inout) :: {name}"
    return f"{POINTER if stars else fortran}, value :: {name}"


def functions(header):
    structures = re.findall(r"^\} (\w+);", header, flags=re.MULTILINE)
    text = re.sub(r"^#.*$", "", header, flags=re.MULTILINE)
    text = re.sub(r"typedef struct \{.*?\} \w+;", "", text, flags=re.DOTALL)
    text = re.sub(r"typedef [^;]*;|struct \w+;", "", text)
    for result, name, parameters in re.findall(r"([\w\s*]+?[\s*])(aim_\w+)\(([^)]*)\);", text):
        type_ = " ".join(result.split())
        dummies = [] if parameters.strip() == "void" else [dummy(p, structures) for p in parameters.split(",")]
        returned = None if type_ == "void" else POINTER if "*" in type_ else SCALARS[type_]
        declared = " ".join(dummies) + (returned or "")
        imported = sorted(set(re.findall(r"(?:type|integer|real|logical)\((\w+)\)", declared)))
        kind = "function" if returned else "subroutine"
        local = RENAMED.get(name, name)
        arguments = ", ".join(declaration.split()[-1].removesuffix("(*)") for declaration in dummies)
        yield f"{kind} {local}({arguments}) bind(c" + (f", name='{name}')" if local != name else ")")
        if imported:
            yield f"    import :: {', '.join(imported)}"
        yield from (f"    {declaration}" for declaration in dummies)
        if returned:
            yield f"    {returned} :: {local}"
        yield f"end {kind}"


def module(header):
    header = plain(header)
    lines = list(functions(header))
    yield "! The C interface, documented in aim.h. Written by bindings/fortran/generate; do not edit."
    yield "! What a call reads through a pointer is passed as type(c_ptr), what it stores by reference. Fortran has no"
    yield "! unsigned numbers: they are signed here."
    yield "module aim_c"
    yield "    use, intrinsic :: iso_c_binding"
    yield "    implicit none"
    yield "    private"
    yield ""
    yield from (f"    {line}" for line in constants(header))
    yield from (f"    {line}" for line in structs(header))
    yield ""
    for line in lines:
        if name := re.match(r"(?:function|subroutine) (\w+)", line):
            yield f"    public :: {name.group(1)}"
    yield ""
    yield "    interface"
    yield from (f"        {line}" for line in lines)
    yield "    end interface"
    yield "end module aim_c"
