"""The module aim_object_kinds: tracking and reading arrays takes a procedure for every type and rank."""

from itertools import product

from .kinds import type_ as abstract_type

TYPES = {
    "r64": ("real(real64)", "AIM_F64", "f8", "0.0_real64"),
    "r32": ("real(real32)", "AIM_F32", "f4", "0.0_real32"),
    "i64": ("integer(int64)", "AIM_I64", "i8", "0_int64"),
    "i32": ("integer(int32)", "AIM_I32", "i4", "0_int32"),
    "i16": ("integer(int16)", "AIM_I16", "i2", "0_int16"),
    "i8": ("integer(int8)", "AIM_I8", "i1", "0_int8"),
}
RANKS = range(1, 8)

REST = """\
    class(*), intent(in), optional :: step, epoch
    character(*), intent(in), optional :: caption, meta
    real(real64), intent(in), optional :: time
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
"""

ARRAY = """\
subroutine track_array_{suffix}(self, array, step, epoch, caption, meta, time, stat, errmsg)
    class(sequence_kinds), intent(in) :: self
    {type}, intent(in), contiguous, target :: array({shape})
{rest}\
    call hand_array(self%handle, c_loc(array), {element}, shape(array), step, epoch, caption, meta, time, stat, errmsg)
end subroutine"""

LOGICAL_ARRAY = """\
subroutine track_array_logical_{rank}(self, array, step, epoch, caption, meta, time, stat, errmsg)
    class(sequence_kinds), intent(in) :: self
    logical, intent(in) :: array({shape})
{rest}\
    integer(int8), allocatable, target :: bits({shape})
    allocate (bits, source=merge(1_int8, 0_int8, array))
    call hand_array(self%handle, c_loc(bits), AIM_BOOL, shape(array), step, epoch, caption, meta, time, stat, errmsg)
end subroutine"""

VALUES = """\
subroutine track_values_{suffix}(self, values, bins, low, high, step, epoch, time, stat, errmsg)
    class(sequence_kinds), intent(in) :: self
    {type}, intent(in), contiguous, target :: values({shape})
    integer, intent(in), optional :: bins
    real(real64), intent(in), optional :: low, high
    class(*), intent(in), optional :: step, epoch
    real(real64), intent(in), optional :: time
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    call hand_values(self%handle, c_loc(values), {element}, size(values, kind=c_size_t), bins, low, high, step, epoch, &
        time, stat, errmsg)
end subroutine"""

IMAGE = """\
subroutine track_image_{suffix}(self, pixels, low, high, step, epoch, caption, meta, time, stat, errmsg)
    class(sequence_kinds), intent(in) :: self
    {type}, intent(in), contiguous, target :: pixels({shape})
    real(real64), intent(in), optional :: low, high
{rest}\
    call hand_pixels(self%handle, c_loc(pixels), {element}, {sides}, low, high, step, epoch, caption, meta, time, &
        stat, errmsg)
end subroutine"""

AUDIO = """\
subroutine track_audio_{suffix}(self, samples, rate, step, epoch, caption, meta, time, stat, errmsg)
    class(sequence_kinds), intent(in) :: self
    {type}, intent(in), contiguous, target :: samples({shape})
    integer, intent(in) :: rate
{rest}\
    {body}
end subroutine"""

HAND_SAMPLES = (
    "call hand_samples(self%handle, c_loc({samples}), {element}, {sides}, rate, step, epoch, caption, meta, time, &\n"
    "        stat, errmsg)"
)
NARROWED = "real(real32), allocatable, target :: narrow({shape})\n    allocate (narrow, source=real(samples, real32))\n    "

