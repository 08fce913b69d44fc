"""A run: written while a program trains, or read out of a repository."""

import os
import sys
from collections.abc import Mapping

from . import _frames, _packages, _paths, artifacts, objects
from ._call import text_in
from ._json import load, pointer
from ._numbers import real, whole
from ._raw import ffi, lib
from ._track import RunTracking
from ._writer import Writer, left_by
from .context import Context
from .errors import InvalidArgumentError, NotFoundError, ReadOnlyError
from .logs import LogRecord, TerminalLine
from .props import RunProps
from .tracker import MetricTracker, track_slowly

EPOCH_NONE = lib.AIM_EPOCH_NONE
_PLAIN = frozenset((str, int, float, bool, type(None)))
_MOST_OTHERS = 512


class Run(RunTracking, RunProps):
    """A run of an experiment: properties, params as of a dictionary, and metrics.

    run_hash    None for a new run; the hash of a run continues it.
    repo        a `Repo` or the directory of one, made if missing. None: the nearest directory upwards from the working
                directory that holds `.aim`, else the working directory.
    read_only   opens the run `run_hash` as it is now, for reading.
    experiment  name of the experiment; None: 'default', or what a continued run has.
    force_resume  accepted and without effect: a run is never locked.
    repo_options  a `RepoOptions`.
    system_tracking_interval  seconds between two readings of what the process, the host and its GPUs use, which go into
                metrics called `__system__...`. None: none.
    system_tracking_group  of the processes on this host that give the same name, one at a time reads the system.
    system_tracking_children  read what the processes below this one use, too.
    mode           'disabled': every call succeeds and does nothing; 'enabled'; None: as the environment variable AIM_MODE says.
    log_system_params  records what the program, its Python packages and the machine are as the param
                `__system_params`, secrets masked.
    mask_names  more names to mask there, separated by commas; `*` stands for anything.
    env_names   the only environment variables to record there, in the same form. None: all; "": none.
    run_id      the run is found by this text, the id of a job, for one; 'auto': what the batch system calls the job.
    run_id_mode  with `run_id`: 'open_or_create', 'create' (`ExistsError` if there is one) or 'open' (`NotFoundError`).
    resume_step  what the run's metrics have from this step on is dropped by the first process that goes on with it.
    new_hash    24 hex digits that a new run gets; created_at: when it was created, in seconds since 1970-01-01 UTC.
    no_lease    what is past is brought in: the run does not run, and keeps status and end unless `close` gives others.
    capture_terminal_logs  records what the process and its children write to the terminal.

    It may be used from several threads at once. In a forked child it raises `ForkedError`. Pickled, as for a process that
    is spawned, it is path and hash: there it is opened anew, and all that have it write into the same run.
    """

    def __init__(
        self,
        run_hash=None,
        *,
        repo=None,
        read_only=False,
        experiment=None,
        force_resume=False,
        system_tracking_interval=None,
        log_system_params=False,
        capture_terminal_logs=False,
        system_tracking_group=None,
        mask_names=None,
        repo_options=None,
        env_names=None,
        run_id=None,
        run_id_mode=None,
        resume_step=None,
        new_hash=None,
        created_at=None,
        no_lease=None,
        system_tracking_children=False,
        mode=None,
    ):
        from .repo import Repo  # which imports this module

        self._repo = repo if isinstance(repo, Repo) else None
        self._path = _paths.directory(Repo.default_repo_path() if repo is None else getattr(repo, "root_path", repo))
        self._others = {}  # metrics in contexts of more than plain values, by name and JSON
        if read_only:
            if experiment is not None:
                raise ReadOnlyError("a run that is opened for reading takes no experiment")
            source = self.repo._snapshot(run_hash)
        else:
            system = {
                "system_tracking_interval": None
                if system_tracking_interval is None
                else real(system_tracking_interval, "system_tracking_interval"),
                "system_tracking_group": system_tracking_group,
                "log_system_params": log_system_params,
                "mask_names": mask_names,
                "env_names": env_names,
                "capture_terminal_logs": capture_terminal_logs,
                "run_id": run_id,
                "run_id_mode": run_id_mode,
                "resume_step": resume_step,
                "new_hash": new_hash,
                "created_at": created_at,
                "no_lease": no_lease,
                "system_tracking_children": bool(system_tracking_children),
                "mode": mode,
            }
            source = Writer(self._path, run_hash, experiment, repo_options, system)
            if log_system_params:
                source.set_param(b"/__system_params/packages", _packages.versions(), strict=False)
        super().__init__(source)

    @classmethod
    def _read(cls, repo, snapshot):
        """The run of a row of a query."""
        run = cls.__new__(cls)
        RunProps.__init__(run, snapshot)
        run._repo, run._path = repo, repo.root_path
        run._others = {}
        return run

    @property
    def repo(self):
        """The run's repository."""
        if self._repo is None:
            from .repo import Repo

            self._repo = Repo(self._path)
        return self._repo

    @property
    def read_only(self):
        """Whether the run came out of a query or was opened for reading."""
        return not isinstance(self._source, Writer)

    @property
    def props(self):
        """The properties alone."""
        return RunProps(self._source)

    # Tracking.

    def _track(self, value, name, step, epoch, context):
        """As `track`, for a metric that was not met before, for what is not plainly a number, and for errors."""
        if objects.are(value):
            step = None if step is None else whole(step, "step")
            epoch = None if epoch is None else whole(epoch, "epoch")
            values = list(value) if isinstance(value, (list, tuple)) else [value]
            objects.track(self._writer().sequence, values, name, step, epoch, context)
            return
        if isinstance(value, Mapping):
            if name is not None:
                raise ValueError("name must be None when a dictionary of values is tracked")
            for key, item in value.items():
                self.track(item, str(key), step, epoch, context=context)
            return
        plain = context is None or type(context) is dict and _is_plain(context)
        known = None if plain else self._others.get((name, Context(context).json)) if type(name) is str else None
        tracker = known or self._writer().metric(name, context)
        if plain:
            self._met(name, context, tracker, int(ffi.cast("uintptr_t", tracker)))
        elif known is None:
            if len(self._others) >= _MOST_OTHERS:
                self._others.clear()
            self._others[name, Context(context).json] = tracker
        track_slowly(tracker, value, step, epoch)

    def metric(self, name, context=None):
        """Resolves a metric once, to track through it faster than by name."""
        context = Context(context)
        return MetricTracker(self._writer().metric(name, context), name, context, self)

    def track_at(self, time, value, name, step=None, epoch=None, context=None):
        """Tracks one value, an object or a list of objects with its time in seconds since 1970-01-01 UTC."""
        step = None if step is None else whole(step, "step")
        epoch = None if epoch is None else whole(epoch, "epoch")
        if objects.are(value):
            values = list(value) if isinstance(value, (list, tuple)) else [value]
            objects.track(self._writer().sequence, values, name, step, epoch, context, real(time, "time"))
            return
        steps = None if step is None else [step]
        epochs = None if epoch is None else [epoch]
        self.metric(name, context).track_many_at([real(value, "value")], [real(time, "time")], steps, epochs)

    # Params.

    def __setitem__(self, key, value):
        """Sets a param. `key` is a top-level key; a tuple of keys and indices, which is a path into the tree; text with
        a leading '/', which is a JSON Pointer; or `...` for all params."""
        self.set(key, value)

    def set(self, key, value, strict=True):
        """As `run[key] = value`; without `strict`, values of types that cannot be stored become their `repr`."""
        if key is ...:
            self._replace_params(value, strict)
        else:
            self._writer().set_param(_encoded(key), value, strict)

    def _replace_params(self, value, strict):
        if not isinstance(value, Mapping):
            raise TypeError("all params together are a dictionary")
        for key in self[...].keys() - value.keys():
            del self[(key,)]
        for key, item in value.items():
            self.set((key,), item, strict)

    def __getitem__(self, key):
        """A param, types intact; `key` is as for setting, and `...` reads all params as a dictionary."""
        return load(self._source.param(ffi.NULL if key is ... else _encoded(key)))

    def get(self, key, default=None):
        """As `run[key]`, or `default` if there is no such param."""
        try:
            return self[key]
        except NotFoundError:
            return default

    def get_bytes(self, key):
        """A param of bytes, without a detour over JSON."""
        return self._source.param_bytes(_encoded(key))

    def __delitem__(self, key):
        """Deletes a param with all below it."""
        self._writer().delete_param(_encoded(key))

    def __contains__(self, key):
        try:
            self._source.param(_encoded(key))
        except NotFoundError:
            return False
        return True

    # Reading metrics.

    def metrics(self):
        """The run's metrics, by name, then by context."""
        from .query import RunMetrics

        return RunMetrics(self)

    def iter_metrics_info(self):
        """Name, context and run of each metric."""
        for metric in self.metrics():
            yield metric.name, metric.context, self

    def get_metric(self, name, context=None):
        """The metric of a name and context, or None."""
        context = Context(context)
        found = self.repo._metrics_of(self, f"metric.name == {name!r}")
        return next((metric for metric in found if metric.context == context), None)

    def dataframe(self, include_props=True, include_params=True):
        """The run as a pandas DataFrame of one row."""
        return _frames.run_frame(self, include_props, include_params)

    def get_objects(self, kind, name, context=None):
        """The `ObjectSequence` of a kind ('images', 'texts', ...), name and context, or None."""
        context = Context(context)
        found = self.repo._objects_of(self, kind, f"{kind}.name == {name!r}")
        return next((sequence for sequence in found if sequence.context == context), None)

    def get_image_sequence(self, name, context=None):
        """The `ObjectSequence` of images of a name and context, or None."""
        return self.get_objects("images", name, context)

    def get_text_sequence(self, name, context=None):
        """The `ObjectSequence` of texts of a name and context, or None."""
        return self.get_objects("texts", name, context)

    def get_audio_sequence(self, name, context=None):
        """The `ObjectSequence` of audios of a name and context, or None."""
        return self.get_objects("audios", name, context)

    def get_distribution_sequence(self, name, context=None):
        """The `ObjectSequence` of distributions of a name and context, or None."""
        return self.get_objects("distributions", name, context)

    def get_figure_sequence(self, name, context=None):
        """The `ObjectSequence` of figures of a name and context, or None."""
        return self.get_objects("figures", name, context)

    def report_progress(self, expect_next_in=0, block=False):
        """For scripts of Aim: whether a run lives is known without reports. `block` waits until what was tracked is stored."""
        if block:
            self.flush()

    def report_successful_finish(self, block=True):
        """For scripts of Aim, which say so before they close; `close()` ends the run."""
        if block:
            self.flush()

    def keep_objects(self, kind, name, last=0, every=0, context=None):
        """Says which points of a sequence of objects stay, from now on and as far as this run tracks them: the `last` ones, and
        those whose step is a multiple of `every` (0: none). Each point that is added lets go of the others. `kind` is `Image`,
        `Text`, ...; without `last` and `every` all stay."""
        self._writer().keep(kind.kind, name, context, last, every)

    # Logs.

    def log(self, level, message):
        """Logs a message with the place in the program from which it is called. Levels are those of `logging`."""
        self._log(level, message, sys._getframe(1))

    def log_debug(self, message):
        self._log(lib.AIM_LOG_DEBUG, message, sys._getframe(1))

    def log_info(self, message):
        self._log(lib.AIM_LOG_INFO, message, sys._getframe(1))

    def log_warning(self, message):
        self._log(lib.AIM_LOG_WARNING, message, sys._getframe(1))

    def log_error(self, message):
        self._log(lib.AIM_LOG_ERROR, message, sys._getframe(1))

    def _log(self, level, message, frame):
        code = frame.f_code
        self._writer().log(whole(level, "level"), message, code.co_filename, frame.f_lineno, code.co_name)

    def get_log_records(self, first=0, count=None):
        """What was logged, as a list of `LogRecord`: up to `count` from number `first` on, or all."""
        return self.repo._logs(self.hash, LogRecord, first, count)

    def get_terminal_logs(self, first=0, count=None):
        """What the program wrote to the terminal, as a list of `TerminalLine`; otherwise as `get_log_records`."""
        return self.repo._logs(self.hash, TerminalLine, first, count)

    # Artifacts.

    def log_artifact(
        self,
        path,
        name=None,
        *,
        block=False,
        type=None,
        step=None,
        metadata=None,
        aliases=(),
        mode="copy",
        checksum=True,
    ):
        """Logs a file or directory: a version of the run's artifact of that name.

        name      None: the last part of the path.
        block     waits until it is copied and summed, which `close` does otherwise.
        type      'model', 'checkpoint', 'dataset', ...; None: 'file'.
        metadata  a dictionary.
        aliases   more names for the version, such as 'best'; each moves here.
        mode      'copy' keeps a copy in the repository, 'link' a second name of the file, which costs nothing and is right
                  for files that are renamed or deleted, not written anew in place; 'reference' only says where it is.
        checksum  False: size and time serve in place of the SHA-256.
        """
        self._writer().log_artifact(path, name, type, metadata, aliases, step, mode, checksum, block)

    def log_artifacts(self, path, name=None, *, block=False, **options):
        """Logs every file below a directory as an artifact of its own, called NAME/PATH BELOW IT; as `log_artifact`, which
        logs a directory as one."""
        directory = os.path.abspath(path)
        if not os.path.isdir(directory):
            raise InvalidArgumentError(f"{path} is no directory")
        name = os.path.basename(directory) if name is None else name
        files = list(artifacts.below(directory))
        for i, (file, below) in enumerate(files):
            wait = block and i == len(files) - 1
            self.log_artifact(file, f"{name}/{below}", block=wait, **options)

    def use_artifact(self, reference):
        """Notes that the run uses an artifact of its repository: an `Artifact`, or 'RUN/NAME', 'RUN/NAME:v3',
        'RUN/NAME:best'."""
        self._writer().use_artifact(getattr(reference, "reference", reference))

    def set_artifacts_uri(self, uri):
        """Notes where the run's artifacts belong, for whoever sends them there: 's3://bucket/path' or 'file:///path'."""
        self._writer().set_artifacts_uri(uri)

    @property
    def artifacts_uri(self):
        """Where they belong, or None."""
        return self.get(("__artifacts", "uri"))

    @property
    def artifacts(self):
        """The latest version of each artifact, as a dictionary of `Artifact` by name."""
        return {artifact.name: artifact for artifact in self.repo.artifacts(self.hash) if artifact.version is not None}

    # The end.

    def flush(self):
        """Waits until everything that this process tracked and set before is committed to disk."""
        self._writer().flush()

    def rewind(self, step, names=()):
        """Drops the points of all metrics, or of those named, from `step` on; returns how many."""
        return self._writer().rewind(step, names)

    def log_at(self, time, level, message, file=None, line=0, function=None):
        """Logs a message with its time in seconds since 1970-01-01 UTC, and where in which program it was logged."""
        self._writer().log_at(time, level, message, file, line, function)

    def add_terminal_line_at(self, time, descriptor, text):
        """Adds a line of the terminal with its time in seconds since 1970-01-01 UTC; `descriptor` is 1 or 2."""
        self._writer().add_terminal_line_at(time, descriptor, text)

    def close(self, status=None, *, exit_code=None, signal=None, end_time=None):
        """Commits everything and ends the run. Later calls raise `ClosedError`, but closing again does nothing.

        status    'finished', 'failed', 'interrupted' or 'crashed'; with the others it says how the run ended, and when,
                  in seconds since 1970-01-01 UTC. None: finished, now.

        Runs that are still open when the program ends are closed then: finished, failed if its exit code is not 0, or
        interrupted after Ctrl-C. So is a run whose `with` block is left by an exception.
        """
        if self.read_only or self._source.closed:
            return
        if status is None and exit_code is None and signal is None and end_time is None:
            self._source.close()
        else:
            self._source.close_as(status or "finished", exit_code, signal or 0, end_time or 0.0)

    def start_closing(self):
        """Closes without waiting; `wait` waits for what is stored in the background."""
        if not self.read_only and not self._source.closed:
            self._source.start_closing()

    def wait(self, timeout):
        """Waits no longer than `timeout` seconds until everything that this process tracked is stored, also after the run
        was closed; `DeadlineError` if the time is over before."""
        self._writer().wait(timeout)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        status, exit_code, number = left_by(kind, error)
        if (status, exit_code) == ("finished", None):
            self.close()
        else:
            self.close(status, exit_code=exit_code, signal=number)

    def _writer(self):
        if self.read_only:
            raise ReadOnlyError(f"run {self.hash} was opened for reading; Run(run_hash={self.hash!r}) continues it")
        return self._source

    def __reduce__(self):
        return _reopened, (self.hash, self._path, self.read_only)

    def __deepcopy__(self, _):
        return self

    def __eq__(self, other):
        return self.hash == other.hash and self._path == other._path if isinstance(other, Run) else NotImplemented

    def __hash__(self):
        return hash((self.hash, self._path))

    def __repr__(self):
        return f"<Run {self.hash} of {self._path!r}>"


def _reopened(run_hash, path, read_only):
    """The run of an unpickled one: path and hash are all that it takes."""
    return Run(run_hash, repo=path, read_only=read_only)


def _encoded(key):
    """A key as the C API takes it."""
    if isinstance(key, tuple):
        if not key:
            raise InvalidArgumentError("a path to a param has one key at least")
        key = pointer(key)
    return text_in(key, "key")


def _is_plain(context):
    """Whether `track` recognises the context when it comes again."""
    return all(type(key) is str and type(value) in _PLAIN for key, value in context.items())
