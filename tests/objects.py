"""Tracks pixels, samples, arrays and values through the C API, and reads them with other people's programs."""

import ctypes as C
import io
import mmap
import sys
import wave

import numpy as np
import soundfile
from PIL import Image

IMAGES, AUDIOS, DISTRIBUTIONS, ARRAYS = 3, 5, 6, 10
AUTO = NONE = -(2**63)
DTYPES = {
    "uint8": 1, "uint16": 2, "int8": 3, "int16": 4, "int32": 5, "int64": 6, "float16": 7,
    "float32": 9, "float64": 10, "uint32": 11, "uint64": 12, "bool": 13,
}
BF16 = 8

lib = C.CDLL(sys.argv[1])
lib.aim_error_message.restype = C.c_char_p
lib.aim_objects_len.restype = C.c_size_t
lib.aim_objects_len.argtypes = [C.c_void_p]
count = failures = 0


def check(good, what):
    global count, failures
    count += 1
    failures += not good
    print(f"{'' if good else 'not '}ok {count} - {what}", flush=True)


def call(name, *args):
    error = C.c_void_p()
    status = getattr(lib, name)(*args, C.byref(error))
    if status:
        raise RuntimeError(f"{name}: {lib.aim_error_message(error).decode()}")


class Sized(C.Structure):
    def __init__(self, **fields):
        super().__init__(C.sizeof(type(self)), **fields)


class RunOptions(Sized):
    _fields_ = [("struct_size", C.c_size_t), ("repo", C.c_char_p)]


class Pixels(Sized):
    _fields_ = [
        ("struct_size", C.c_size_t), ("data", C.c_void_p), ("width", C.c_uint32), ("height", C.c_uint32),
        ("channels", C.c_uint32), ("dtype", C.c_int32), ("planar", C.c_int32), ("row_stride", C.c_int64),
        ("low", C.c_double), ("high", C.c_double), ("caption", C.c_char_p), ("meta", C.c_char_p),
    ]


class Samples(Sized):
    _fields_ = [
        ("struct_size", C.c_size_t), ("data", C.c_void_p), ("frames", C.c_uint64), ("channels", C.c_uint32),
        ("rate", C.c_uint32), ("dtype", C.c_int32), ("caption", C.c_char_p), ("meta", C.c_char_p),
    ]


class Array(Sized):
    _fields_ = [
        ("struct_size", C.c_size_t), ("data", C.c_void_p), ("dtype", C.c_int32), ("ndim", C.c_uint32),
        ("shape", C.c_void_p), ("strides", C.c_void_p), ("caption", C.c_char_p), ("meta", C.c_char_p),
    ]


class Distribution(Sized):
    _fields_ = [
        ("struct_size", C.c_size_t), ("weights", C.POINTER(C.c_double)), ("bins", C.c_size_t),
        ("edges", C.POINTER(C.c_double)), ("low", C.c_double), ("high", C.c_double), ("nans", C.c_uint64),
        ("infinities", C.c_uint64), ("count", C.c_double), ("sum", C.c_double), ("sum_squares", C.c_double),
        ("min", C.c_double), ("max", C.c_double),
    ]


when = (C.c_int64(AUTO), C.c_int64(NONE), C.c_double(0))


def sequence(kind, name):
    made = C.c_void_p()
    call("aim_run_sequence", run, C.c_int32(kind), name.encode(), None, C.byref(made))
    return made


def objects(kind, name, word):
    query, found = C.c_void_p(), C.c_void_p()
    expression = f"{word}.name == {name!r}".encode()
    call("aim_repo_query", repo, expression, C.c_int32(kind), C.byref(query))
    call("aim_query_objects", query, C.c_size_t(0), None, C.byref(found))
    lib.aim_query_free(query)
    return found


def data(found, k):
    place, size = C.c_void_p(), C.c_size_t()
    call("aim_objects_data", found, C.c_size_t(k), C.byref(place), C.byref(size))
    return C.string_at(place, size.value)


def as_png(array, planar=False, **fields):
    """Pixels by their memory: HWC, or CHW where planar; the last image of a sequence of their own."""
    as_png.number += 1
    name = f"i{as_png.number}"
    height, width = array.shape[1:3] if planar else array.shape[:2]
    channels = array.shape[0] if planar else array.shape[2]
    row = array.strides[1] if planar else array.strides[0]
    dtype = fields.pop("dtype", None) or DTYPES[str(array.dtype)]
    image = Pixels(
        data=array.ctypes.data, width=width, height=height, channels=channels, dtype=dtype,
        planar=planar, row_stride=row, **fields,
    )
    call("aim_sequence_track_pixels", sequence(IMAGES, name), C.byref(image), C.c_size_t(1), *when)
    found = objects(IMAGES, name, "images")
    return Image.open(io.BytesIO(data(found, 0)))


as_png.number = 0


