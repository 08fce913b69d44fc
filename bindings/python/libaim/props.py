"""Properties of a run."""

import time
from datetime import datetime, timezone


class RunProps:
    """What is known of a run beside params and metrics. A run that came out of a query shows them as of the query and
    cannot change them."""

    def __init__(self, source):
        self._source = source

    @property
    def hash(self):
        """24 hex digits that name the run."""
        return self._source.hash

    @property
    def name(self):
        """Name for people."""
        return self._source.property("name")

    @name.setter
    def name(self, value):
        self._source.set_property("name", value)

    @property
    def description(self):
        """Description for people, '' until one is set."""
        return self._source.property("description")

    @description.setter
    def description(self, value):
        self._source.set_property("description", value)

    @property
    def experiment(self):
        """Name of the experiment that the run belongs to."""
        return self._source.property("experiment")

    @experiment.setter
    def experiment(self, value):
        self._source.set_property("experiment", value)

    @property
    def archived(self):
        """Whether queries leave the run out, unless they mention `run.archived`."""
        return self._source.property("archived")

    @archived.setter
    def archived(self, value):
        self._source.set_property("archived", value)

    @property
    def tags(self):
        """The tags, in the order of adding."""
        return self._source.property("tags")

    def add_tag(self, value):
        """Adds a tag; nothing happens if the run has it."""
        self._source.add_tag(value)

    def remove_tag(self, tag_name):
        """Removes a tag; nothing happens if the run does not have it."""
        self._source.remove_tag(tag_name)

    @property
    def status(self):
        """'running', 'finished', 'failed', 'interrupted' or 'crashed'."""
        return self._source.property("status")

    @property
    def exit_code(self):
        """The exit code of the program that ended the run; None while it runs and where it is not known."""
        return self._source.property("exit_code")

    @property
    def signal(self):
        """The number of the signal that ended the run; None while it runs and where it is not known."""
        return self._source.property("signal")

    @property
    def run_id(self):
        """The text by which the run is found, if its creator chose one."""
        return self._source.property("run_id")

    @property
    def active(self):
        """Whether the run is being written."""
        return self.status == "running"

    @property
    def creation_time(self):
        """When the run began: seconds since 1970-01-01 UTC."""
        return self._source.property("created_at")

    @property
    def end_time(self):
        """When the run ended: seconds since 1970-01-01 UTC; None while it is running."""
        return self._source.property("finalized_at")

    @property
    def created_at(self):
        """When the run began: a naive datetime in UTC."""
        return _utc(self.creation_time)

    @property
    def finalized_at(self):
        """When the run ended: a naive datetime in UTC; None while it is running."""
        return _utc(self.end_time)

    @property
    def duration(self):
        """Seconds from beginning to end, or until now."""
        end = self.end_time
        return (time.time() if end is None else end) - self.creation_time


def _utc(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
