"""TensorBoard's writer on libaim: what was written for `torch.utils.tensorboard` or `tensorboardX` tracks here after
one changed line.

from libaim.tensorboard import SummaryWriter
"""

import contextlib
import os
import socket
import time
import warnings
from datetime import datetime

from . import _summaries
from .run import Run

_NOT_HELD = {
    "add_custom_scalars": "layouts of charts",
    "add_custom_scalars_marginchart": "layouts of charts",
    "add_custom_scalars_multilinechart": "layouts of charts",
    "add_embedding": "embeddings",
    "add_graph": "graphs",
    "add_onnx_graph": "graphs",
    "add_openvino_graph": "graphs",
}
_told = set()


class SummaryWriter:
    """The interface of TensorBoard's `SummaryWriter`.

    log_dir     names the run: whoever opens the same directory again, now or later, goes on with the same run, and its
                programs find the directory made, as they keep other files there. None: a new one below `runs/`.
    comment     what is put behind the name of the new directory.
    purge_step  what the run has from this step on is dropped.
    repo, experiment, and any other argument of `Run`: where and how it is tracked.
    run         an open `Run` to track in; it stays open when the writer closes.

    max_queue, flush_secs, filename_suffix and other arguments of TensorBoard's are taken and have no effect: a value is
    safe from the end of the process when a call returns.
    """

    def __init__(
        self,
        log_dir=None,
        comment="",
        purge_step=None,
        max_queue=10,
        flush_secs=120,
        filename_suffix="",
        write_to_disk=True,
        *,
        logdir=None,
        run=None,
        repo=None,
        experiment=None,
        comet_config=None,
        **options,
    ):
        log_dir = log_dir or logdir
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = self.logdir = os.fspath(log_dir)
        os.makedirs(self.log_dir, exist_ok=True)
        self.purge_step = purge_step
        self._lent = run is not None
        self._run = run or self._open(self.log_dir, repo, experiment, resume_step=purge_step, **options)
        if run is not None and purge_step is not None:
            run.rewind(int(purge_step))
        self._repo = self._run.repo
        self._metrics = {}
        self._hparams = None
        self._step = self._walltime = None

    @staticmethod
    def _open(log_dir, repo, experiment, **options):
        """The run of a directory."""
        run = Run(repo=repo, experiment=experiment, run_id=f"tensorboard:{os.path.abspath(log_dir)}", **options)
        if run.name == f"Run: {run.hash}":
            run.name = os.path.normpath(log_dir)
        return run

    @property
    def run(self):
        """The `Run` that the writer tracks in. As TensorBoard's, a writer that was closed opens again when it is used."""
        if self._run is None:
            self._run = Run(self._hash, repo=self._repo)
        return self._run

    def get_logdir(self):
        """The directory that names the run."""
        return self.log_dir

    @contextlib.contextmanager
    def use_metadata(self, *, global_step=None, walltime=None):
        """Step and time of what is added in the block without them."""
        before = self._step, self._walltime
        self._step, self._walltime = global_step, walltime
        try:
            yield self
        finally:
            self._step, self._walltime = before

    def add_scalar(
        self,
        tag,
        scalar_value,
        global_step=None,
        walltime=None,
        new_style=False,
        double_precision=False,
        display_name="",
        summary_description="",
    ):
        """A point of the metric `tag`, in double precision. Without a step it goes behind the last one."""
        self._add(tag, None, scalar_value, global_step, walltime)

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        """A point of the metric `main_tag` for each entry, with the context `{"entry": its key}`."""
        for key, value in tag_scalar_dict.items():
            self._add(main_tag, str(key), value, global_step, walltime)

    def _add(self, name, entry, value, step, walltime):
        metric = self._metrics.get((name, entry))
        if metric is None:
            metric = self.run.metric(name, None if entry is None else {"entry": entry})
            self._metrics[name, entry] = metric
        step = self._step if step is None else step
        walltime = self._walltime if walltime is None else walltime
        step = None if step is None else int(step)  # TensorBoard cuts fractions off
        if walltime is None:
            metric.track(value, step)
        else:
            metric.track_many_at([float(value)], [float(walltime)], None if step is None else [step])

    def add_hparams(
        self, hparam_dict, metric_dict, hparam_domain_discrete=None, run_name=None, global_step=None, *, name=None
    ):
        """The param `hparams` of the run, and its metrics. Where other values follow, as in a search, each set gets a run
        of its own, which `run_name` or a number names below `log_dir`."""
        for what, given in (("hparam_dict", hparam_dict), ("metric_dict", metric_dict)):
            if not isinstance(given, dict):
                raise TypeError(f"{what} must be a dictionary, not {given!r} of type {type(given).__name__}")
        if self._hparams is None or self._hparams == hparam_dict:
            self._hparams = dict(hparam_dict)
            self.run.set(("hparams",), hparam_dict, strict=False)
            for metric, value in metric_dict.items():
                self.add_scalar(metric, value, global_step)
            return
        directory = os.path.join(self.log_dir, str(run_name or name or time.time_ns()))
        with self._open(directory, self._repo, self.run.experiment) as run:
            run.set(("hparams",), hparam_dict, strict=False)
            for metric, value in metric_dict.items():
                run.track(value, metric, None if global_step is None else int(global_step))

    def _put(self, tag, value, step, walltime):
        """A point of objects."""
        step = self._step if step is None else step
        walltime = self._walltime if walltime is None else walltime
        step = None if step is None else int(step)
        self.run.track_at(0.0 if walltime is None else float(walltime), value, tag, step)

    def add_text(self, tag, text_string, global_step=None, walltime=None):
        """A text in markdown, as TensorBoard shows it."""
        self._put(tag, _summaries.text(text_string), global_step, walltime)

    def add_image(self, tag, img_tensor, global_step=None, walltime=None, dataformats="CHW"):
        """An image; floats go from 0 to 1."""
        self._put(tag, _summaries.image(img_tensor, dataformats), global_step, walltime)

    def add_images(self, tag, img_tensor, global_step=None, walltime=None, dataformats="NCHW"):
        """A list of images, each by itself."""
        self._put(tag, _summaries.images(img_tensor, dataformats), global_step, walltime)

    def add_image_with_boxes(
        self, tag, img_tensor, box_tensor, global_step=None, walltime=None, rescale=1, dataformats="CHW", labels=None
    ):
        """An image with boxes of left, top, right and bottom beside it, in its `meta`."""
        meta = _summaries.boxes(box_tensor, rescale, labels)
        self._put(tag, _summaries.image(img_tensor, dataformats, meta=meta), global_step, walltime)

    def add_histogram(self, tag, values, global_step=None, bins="tensorflow", walltime=None, max_bins=None):
        """A distribution of 64 bins, unless `bins` says otherwise: their number, their edges, or a rule of NumPy's."""
        self._put(tag, _summaries.histogram(values, bins, max_bins), global_step, walltime)

    def add_histogram_raw(
        self, tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts, global_step=None, walltime=None
    ):
        """A distribution that was counted already."""
        self._put(tag, _summaries.raw_histogram(min, bucket_limits, bucket_counts), global_step, walltime)

    def add_audio(self, tag, snd_tensor, global_step=None, sample_rate=44100, walltime=None):
        """A clip of samples from -1 to 1."""
        self._put(tag, _summaries.sound(snd_tensor, sample_rate), global_step, walltime)

    def add_figure(self, tag, figure, global_step=None, close=True, walltime=None):
        """A figure of matplotlib, or a list of them, as images."""
        self._put(tag, _summaries.figures(figure, close), global_step, walltime)

    def add_video(self, tag, vid_tensor, global_step=None, fps=4, walltime=None):
        """Clips of shape N, T, C, H, W, as GIFs; Pillow encodes them."""
        self._put(tag, _summaries.videos(vid_tensor, fps), global_step, walltime)

    def add_tensor(self, tag, tensor, global_step=None, walltime=None):
        """An array."""
        self._put(tag, _summaries.array(tensor), global_step, walltime)

    def add_pr_curve(
        self, tag, labels, predictions, global_step=None, num_thresholds=127, weights=None, walltime=None
    ):
        """An array of six rows: true and false positives, true and false negatives, precision, recall."""
        found = _summaries.precision_recall(labels, predictions, num_thresholds, weights)
        self._put(tag, found, global_step, walltime)

    def add_pr_curve_raw(
        self,
        tag,
        true_positive_counts,
        false_positive_counts,
        true_negative_counts,
        false_negative_counts,
        precision,
        recall,
        global_step=None,
        num_thresholds=127,
        weights=None,
        walltime=None,
    ):
        """As `add_pr_curve`, counted already."""
        positives, negatives = (true_positive_counts, false_positive_counts), (true_negative_counts, false_negative_counts)
        self._put(tag, _summaries.curve(*positives, *negatives, precision, recall), global_step, walltime)

    def add_mesh(
        self, tag, vertices, colors=None, faces=None, config_dict=None, global_step=None, walltime=None
    ):
        """Arrays called `TAG_VERTEX`, `TAG_COLOR` and `TAG_FACE`."""
        for part, values in (("VERTEX", vertices), ("COLOR", colors), ("FACE", faces)):
            if values is not None:
                self._put(f"{tag}_{part}", _summaries.array(values, plugin="mesh"), global_step, walltime)

    def flush(self):
        """Waits until everything is on disk."""
        if self._run is not None:
            self._run.flush()

    def close(self):
        """Ends the run; everything is on disk then."""
        self._end(lambda run: run.close())

    def _end(self, end):
        if self._run is None:
            return
        if self._lent:
            self._run.flush()
            return
        run, self._run = self._run, None
        self._hash = run.hash
        self._metrics.clear()
        end(run)

    def __enter__(self):
        return self

    def __exit__(self, *left_by):
        self._end(lambda run: run.__exit__(*left_by))

    def __repr__(self):
        return f"<SummaryWriter of {self.log_dir!r}>"


def _says_what_is_missing(name, what):
    def add(self, *arguments, **options):
        if name not in _told:
            _told.add(name)
            warnings.warn(f"libaim holds no {what}: {name} does nothing", stacklevel=2)

    add.__name__ = name
    add.__doc__ = f"Does nothing, and warns once: libaim holds no {what}."
    return add


for _name, _what in _NOT_HELD.items():
    setattr(SummaryWriter, _name, _says_what_is_missing(_name, _what))
