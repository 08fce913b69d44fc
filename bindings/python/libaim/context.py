"""The context of a metric."""

from collections.abc import Mapping

from ._json import dump


class Context:
    """What tells metrics of one name apart, such as `{'subset': 'train'}`: a dictionary that does not change."""

    __slots__ = ("_context", "_json")

    def __init__(self, context=None):
        if isinstance(context, Context):
            context = context._context
        if context is not None and not isinstance(context, Mapping):
            raise TypeError(
                f"context must be a dictionary, such as {{'subset': 'train'}}, not {context!r} of type {type(context).__name__}"
            )
        self._context = dict(context or {})
        self._json = dump(self._context, sort_keys=True)

    @property
    def json(self):
        """The context as JSON with sorted keys."""
        return self._json

    def to_dict(self):
        """The context as a dictionary of the caller's own."""
        return dict(self._context)

    def keys(self):
        return self._context.keys()

    def __iter__(self):
        return iter(self._context)

    def __len__(self):
        return len(self._context)

    def __getitem__(self, key):
        return self._context[key]

    def __eq__(self, other):
        if isinstance(other, dict):
            other = Context(other)
        return self._json == other._json if isinstance(other, Context) else NotImplemented

    def __hash__(self):
        return hash(self._json)

    def __repr__(self):
        return f"Context({self._context!r})"
