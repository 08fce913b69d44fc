"""What a run tracks beside numbers: images, texts, audio, distributions, figures, videos, tables and arrays."""

import io
import os

from ._call import call, get, text_in
from ._json import dump, load
from ._lend import call_lending
from ._raw import ffi, lib
from ._views import AudioView, BinsView, FigureView, ImageView, TextView
from .errors import InvalidArgumentError

_DTYPES = {
    "uint8": lib.AIM_U8,
    "uint16": lib.AIM_U16,
    "uint32": lib.AIM_U32,
    "uint64": lib.AIM_U64,
    "int8": lib.AIM_I8,
    "int16": lib.AIM_I16,
    "int32": lib.AIM_I32,
    "int64": lib.AIM_I64,
    "float16": lib.AIM_F16,
    "bfloat16": lib.AIM_BF16,
    "float32": lib.AIM_F32,
    "float64": lib.AIM_F64,
    "bool": lib.AIM_BOOL,
}


class Object:
    """One object of a point. `caption` says what it shows, `meta` is a dictionary that is kept with it."""

    kind = None

    _lent = False
    _released = None

    def __init__(self, caption="", meta=None):
        self.caption = caption
        self.meta = meta

    def lend(self, released=None):
        """Lends the object: tracking checks and queues it and returns, and a thread of the library encodes and stores it, while
        processors are free. Until then the array or buffer that it was made from must not change, and a death of the process
        loses the point; flushing, closing and queries wait for it. `released()`, if it is given, is called in a thread of its
        own when the library does not need the memory any more. Of a point all objects are lent, or none. Returns the object."""
        self._lent, self._released = True, released
        return self

    def _fill(self, struct, kept):
        """What all structs of the C API have."""
        struct.caption = _text(self.caption, "caption", kept)
        if self.meta is not None:
            struct.meta = _text(dump(self.meta), "meta", kept)
        return struct


class _Encoded(Object):
    """An object of bytes in a format; without one the first bytes tell."""

    def __init__(self, data, format=None, caption="", meta=None):
        super().__init__(caption, meta)
        if isinstance(data, (str, os.PathLike)):
            with open(data, "rb") as file:
                data = file.read()
        elif isinstance(data, io.IOBase):
            data = data.read()
        self.data = memoryview(data).cast("B")
        self.format = format or None

    def _encoded(self):
        return self.data, self.format

    @staticmethod
    def _track(sequence, objects, moment):
        structs = ffi.new("aim_object[]", [lib.aim_object_init()] * len(objects))
        kept = []
        for struct, one in zip(structs, objects):
            data, format = one._encoded()
            kept.append(ffi.from_buffer(data))
            struct.data, struct.size = kept[-1], len(data)
            if format is not None:
                struct.format = _text(format, "format", kept)
            one._fill(struct, kept)
        call_lending(lib.aim_sequence_track, sequence, structs, objects, kept, len(objects), *moment)