READ = """\
subroutine read_array_{suffix}(self, k, elements, sides, stat, errmsg)
    class(found_kinds), intent(in) :: self
    integer, intent(in) :: k
    {type}, allocatable, intent(inout) :: elements(:)
    integer, allocatable, intent(inout) :: sides(:)
    integer, intent(out), optional :: stat
    character(*), intent(inout), optional :: errmsg
    {type}, allocatable :: stored(:)
    integer(int8), allocatable :: bytes(:)
    if (.not. read_array(self%handle, k, '{npy}', bytes, sides, stat, errmsg)) return
    allocate (stored, source={decoded})
    elements = stored(places(sides))
end subroutine"""


def shape(rank):
    return ", ".join(":" * rank)


def arrays():
    for (suffix, (type_, element, _, _)), rank in product(TYPES.items(), RANKS):
        yield ARRAY.format(suffix=f"{suffix}_{rank}", type=type_, element=element, shape=shape(rank), rest=REST)
    for rank in RANKS:
        yield LOGICAL_ARRAY.format(rank=rank, shape=shape(rank), rest=REST)


def values():
    for suffix, rank in product(("r64", "r32", "i64", "i32"), RANKS):
        type_, element, _, _ = TYPES[suffix]
        yield VALUES.format(suffix=f"{suffix}_{rank}", type=type_, element=element, shape=shape(rank))


def images():
    sides = {2: "[1, shape(pixels), 1]", 3: "[shape(pixels), 1]", 4: "shape(pixels)"}
    unsigned = {"i8": "AIM_U8", "i16": "AIM_U16"}
    for suffix, rank in product(("r64", "r32", "i16", "i8"), sides):
        type_, element, _, _ = TYPES[suffix]
        yield IMAGE.format(
            suffix=f"{suffix}_{rank}",
            type=type_,
            element=unsigned.get(suffix, element),
            shape=shape(rank),
            sides=sides[rank],
            rest=REST,
        )


def audio():
    sides = {1: "[1, shape(samples)]", 2: "shape(samples)"}
    for suffix, rank in product(("r64", "r32", "i32", "i16"), sides):
        type_, element, _, _ = TYPES[suffix]
        narrow = suffix == "r64"
        call = HAND_SAMPLES.format(
            samples="narrow" if narrow else "samples", element="AIM_F32" if narrow else element, sides=sides[rank]
        )
        body = NARROWED.format(shape=shape(rank)) + call if narrow else call
        yield AUDIO.format(suffix=f"{suffix}_{rank}", type=type_, shape=shape(rank), rest=REST, body=body)


def readings():
    for suffix, (type_, _, npy, mold) in TYPES.items():
        decoded = f"transfer(bytes, {mold}, product(sides))"
        yield READ.format(suffix=suffix, type=type_, npy=npy, decoded=decoded)
    yield READ.format(suffix="logical", type="logical", npy="b1", decoded="bytes /= 0_int8")


def module():
    types = {
        "sequence_kinds": {
            "track_array": [*arrays()],
            "track_values": [*values()],
            "track_image": [*images()],
            "track_audio": [*audio()],
        },
        "found_kinds": {"read_array": [*readings()]},
    }
    yield "! Generic procedures for objects, one for every type and rank. Written by bindings/fortran/generate; do not edit."
    yield "module aim_object_kinds"
    yield "    use, intrinsic :: iso_c_binding, only: c_loc, c_null_ptr, c_ptr, c_size_t"
    yield "    use, intrinsic :: iso_fortran_env, only: int16, int32, int64, int8, real32, real64"
    yield "    use aim_c, only: AIM_BOOL, AIM_F32, AIM_F64, AIM_I16, AIM_I32, AIM_I64, AIM_I8, AIM_U16, AIM_U8"
    yield "    use aim_handing, only: hand_array, hand_pixels, hand_samples, hand_values"
    yield "    use aim_reading, only: places, read_array"
    yield "    implicit none"
    yield "    private"
    for name, generics in types.items():
        yield from abstract_type(name, generics)
    yield ""
    yield "contains"
    for generics in types.values():
        for procedures in generics.values():
            for procedure in procedures:
                yield ""
                yield from (f"    {line}" for line in procedure.splitlines())
    yield "end module aim_object_kinds"
