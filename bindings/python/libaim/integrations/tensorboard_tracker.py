"""What a program writes for TensorBoard, in a run while it is written: `Run(sync_tensorboard_log_dir="logs")`."""

import atexit
import logging
import threading
import weakref
from pathlib import Path

import numpy
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

from .. import _summaries, run
from ..errors import Error
from ..objects import Audio, Distribution, Image

_EVERY = 1.0  # seconds


def _histogram(rows):
    """Of rows of left edge, right edge and count. Where all values are equal, no row has a width."""
    if not rows.size:
        return None
    wide = rows[rows[:, 1] > rows[:, 0]]
    if not len(wide):
        return Distribution(hist=[rows[:, 2].sum()], edges=[rows[0, 0] - 0.5, rows[0, 0] + 0.5])
    return Distribution(hist=wide[:, 2], edges=numpy.append(wide[0, 0], wide[:, 1]))


def _decoded(value):
    """What a value of a summary is here: a number, an object, objects, or None where it is nothing. TensorBoard's loader has
    made tensors of whatever it was."""
    plugin = value.metadata.plugin_data.plugin_name
    if not value.HasField("tensor"):
        return None
    if plugin == "images":
        return [Image(picture) for picture in value.tensor.string_val[2:]]
    if plugin == "audio":
        clips = tensor_util.make_ndarray(value.tensor)  # with labels beside them, or not
        return [Audio(bytes(clip)) for clip in clips.reshape(len(clips), -1)[:, 0]] if clips.size else None
    array = tensor_util.make_ndarray(value.tensor)
    if plugin == "histograms":
        return _histogram(array)
    if plugin == "text":
        return [_summaries.text(text.decode(errors="replace")) for text in array.ravel()]
    if plugin in ("scalars", "") and array.dtype.kind in "fiub":
        return array.item() if array.size == 1 else _summaries.array(array)
    return None


class _Follower:
    """Brings into a run what is written to the event files below a directory."""

    def __init__(self, of, directory):
        self._run = weakref.ref(of)
        self._directory = Path(directory)
        self._files = {}
        self._untold = set()
        self._looking = threading.Lock()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="libaim-tensorboard", daemon=True)
        atexit.register(self.stop)
        self._thread.start()

    def _follow(self):
        while not self._ends.wait(_EVERY):
            if self._run() is None:
                atexit.unregister(self.stop)
                return
            self._look()

    def _look(self):
        with self._looking:
            for path in sorted(self._directory.rglob("*tfevents*")):
                try:
                    if path not in self._files:
                        self._files[path] = EventFileLoader(str(path))
                    for event in self._files[path].Load():
                        self._event(path.parent.name, event)
                except (Error, OSError, ValueError, TypeError) as error:
                    logging.getLogger("libaim").error("%s: %s", path, error)

    def _event(self, directory, event):
        of = self._run()
        for value in event.summary.value if of is not None else ():
            found = _decoded(value)
            if found is None:
                self._tell(value)
            else:
                of.track_at(event.wall_time, found, value.tag, event.step, context={"entry": directory})

    def _tell(self, value):
        kind = value.metadata.plugin_data.plugin_name or "tensors"
        if kind not in self._untold:
            self._untold.add(kind)
            logging.getLogger("libaim").warning("%s of TensorBoard are not tracked", kind)

    def stop(self):
        """Brings in what was written so far, and nothing more."""
        if self._ends.is_set():
            return
        self._ends.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._look()
        atexit.unregister(self.stop)


class Run(run.Run):
    """A run that has what is written below `sync_tensorboard_log_dir`, what is there already too: scalars, images, histograms,
    texts, audio and arrays, with their own times and the context `{"entry": the file's directory}`.

    Other arguments are those of `libaim.Run`.
    """

    def __init__(self, run_hash=None, *, sync_tensorboard_log_dir, **options):
        super().__init__(run_hash, **options)
        self["tb_log_directory"] = str(sync_tensorboard_log_dir)
        self._follower = _Follower(self, sync_tensorboard_log_dir)

    def close(self, *arguments, **options):
        self._follower.stop()
        super().close(*arguments, **options)

    def start_closing(self):
        self._follower.stop()
        super().start_closing()
