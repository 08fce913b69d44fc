"""Experiment tracking with Aim's interface, on libaim.

from libaim import Run

run = Run(experiment="digits")
run["hparams"] = {"lr": 1e-4, "batch_size": 32}
run.track(0.5, name="loss", step=0, context={"subset": "train"})
run.close()
"""

from ._columns import Columns
from ._log import set_log_callback
from ._raw import ffi, lib
from .artifacts import Artifact
from .context import Context
from .errors import (
    BusyError,
    CancelledError,
    ClosedError,
    CorruptError,
    DeadlineError,
    Error,
    ExistsError,
    ForkedError,
    FullError,
    InvalidArgumentError,
    LimitError,
    NotFoundError,
    PanicError,
    ParamTypeError,
    QuerySyntaxError,
    ReadOnlyError,
    StorageError,
    UnsupportedError,
    UnsupportedFilesystemError,
    UnsupportedVersionError,
)
from .found import Audios, Distributions, Figures, Images, ObjectSequence, Texts, TrackedObject
from .logs import LogRecord, TerminalLine
from .metric import ArrayView, Metric, MetricInfo
from .objects import (
    Array,
    Audio,
    Distribution,
    Figure,
    Image,
    Table,
    Text,
    Video,
)
from .query import MetricQuery, ObjectQuery, RunMetrics, RunObjects, RunQuery
from .repo import Repo, RepoOptions
from .run import Run
from .tracker import MetricTracker

EPOCH_NONE = lib.AIM_EPOCH_NONE
__version__ = ffi.string(lib.aim_version()).decode()


def has(part):
    """Whether the library was built with a part that a build may be without: "arrow", "git", "gpu" or "terminal"."""
    return lib.aim_has(part.encode())


__all__ = [
    "EPOCH_NONE",
    "Array",
    "ArrayView",
    "Artifact",
    "Audio",
    "Audios",
    "BusyError",
    "CancelledError",
    "ClosedError",
    "Columns",
    "Context",
    "CorruptError",
    "DeadlineError",
    "Distribution",
    "Distributions",
    "Error",
    "ExistsError",
    "Figure",
    "Figures",
    "ForkedError",
    "FullError",
    "Image",
    "Images",
    "InvalidArgumentError",
    "LimitError",
    "LogRecord",
    "Metric",
    "MetricInfo",
    "MetricQuery",
    "MetricTracker",
    "NotFoundError",
    "ObjectQuery",
    "ObjectSequence",
    "PanicError",
    "ParamTypeError",
    "QuerySyntaxError",
    "ReadOnlyError",
    "Repo",
    "RepoOptions",
    "Run",
    "RunMetrics",
    "RunObjects",
    "RunQuery",
    "StorageError",
    "Table",
    "TerminalLine",
    "Text",
    "Texts",
    "TrackedObject",
    "UnsupportedError",
    "UnsupportedFilesystemError",
    "UnsupportedVersionError",
    "Video",
    "has",
    "set_log_callback",
]
