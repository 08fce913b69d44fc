"""The module aim_kinds: Fortran picks a procedure by the types and kinds of the arguments, so tracking and params need
one for every combination of them."""

from itertools import product

VALUES = {"r64": "real(real64)", "r32": "real(real32)", "i64": "integer(int64)", "i32": "integer(int32)"}

# Kinds of step and epoch. Only one of the procedures may do without each, or a call without it would be ambiguous.
NUMBERS = {"l": "integer(int64)", "i": "integer(int32)"}
OPTIONAL = {"ll": (True, True), "li": (True, False), "il": (False, False), "ii": (False, True)}

TRACK = """\
subroutine metric_track_{suffix}(self, value, step, epoch, stat, errmsg)
    class(metric_kinds), intent(in) :: self
    {value}, intent(in) :: value
    {step} :: step
    {epoch} :: epoch
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(int64) :: s, e
    {set_step}
    {set_epoch}
    if (aim_metric_track(self%handle, {converted}, s, e) == AIM_OK) then
        if (present(stat)) stat = AIM_OK
    else
        call track_again(self%handle, {converted}, s, e, stat, errmsg)
    end if
end subroutine"""

TRACK_NAMED = """\
subroutine run_track_{suffix}(self, name, value, step, epoch, context, stat, errmsg)
    class(run_kinds), intent(in) :: self
    character(*), intent(in) :: name
    {value}, intent(in) :: value
    {step} :: step
    {epoch} :: epoch
    character(*), intent(in), optional :: context
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    integer(int64) :: s, e
    {set_step}
    {set_epoch}
    call track_named(self%handle, name, {converted}, s, e, context, stat, errmsg)
end subroutine"""

TRACK_MANY = """\
subroutine metric_track_many_{suffix}(self, values, steps, epochs, stat, errmsg)
    class(metric_kinds), intent(in) :: self
    {value}, intent(in), contiguous :: values(:)
    {step}, contiguous :: steps(:)
    {epoch}, contiguous :: epochs(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    {many}
end subroutine"""

# Of what is int64 already and may be missing nothing is copied.
MANY = {
    "ll": "call track_columns(self%handle, {converted}, steps, epochs, stat, errmsg)",
    "li": "call track_columns(self%handle, {converted}, steps, int(epochs, int64), stat, errmsg)",
    "il": "call track_columns(self%handle, {converted}, int(steps, int64), epochs, stat, errmsg)",
    "ii": """\
if (present(epochs)) then
        call track_columns(self%handle, {converted}, int(steps, int64), int(epochs, int64), stat, errmsg)
    else
        call track_columns(self%handle, {converted}, int(steps, int64), stat=stat, errmsg=errmsg)
    end if""",
}

SET_PARAM = """\
subroutine run_set_{suffix}(self, key, value, stat, errmsg)
    class(run_kinds), intent(in) :: self
    character(*), intent(in) :: key
    {value}, intent(in) :: value{shape}
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call store(self%handle, key, {converted}, stat, errmsg)
end subroutine"""

RUN_GET_PARAM = """\
subroutine run_get_{suffix}(self, key, value, stat, errmsg)
    class(run_kinds), intent(in) :: self
    character(*), intent(in) :: key
    {value}, intent(inout) :: value{shape}
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
end subroutine"""

QUERY_GET_PARAM = """\
subroutine query_get_{suffix}(self, row, key, value, stat, errmsg)
    class(query_kinds), intent(in) :: self
    integer, intent(in) :: row
    character(*), intent(in) :: key
    {value}, intent(inout) :: value{shape}
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    character(:), allocatable :: json
    if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
end subroutine"""

# Types of params that are set, as the name of the procedure, the type, the shape, and what is passed on.
SETS = [
    *((value, VALUES[value], "", "real(value, real64)") for value in ("r64", "r32")),
    *((value, VALUES[value], "", "int(value, int64)") for value in ("i64", "i32")),
    ("logical", "logical", "", "value"),
    ("text", "character(*)", "", "value"),
    *((value + "s", VALUES[value], "(:)", "real(value, real64)") for value in ("r64", "r32")),
    *((value + "s", VALUES[value], "(:)", "int(value, int64)") for value in ("i64", "i32")),
]

# Types of params that are read.
GETS = [
    *((value, VALUES[value], "") for value in VALUES),
    ("logical", "logical", ""),
    ("text", "character(:), allocatable", ""),
    *((value + "s", VALUES[value] + ", allocatable", "(:)") for value in ("r64", "i64", "i32")),
]


def tracking(template):
    for value, (pair, optional) in product(VALUES, OPTIONAL.items()):
        types = [f"{NUMBERS[p]}, intent(in){', optional' if o else ''}" for p, o in zip(pair, optional)]

        def converted(name, value=value):
            return name if value == "r64" else f"real({name}, real64)"

        def setting(to, name, absent, may_miss):
            return f"{to} = {absent}\n    if (present({name})) {to} = {name}" if may_miss else f"{to} = {name}"

        yield template.format(
            suffix=f"{value}_{pair}",
            value=VALUES[value],
            step=types[0],
            epoch=types[1],
            set_step=setting("s", "step", "AIM_STEP_AUTO", optional[0]),
            set_epoch=setting("e", "epoch", "AIM_EPOCH_NONE", optional[1]),
            converted=converted("value"),
            many=MANY[pair].format(converted=converted("values")),
        )


def setting():
    for suffix, value, shape, converted in SETS:
        yield SET_PARAM.format(suffix=suffix, value=value, shape=shape, converted=converted)


def getting(template):
    for suffix, value, shape in GETS:
        yield template.format(suffix=suffix, value=value, shape=shape)


def names(procedures):
    return [procedure.split("(")[0].split()[1] for procedure in procedures]


def type_(name, generics):
    yield ""
    yield f"    type, abstract, public :: {name}"
    yield "        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none."
    yield "        type(c_ptr) :: handle = c_null_ptr"
    yield "    contains"
    for generic, procedures in generics.items():
        yield f"        procedure, private :: {', '.join(names(procedures))}"
        yield f"        generic, public :: {generic} => {', '.join(names(procedures))}"
    yield "    end type"


def module():
    types = {
        "metric_kinds": {"track": [*tracking(TRACK)], "track_many": [*tracking(TRACK_MANY)]},
        "run_kinds": {
            "track": [*tracking(TRACK_NAMED)],
            "set_param": [*setting()],
            "get_param": [*getting(RUN_GET_PARAM)],
        },
        "query_kinds": {"get_param": [*getting(QUERY_GET_PARAM)]},
    }
    yield "! Generic procedures, one for every combination of kinds: values are real64, real32, int64 or int32, steps and"
    yield "! epochs int64 or int32, params these and logicals, texts and arrays. Written by bindings/fortran/generate; do"
    yield "! not edit."
    yield "module aim_kinds"
    yield "    use, intrinsic :: iso_c_binding, only: c_null_ptr, c_ptr"
    yield "    use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64"
    yield "    use aim_c, only: AIM_EPOCH_NONE, aim_metric_track, AIM_OK, AIM_STEP_AUTO"
    yield "    use aim_decoding, only: decode"
    yield "    use aim_params, only: found_in_row, found_in_run, store"
    yield "    use aim_tracking, only: track_again, track_columns, track_named"
    yield "    implicit none"
    yield "    private"
    for name, generics in types.items():
        yield from type_(name, generics)
    yield ""
    yield "contains"
    for generics in types.values():
        for procedures in generics.values():
            for procedure in procedures:
                yield ""
                yield from (f"    {line}" for line in procedure.splitlines())
    yield "end module aim_kinds"