def images():
    random = np.random.default_rng(1)
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    for channels, mode in modes.items():
        for height, width in [(1, 1), (1, 7), (9, 1), (64, 64), (33, 251)]:
            pixels = random.integers(0, 256, (height, width, channels), np.uint8)
            decoded = as_png(pixels)
            good = decoded.mode == mode and np.array_equal(np.asarray(decoded).reshape(pixels.shape), pixels)
            check(good, f"{mode} {width}x{height} is exact")
        planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        decoded = np.asarray(as_png(planes, planar=True)).reshape(pixels.shape)
        check(np.array_equal(decoded, pixels), f"{mode} by planes is exact")
    flat = np.zeros((500, 700, 3), np.uint8)
    check(not np.asarray(as_png(flat)).any(), "black is black")
    gradient = np.add.outer(np.arange(300), np.arange(400)).astype(np.uint8)[..., None]
    check(np.array_equal(np.asarray(as_png(gradient)), gradient[..., 0]), "a gradient is exact")
    wide = random.integers(0, 256, (20, 50, 3), np.uint8)[:, :31]
    check(np.array_equal(np.asarray(as_png(wide)), wide), "rows farther apart than they are long")
    for channels in modes:
        pixels = random.integers(0, 256, (23, 17, channels), np.uint8)
        for what, flipped in ("bottom up", pixels[::-1]), ("bottom up, with room between", pixels[::-2, :11]):
            wanted = np.ascontiguousarray(flipped)
            good = np.array_equal(np.asarray(as_png(flipped)).reshape(wanted.shape), wanted)
            planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))[:, ::-1]
            decoded = np.asarray(as_png(planes, planar=True)).reshape(pixels.shape)
            check(good and np.array_equal(decoded, pixels[::-1]), f"{channels} channels, {what}, also by planes")
    one = random.integers(0, 256, (1, 5, 3), np.uint8)[::-1]
    check(np.array_equal(np.asarray(as_png(one)), one), "one row, bottom up")
    deep = random.integers(0, 65536, (21, 13, 1), np.uint16)
    check(np.array_equal(np.asarray(as_png(deep[::-1])), deep[::-1, :, 0]), "16 bits, bottom up")
    check(np.array_equal(np.asarray(as_png(deep)), deep[..., 0]), "16 bits are exact")

    values = np.array([[[-1.0], [-2.0], [0.0], [1.0], [7.0], [np.nan], [np.inf], [-np.inf]]])
    wanted = [0, 0, 128, 255, 255, 0, 255, 0]
    for dtype in (np.float16, np.float32, np.float64):
        decoded = as_png(values.astype(dtype), low=-1.0, high=1.0)
        check(np.asarray(decoded).ravel().tolist() == wanted, f"{dtype.__name__} from -1 to 1, NaN black")
    brain = (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    decoded = as_png(brain, dtype=BF16, low=-1.0, high=1.0)
    check(np.asarray(decoded).ravel().tolist() == wanted, "bfloat16 from -1 to 1")
    unit = random.random((8, 9, 3), np.float32)
    wanted = np.round(unit.astype(np.float64) * 255).astype(np.uint8)
    check(np.array_equal(np.asarray(as_png(unit)), wanted), "floats from 0 to 1 by default")


def audio():
    random = np.random.default_rng(2)
    for dtype, subtype in [(np.int16, "PCM_16"), (np.int32, "PCM_32"), (np.float32, "FLOAT")]:
        for channels in (1, 2, 5):
            frames = random.random((1001, channels)) * 2 - 1
            most = np.iinfo(dtype).max if dtype != np.float32 else 1
            frames = np.ascontiguousarray((frames * most).astype(dtype))
            name = f"{subtype}{channels}"
            clip = Samples(
                data=frames.ctypes.data, frames=1001, channels=channels, rate=22050,
                dtype=DTYPES[str(frames.dtype)],
            )
            call("aim_sequence_track_samples", sequence(AUDIOS, name), C.byref(clip), C.c_size_t(1), *when)
            encoded = data(objects(AUDIOS, name, "audios"), 0)
            read, rate = soundfile.read(io.BytesIO(encoded), dtype=str(frames.dtype), always_2d=True)
            info = soundfile.info(io.BytesIO(encoded))
            good = np.array_equal(read, frames) and rate == 22050 and info.subtype == subtype
            check(good, f"{subtype} with {channels} channels is exact for soundfile")
            if dtype != np.float32:
                with wave.open(io.BytesIO(encoded)) as file:
                    good = file.getparams()[:4] == (channels, frames.itemsize, 22050, 1001)
                    check(good and file.readframes(1001) == frames.tobytes(), "and for Python's wave")


def as_npy(array, dtype=None):
    as_npy.number += 1
    name = f"a{as_npy.number}"
    shape = np.array(array.shape, np.uint64)
    strides = np.array(array.strides, np.int64)
    given = Array(
        data=array.ctypes.data, dtype=dtype or DTYPES[str(array.dtype)], ndim=array.ndim,
        shape=shape.ctypes.data, strides=strides.ctypes.data,
    )
    call("aim_sequence_track_array", sequence(ARRAYS, name), C.byref(given), *when)
    return np.load(io.BytesIO(data(objects(ARRAYS, name, "arrays"), 0)))


as_npy.number = 0


def arrays():
    random = np.random.default_rng(3)
    for dtype in DTYPES:
        array = (random.random((3, 4, 5)) * 100).astype(dtype)
        read = as_npy(array)
        check(read.dtype == array.dtype and np.array_equal(read, array), f"{dtype} is exact for NumPy")
    base = random.random((6, 7, 8))
    for what, array in [
        ("transposed", base.T), ("every other", base[::2, 1::3, ::2]), ("in columns", np.asfortranarray(base)),
        ("broadcast", np.broadcast_to(base[0, 0], (5, 8))), ("one element", base[:1, :1, :1]),
        ("backwards", base[::-1, ::-1, ::-1]), ("one dimension backwards", base[:, ::-1]),
        ("every third backwards, transposed", base[::-3, 1:, ::-2].T), ("a line backwards", base[1, ::-1, 3]),
        ("broadcast backwards", np.broadcast_to(base[0, 0], (5, 8))[::-1, ::-1]), ("no element, backwards", base[:0, ::-1]),
        ("no element", base[:0]), ("no dimension", np.array(base[0, 0, 0])), ("a line", base[1, :, 3]),
    ]:
        read = as_npy(array)
        check(read.shape == array.shape and np.array_equal(read, array), f"{what} is exact")
    brain = np.array([1.5, -2.0, 3e38], np.float32)
    read = as_npy((brain.view(np.uint32) >> 16).astype(np.uint16), dtype=BF16)
    check(read.dtype == np.float32 and np.allclose(read, brain, rtol=0.01), "bfloat16 becomes float32")


class Object(Sized):
    _fields_ = [
        ("struct_size", C.c_size_t), ("data", C.c_void_p), ("size", C.c_size_t), ("format", C.c_char_p),
        ("caption", C.c_char_p), ("meta", C.c_char_p), ("release", C.c_void_p), ("release_userdata", C.c_void_p),
    ]


def largest():
    """The largest object and the largest text, one byte less, and one more; of zeros, which take no memory here."""
    zeros = mmap.mmap(-1, (1 << 30) + 1, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
    place = np.frombuffer(zeros, np.uint8).ctypes.data
    for kind, word, format, most in (4, "texts", b"text", 16 << 20), (8, "videos", b"mp4", 1 << 30):
        into = sequence(kind, "largest")
        for size in most - 1, most, most + 1:
            given = Object(data=place, size=size, format=format)
            said = ""
            try:
                call("aim_sequence_track", into, C.byref(given), C.c_size_t(1), *when)
            except RuntimeError as e:
                said = str(e)
            good = f"has {size} bytes, more than {most}" in said if size > most else not said
            check(good, f"an object of {word} with {size} bytes is {'refused' if size > most else 'tracked'} {said}")
        found = objects(kind, "largest", word)
        sizes = [len(data(found, k)) for k in range(lib.aim_objects_len(found))]
        check(sizes == [most - 1, most], f"and what was tracked comes back: {sizes}")
        lib.aim_objects_free(C.c_void_p(found.value))


def distributions():
    random = np.random.default_rng(4)
    normal = random.normal(0.0, 1.0, 100_003)
    for k, (dtype, bins, limits) in enumerate([
        ("float64", 64, None), ("float32", 64, None), ("float16", 10, None), ("int32", 7, None),
        ("uint8", 16, (0, 256)), ("float64", 4096, (-1, 1)), ("float32", 1, None), ("float64", 100, (50, 60)),
    ]):
        values = (normal * (50 if "int" in dtype else 1)).astype(dtype)
        low, high = limits or (0, 0)
        name = f"d{k}"
        call(
            "aim_sequence_track_values", sequence(DISTRIBUTIONS, name), C.c_void_p(values.ctypes.data),
            C.c_size_t(len(values)), C.c_int32(DTYPES[dtype]), C.c_size_t(bins), C.c_double(low), C.c_double(high),
            *when,
        )
        found = Distribution()
        keep = objects(DISTRIBUTIONS, name, "distributions")
        call("aim_objects_distribution", keep, C.c_size_t(0), C.byref(found))
        exact = values.astype(np.float64)
        weights, edges = np.histogram(exact, bins=bins, range=limits)
        read = np.array(found.weights[: found.bins])
        good = found.bins == bins and np.allclose(found.edges[: bins + 1], edges, rtol=1e-12, atol=1e-12)
        # A value on an edge may fall to either side, by the last bit of the division.
        good = good and read.sum() == weights.sum() and np.abs(read - weights).sum() <= max(4, len(values) * 1e-4)
        good = good and found.count == len(values) and np.isclose(found.sum, exact.sum(), rtol=1e-9, atol=1e-6)
        good = good and (found.min, found.max) == (exact.min(), exact.max())
        check(good, f"{bins} bins of {dtype} {limits or ''} are NumPy's")


options = RunOptions(repo=sys.argv[2].encode())
run, repo = C.c_void_p(), C.c_void_p()
call("aim_run_new", C.byref(options), C.byref(run))
call("aim_repo_open", sys.argv[2].encode(), None, C.byref(repo))
images()
audio()
arrays()
distributions()
largest()
print(f"1..{count}")
sys.exit(failures > 0)