class Image(ImageView, Object):
    """An image.

    image    the path of a file, bytes or a stream, taken as they are; a PIL image; an array of height, width and channels (1 to
             4), or of height and width; a tensor of PyTorch, channels first; a figure of matplotlib. Floats go from 0 to 1.
             Arrays and tensors are stored as PNG, without loss but for floats, which get 8 bits.
    format, quality, optimize  how a PIL image is encoded; 'png' unless it has a format of its own.
    """

    kind = lib.AIM_QUERY_IMAGES

    def __init__(self, image, caption="", format=None, quality=90, optimize=False, *, meta=None):
        super().__init__(caption, meta)
        self._pixels = self._data = None
        if isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview, io.IOBase)):
            is_path = isinstance(image, (str, os.PathLike))
            self._data = _Encoded(image, None if is_path else format)
        elif hasattr(image, "savefig"):
            buffer = io.BytesIO()
            image.savefig(buffer, format="png")
            self._data = _Encoded(buffer.getvalue(), "png")
        elif hasattr(image, "save") and hasattr(image, "mode"):
            self._data = _from_pil(image, format, quality, optimize)
        else:
            self._pixels, self._planar = _pixels(image)
            if format not in (None, "png"):
                import PIL.Image

                self._data = _from_pil(PIL.Image.fromarray(self._packed()), format, quality, optimize)
                self._pixels = None

    @property
    def data(self):
        """The bytes that are stored for it; of an array they are made now, of 8 bits a channel."""
        return self._encoded()[0]

    @property
    def format(self):
        return "png" if self._data is None else (self._data.format or self.to_pil_image().format.lower())

    @property
    def width(self):
        return self.to_pil_image().width if self._pixels is None else self._pixels.shape[2 if self._planar else 1]

    @property
    def height(self):
        return self.to_pil_image().height if self._pixels is None else self._pixels.shape[1 if self._planar else 0]

    @property
    def size(self):
        """Width and height."""
        return self.width, self.height

    def _packed(self):
        """8-bit pixels, channels last."""
        import numpy

        pixels = self._pixels.transpose(1, 2, 0) if self._planar else self._pixels
        if pixels.dtype.kind == "f":
            pixels = numpy.round(numpy.nan_to_num(pixels).clip(0, 1) * 255).astype("uint8")
        return pixels[..., 0] if pixels.shape[-1] == 1 else pixels

    def _encoded(self):
        if self._data is None:
            import PIL.Image  # images of arrays beside encoded ones, in one list

            self._data = _from_pil(PIL.Image.fromarray(self._packed()), "png", 90, False)
        return self._data._encoded()

    @staticmethod
    def _track(sequence, objects, moment):
        if any(one._pixels is None for one in objects):
            _Encoded._track(sequence, objects, moment)
            return
        structs = ffi.new("aim_pixels[]", [lib.aim_pixels_init()] * len(objects))
        kept = []
        for struct, one in zip(structs, objects):
            pixels, planar = one._pixels, one._planar
            kept.append(pixels)
            struct.data = ffi.cast("void *", pixels.ctypes.data)
            if planar:
                struct.channels, struct.height, struct.width = pixels.shape
            else:
                struct.height, struct.width, struct.channels = pixels.shape
            struct.planar = planar
            struct.dtype = _DTYPES[pixels.dtype.name]
            one._fill(struct, kept)
        call_lending(lib.aim_sequence_track_pixels, sequence, structs, objects, kept, len(objects), *moment)


class Text(TextView, _Encoded):
    """A text; `format` is 'text', 'markdown' or 'html'."""

    kind = lib.AIM_QUERY_TEXTS

    def __init__(self, text, *, format="text", caption="", meta=None):
        if not isinstance(text, str):
            raise TypeError(f"a text is a str, not {type(text).__name__}")
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise InvalidArgumentError("the text has half of a surrogate pair") from error
        super().__init__(data, format, caption, meta)


class Audio(AudioView, Object):
    """An audio clip.

    data    the path of a file, bytes or a stream, of WAV, FLAC, MP3 or OGG; or an array of samples by frame, or by frame and
            channel, stored as WAV: 16- or 32-bit integers, or floats from -1 to 1.
    rate    frames a second of an array: 22500 unless said otherwise, as Aim has it.
    """

    kind = lib.AIM_QUERY_AUDIOS

    def __init__(self, data, format="", caption="", rate=None, *, meta=None):
        super().__init__(caption, meta)
        self._samples = self._data = None
        if isinstance(data, (str, bytes, bytearray, memoryview, os.PathLike, io.IOBase)):
            self._data = _Encoded(data, format)
            return
        import numpy

        samples = _array(data)
        samples = samples[:, None] if samples.ndim == 1 else samples
        if samples.ndim != 2:
            raise InvalidArgumentError(f"samples have one or two dimensions, not {samples.ndim}")
        if samples.dtype.kind == "f":
            samples = samples.astype("float32")
        self._samples = numpy.ascontiguousarray(samples)
        self._rate = 22500 if rate is None else rate

    @property
    def data(self):
        """The bytes that are stored for it; of an array they are made by the library, when it is tracked."""
        if self._data is None:
            raise InvalidArgumentError("a clip of an array has no bytes before it is tracked: to_numpy() has the samples")
        return self._data.data

    @property
    def format(self):
        return "wav" if self._data is None else self._data.format

    def to_numpy(self):
        if self._data is None:
            return self._rate, self._samples[:, 0] if self._samples.shape[1] == 1 else self._samples
        return AudioView.to_numpy(self)

    def _encoded(self):
        if self._data is None:
            raise InvalidArgumentError("a list of clips is one of arrays, or one of encoded clips")
        return self._data._encoded()

    @staticmethod
    def _track(sequence, objects, moment):
        if any(one._samples is None for one in objects):
            _Encoded._track(sequence, objects, moment)
            return
        structs = ffi.new("aim_samples[]", [lib.aim_samples_init()] * len(objects))
        kept = []
        for struct, one in zip(structs, objects):
            kept.append(one._samples)
            struct.data = ffi.cast("void *", one._samples.ctypes.data)
            struct.frames, struct.channels = one._samples.shape
            struct.rate = one._rate
            struct.dtype = _dtype(one._samples)
            one._fill(struct, kept)
        call_lending(lib.aim_sequence_track_samples, sequence, structs, objects, kept, len(objects), *moment)


