"""What queries find of objects: sequences, and the objects of their points."""

import io

from ._call import call, get
from ._json import load
from ._raw import ffi, lib
from ._views import AudioView, BinsView, FigureView, ImageView, TextView
from .metric import ArrayView


class TrackedObject:
    """An object that a query found. `data` are its bytes, read and checked when first asked for."""

    def __init__(self, handle, k):
        self._handle, self._k = handle, k
        self._data = None
        info = ffi.new("aim_object_info *", lib.aim_object_info_init())
        call(lib.aim_objects_info, handle, k, info)
        self.step, self.index, self.time, self.size = info.step, info.index, info.time, info.size
        self.epoch = None if info.epoch == lib.AIM_EPOCH_NONE else info.epoch
        self.width, self.height = info.width, info.height
        self.format, self.caption, meta = (ffi.string(t).decode() for t in (info.format, info.caption, info.meta))
        self.meta = load(meta)

    @property
    def data(self):
        """The bytes, as a read-only view of the library's memory."""
        if self._data is None:
            data, size = ffi.new("uint8_t **"), ffi.new("size_t *")
            call(lib.aim_objects_data, self._handle, self._k, data, size)
            # The buffer keeps the pointer alive, and that the objects.
            memory = ffi.gc(data[0], lambda _, handle=self._handle: None)
            self._data = memoryview(ffi.buffer(memory, size[0])).toreadonly()
        return self._data

    def __len__(self):
        return self.size

    def __repr__(self):
        return f"<{self.format} of {self.size} bytes at step {self.step}, {self.index}>"


class _Image(ImageView, TrackedObject):
    pass


class _Video(TrackedObject):
    # Of formats that Pillow reads: its first frame, and `n_frames`.
    to_pil_image = ImageView.to_pil_image


class _Text(TextView, TrackedObject):
    pass


class _Audio(AudioView, TrackedObject):
    pass


class _Distribution(BinsView, TrackedObject):
    def _distribution(self):
        found = ffi.new("aim_distribution *", lib.aim_distribution_init())
        call(lib.aim_objects_distribution, self._handle, self._k, found)
        return found

    def to_np_histogram(self):
        """A distribution: the weights of its bins, and their edges, one more."""
        import numpy

        found = self._distribution()
        weights = ffi.unpack(found.weights, found.bins)
        return numpy.array(weights), numpy.array(ffi.unpack(found.edges, found.bins + 1))

    def summary(self):
        """What is known of a distribution's values beside the bins."""
        found = self._distribution()
        return {name: getattr(found, name) for name in ("count", "sum", "sum_squares", "min", "max", "nans", "infinities")}


class _Figure(FigureView, TrackedObject):
    pass


class _Table(TrackedObject):
    def to_arrow(self):
        """A table in a file of Arrow or Parquet, by pyarrow."""
        import pyarrow.parquet

        if self.format == "parquet":
            return pyarrow.parquet.read_table(io.BytesIO(self.data))
        return pyarrow.ipc.open_file(io.BytesIO(self.data)).read_all()


class _Array(TrackedObject):
    def to_numpy(self):
        import numpy

        return numpy.load(io.BytesIO(self.data))


class Record(list):
    """The objects of a point. One that is alone lends the list what it has: `sequence.values.first_value().caption`."""

    def __getattr__(self, name):
        if len(self) == 1 and not name.startswith("__"):
            return getattr(self[0], name)
        raise AttributeError(f"a point of {len(self)} objects has no {name}: ask one of them")

    def __reduce__(self):
        raise TypeError("objects that were found are not pickled: their sequence's run and name are")


class _Records(ArrayView):
    """The points of a sequence, as `Record`, by step."""

    __slots__ = ()

    def _at(self, position):
        return self._data[position]


class ObjectSequence:
    """A sequence of objects that a query found: `run`, `name`, `context`, and its points."""

    _object = TrackedObject

    def __init__(self, run, rows, i):
        from .context import Context

        self.run = run
        self.name = rows.metric_name(i)
        self.context = Context(load(rows.metric_context(i)))
        self._rows, self._i = rows, i
        self._points = None
        info = ffi.new("aim_sequence_info *", lib.aim_sequence_info_init())
        call(lib.aim_query_sequence_info, rows.handle, i, info)
        self._count, self._first, self._last = info.count, info.first_step, info.last_step
        self.record_max_length = info.longest

    @property
    def values(self):
        """The objects by step, those of a point in a list."""
        steps, records, _, _ = self._columns()
        return _Records(steps, records)

    @property
    def epochs(self):
        """The epochs by step, NaN where there is none."""
        steps, _, epochs, _ = self._columns()
        return ArrayView(steps, epochs)

    @property
    def timestamps(self):
        """When each point was tracked, by step: seconds since 1970-01-01 UTC."""
        steps, _, _, times = self._columns()
        return ArrayView(steps, times)

    def _columns(self):
        """Steps, objects, epochs and times of all points, read when first asked for; the objects' bytes are not."""
        import numpy

        if self._points is None:
            records = {}
            for one in self.objects():
                records.setdefault(one.step, Record()).append(one)
            column = numpy.empty(len(records), object)
            column[:] = list(records.values())
            epochs = [numpy.nan if record[0].epoch is None else record[0].epoch for record in column]
            times = [record[0].time for record in column]
            steps = numpy.array(list(records), "int64")
            self._points = steps, column, numpy.array(epochs, float), numpy.array(times, float)
        return self._points

    def first_step(self):
        return self._first

    def last_step(self):
        return self._last

    def objects(self, first_step=None, end_step=None, points=None, first_index=None, end_index=None, per_point=None):
        """The objects, in the order of steps and indices, as a list of `TrackedObject`: of steps and indices from the first up
        to, not including, the end, and of these so many points, and objects of each, at even distances."""
        wanted = ffi.new("aim_range *", lib.aim_range_init())
        given = {
            "first_step": first_step,
            "end_step": end_step,
            "points": points,
            "first_index": first_index,
            "end_index": end_index,
            "objects": per_point,
        }
        for field, value in given.items():
            if value is not None:
                setattr(wanted, field, value)
        found = ffi.gc(
            get("aim_objects **", lib.aim_query_objects, self._rows.handle, self._i, wanted), lib.aim_objects_free
        )
        return [self._object(found, k) for k in range(lib.aim_objects_len(found))]

    def __iter__(self):
        return iter(self.objects())

    def __len__(self):
        """Number of points."""
        return self._count

    def __bool__(self):
        return True

    def __repr__(self):
        return f"<{len(self)} points of objects {self.name!r} {self.context.to_dict()} of run {self.run.hash}>"


class Images(ObjectSequence):
    """A sequence of images."""

    _object = _Image


class Texts(ObjectSequence):
    """A sequence of texts."""

    _object = _Text


class Audios(ObjectSequence):
    """A sequence of audio clips."""

    _object = _Audio


class Distributions(ObjectSequence):
    """A sequence of distributions."""

    _object = _Distribution


class Figures(ObjectSequence):
    """A sequence of figures."""

    _object = _Figure


class Videos(ObjectSequence):
    """A sequence of videos."""

    _object = _Video


class Tables(ObjectSequence):
    """A sequence of tables."""

    _object = _Table


class Arrays(ObjectSequence):
    """A sequence of arrays."""

    _object = _Array


SEQUENCES = {
    "images": Images,
    "texts": Texts,
    "audios": Audios,
    "distributions": Distributions,
    "figures": Figures,
    "videos": Videos,
    "tables": Tables,
    "arrays": Arrays,
}
