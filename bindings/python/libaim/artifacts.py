"""Artifacts: files and directories that a run makes or uses."""

import os

from ._call import call, choose, path_in, text_in
from ._json import dump
from ._numbers import whole
from ._raw import ffi, lib

_MODES = {
    "reference": lib.AIM_ARTIFACT_REFERENCE,
    "link": lib.AIM_ARTIFACT_LINK,
    "copy": lib.AIM_ARTIFACT_COPY,
}


class Artifact:
    """A version of an artifact, or what is to become one.

    name, version, type, path (where it was logged), content (where its bytes are now), size in bytes, mtime in seconds
    since 1970-01-01 UTC, checksum (SHA-256 in hex), files (how many a directory has), step, metadata, aliases, mode
    ('reference', 'link', 'copy'), uri (to where it was pushed), state ('stored', 'queued', 'failed: ...'). What is not
    known is None.
    """

    __slots__ = (
        "_repo",
        "aliases",
        "checksum",
        "content",
        "files",
        "metadata",
        "mode",
        "mtime",
        "name",
        "path",
        "run_hash",
        "size",
        "state",
        "step",
        "time",
        "type",
        "uri",
        "version",
    )

    def __init__(self, repo, run_hash, known):
        self._repo = repo
        self.run_hash = run_hash
        for name in self.__slots__[1:]:
            if name != "run_hash":
                setattr(self, name, known.get(name))
        if self.mtime is not None:
            self.mtime /= 1e9
        self.time /= 1e6

    @property
    def reference(self):
        """What names this version: RUN/NAME:v3."""
        return f"{self.run_hash}/{self.name}:v{self.version}"

    def download(self, dest_path=None):
        """Copies it into a directory, by default the working directory, and checks its bytes; returns where it is then."""
        return self._repo.fetch_artifact(self.reference, "." if dest_path is None else dest_path)

    def __repr__(self):
        return f"<Artifact {self.name}:v{self.version} {self.state}>"


def log(handle, path, name, type, metadata, aliases, step, mode, checksum, block):
    options = ffi.new("aim_artifact_options *", lib.aim_artifact_options_init())
    kept = [ffi.new("char[]", path_in(os.fspath(path)))]  # what the struct points to
    options.path = kept[0]
    aliases = (aliases,) if isinstance(aliases, str) else aliases
    texts = {
        "name": name,
        "kind": type,
        "metadata": None if metadata is None else dump(metadata),
        "aliases": ",".join(aliases) or None,
    }
    for field, text in texts.items():
        if text is not None:
            kept.append(ffi.new("char[]", text if isinstance(text, bytes) else text_in(text, field)))
            setattr(options, field, kept[-1])
    if step is not None:
        options.step = whole(step, "step")
    options.mode = choose(mode, _MODES, "mode")
    options.no_checksum = not checksum
    options.wait = bool(block)
    call(lib.aim_run_log_artifact, handle, options)


def below(directory):
    """The files below a directory, with their paths there."""
    for at, directories, names in os.walk(directory):
        directories.sort()
        for name in sorted(names):
            path = os.path.join(at, name)
            if os.path.isfile(path):
                yield path, os.path.relpath(path, directory)