class Distribution(BinsView, Object):
    """A distribution: values that are counted into `bin_count` bins of equal width, or bins that were counted already, with
    their range or, uneven, their edges.

    NaN and infinities among the values are counted apart.
    """

    kind = lib.AIM_QUERY_DISTRIBUTIONS

    def __init__(self, samples=None, bin_count=64, *, hist=None, bin_range=None, edges=None):
        super().__init__()
        if (samples is None) == (hist is None):
            raise InvalidArgumentError("a distribution is of samples or of a hist")
        self._samples = None if samples is None else _array(samples).ravel()
        self._hist = None if hist is None else _column(hist)
        self._bins = bin_count
        self._range = (0.0, 0.0) if bin_range is None else (float(bin_range[0]), float(bin_range[1]))
        self._edges = None if edges is None else _column(edges)
        if self._edges is not None and (self._hist is None or len(self._edges) != len(self._hist) + 1):
            raise InvalidArgumentError("edges are one more than the bins of a hist")

    @classmethod
    def from_samples(cls, samples, bin_count=64):
        return cls(samples, bin_count)

    @classmethod
    def from_histogram(cls, hist, bin_range):
        return cls(hist=hist, bin_range=bin_range)

    def to_np_histogram(self):
        """The weights of its bins, and their edges, one more."""
        import numpy

        if self._hist is None:
            samples = self._samples[numpy.isfinite(self._samples)]
            return numpy.histogram(samples, self._bins, None if self._range == (0.0, 0.0) else self._range)
        if self._edges is not None:
            return self._hist, self._edges
        return self._hist, numpy.linspace(*self._range, len(self._hist) + 1)

    @staticmethod
    def _track(sequence, objects, moment):
        if len(objects) != 1:
            raise InvalidArgumentError(f"a point has one distribution, not {len(objects)}")
        one = objects[0]
        if one._lent:
            raise InvalidArgumentError("a distribution cannot be lent: it is counted by the call")
        if one._samples is not None:
            samples = one._samples
            data = ffi.cast("void *", samples.ctypes.data)
            arguments = (data, samples.size, _dtype(samples), one._bins, *one._range)
            call(lib.aim_sequence_track_values, sequence, *arguments, *moment)
            return
        struct = ffi.new("aim_distribution *", lib.aim_distribution_init())
        kept = [ffi.from_buffer("double[]", one._hist)]
        struct.weights, struct.bins = kept[0], len(one._hist)
        struct.low, struct.high = one._range
        if one._edges is not None:
            kept.append(ffi.from_buffer("double[]", one._edges))
            struct.edges = kept[1]
        call(lib.aim_sequence_track_distribution, sequence, struct, *moment)


class Figure(FigureView, _Encoded):
    """A figure of plotly, or of matplotlib, which is kept as SVG; or bytes in a format: 'plotly', 'vega-lite', 'html', 'svg'."""

    kind = lib.AIM_QUERY_FIGURES

    def __init__(self, obj, format=None, caption="", meta=None):
        if hasattr(obj, "to_json") and hasattr(obj, "to_plotly_json"):
            obj, format = obj.to_json().encode(), "plotly"
        elif hasattr(obj, "savefig"):
            buffer = io.BytesIO()
            obj.savefig(buffer, format="svg")
            obj, format = buffer.getvalue(), "svg"
        elif isinstance(obj, dict):
            obj, format = dump(obj).encode(), format or "plotly"
        super().__init__(obj, format, caption, meta)


class Video(_Encoded):
    """A video: a path, bytes or a stream, of MP4, WebM or GIF."""

    kind = lib.AIM_QUERY_VIDEOS


class Table(_Encoded):
    """A table: whatever offers Arrow's C stream (of pyarrow, pandas, polars, DuckDB), by pyarrow; or a path, bytes or a file, of
    an Arrow file, Parquet, or, named as format, CSV. Cells may be images: encoded ones, in a column of bytes."""

    kind = lib.AIM_QUERY_TABLES

    def __init__(self, data, format=None, caption="", meta=None):
        if hasattr(data, "__arrow_c_stream__"):
            import pyarrow

            rows = pyarrow.RecordBatchReader.from_stream(data)
            sink = io.BytesIO()
            with pyarrow.ipc.new_file(sink, rows.schema) as file:
                for batch in rows:
                    file.write_batch(batch)
            data, format = sink.getvalue(), "arrow"
        super().__init__(data, format, caption, meta)


