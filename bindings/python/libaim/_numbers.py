"""Numbers on their way into the library: whatever is one is taken, what would be bent is refused by name."""

import operator

_INT64 = range(-(2**63), 2**63)


def _scalar(value):
    """What an array or tensor of one element holds; other values as they are."""
    if hasattr(value, "item") and hasattr(value, "shape"):
        try:
            return value.item()
        except (ValueError, RuntimeError) as error:
            raise TypeError(f"it has {_elements(value.shape)} elements") from error
    return value


def _elements(shape):
    count = 1
    for length in shape:
        count *= length
    return count


def real(value, what="value"):
    """A float: of any real number, and of arrays and tensors of one element."""
    try:
        number = _scalar(value)
        if isinstance(number, (str, bytes, bytearray)):
            raise TypeError("text is no number")
        return float(number)
    except TypeError as error:
        raise TypeError(f"{what} must be a number, not {_described(value)}") from error


def whole(value, what, among=_INT64):
    """An int: of any whole number, also of a float that is one, and of arrays and tensors of one element."""
    try:
        number = _scalar(value)
        try:
            number = operator.index(number)
        except TypeError:
            if isinstance(number, (str, bytes, bytearray)) or number != number // 1:
                raise
            number = int(number)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"{what} must be a whole number, not {_described(value)}") from error
    if number not in among:
        raise OverflowError(f"{what} must be from {among.start} to {among.stop - 1}, not {number}")
    return number


def _described(value):
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} of type {type(value).__name__}"