class Array(Object):
    """An array or tensor, stored as NPY; `meta` may say what it is: {"role": "points"}."""

    kind = lib.AIM_QUERY_ARRAYS

    def __init__(self, array, caption="", meta=None):
        super().__init__(caption, meta)
        self._array = _array(array)

    @staticmethod
    def _track(sequence, objects, moment):
        if len(objects) != 1:
            raise InvalidArgumentError(f"a point has one array, not {len(objects)}")
        (one,) = objects
        array = one._array
        struct = ffi.new("aim_array *", lib.aim_array_init())
        kept = [array]
        struct.data = ffi.cast("void *", array.ctypes.data)
        struct.dtype = _dtype(array)
        struct.ndim = array.ndim
        kept += ffi.new("uint64_t[]", array.shape or [0]), ffi.new("int64_t[]", array.strides or [0])
        struct.shape, struct.strides = kept[1:]
        one._fill(struct, kept)
        call_lending(lib.aim_sequence_track_array, sequence, struct, objects, kept, *moment)


def track(sequences, objects, name, step, epoch, context, time=0.0):
    """Tracks a point of objects of one kind. `sequences` gives the sequence of a kind, name and context; the time 0 is now."""
    kinds = {type(one) for one in objects}
    if len(kinds) > 1:
        raise InvalidArgumentError(f"a point has objects of one kind, not {', '.join(sorted(k.__name__ for k in kinds))}")
    (kind,) = kinds
    step = lib.AIM_STEP_AUTO if step is None else step
    epoch = lib.AIM_EPOCH_NONE if epoch is None else epoch
    kind._track(sequences(kind.kind, name, context), objects, (step, epoch, time))


def are(value):
    """Whether a value is an object, or a list of objects."""
    return isinstance(value, Object) or (
        isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(one, Object) for one in value)
    )


def _text(text, what, kept):
    kept.append(ffi.new("char[]", text_in(text, what)))
    return kept[-1]


def _array(values):
    """What a caller has, as a NumPy array that is not a copy where that can be."""
    import numpy

    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if str(values.dtype) == "torch.bfloat16":
            values = values.float()
        values = values.numpy()
    return numpy.asarray(values)


def _dtype(array):
    try:
        return _DTYPES[array.dtype.name]
    except KeyError:
        raise InvalidArgumentError(f"elements of type {array.dtype} cannot be stored") from None


def _column(values):
    import numpy

    return numpy.ascontiguousarray(_array(values), dtype="float64")


def _pixels(image):
    """Packed pixels with three dimensions, and whether channels come first."""
    import numpy

    first = hasattr(image, "detach")
    pixels = _array(image)
    if pixels.ndim == 2:
        pixels, first = pixels[..., None], False
    if pixels.ndim != 3:
        raise InvalidArgumentError(f"an image has two or three dimensions, not {pixels.ndim}")
    # An array with channels first is told by its shape, where that leaves no doubt.
    first = first or pixels.shape[2] > 4 and pixels.shape[0] in (1, 3, 4)
    if pixels.dtype == bool:
        pixels = pixels.astype("uint8") * 255
    if pixels.dtype.name not in ("uint8", "uint16", "float16", "float32", "float64"):
        raise InvalidArgumentError(f"pixels are uint8, uint16 or floats from 0 to 1, not {pixels.dtype}")
    return numpy.ascontiguousarray(pixels), first


def _from_pil(image, format, quality, optimize):
    format = (format or image.format or "png").lower()
    format = "jpeg" if format == "jpg" else format
    if format == "jpeg" and image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    buffer = io.BytesIO()
    animated = {"save_all": True} if getattr(image, "is_animated", False) else {}
    image.save(buffer, format=format, quality=quality, optimize=optimize, **animated)
    return _Encoded(buffer.getvalue(), format)


def convert_to_aim_image_list(images, labels=None):
    """A list of images of a batch, with the labels, texts or tensors of one element, as captions."""
    labels = iter(() if labels is None else labels)
    captions = (label if isinstance(label, str) else str(getattr(label, "item", lambda: label)()) for label in labels)
    return [Image(image, next(captions, "")) for image in images]
