"""What TensorBoard's `SummaryWriter` takes beside numbers, as objects of libaim."""

import io

import numpy

from .errors import InvalidArgumentError
from .objects import Array, Audio, Distribution, Image, Text, Video, _array


def _channels_last(pixels, dataformats):
    """One image with its axes in the order height, width, channels, or height, width."""
    pixels = _array(pixels)
    order = dataformats.upper()
    if pixels.ndim != len(order) or set(order) - set("HWC"):
        raise InvalidArgumentError(f"pixels of {pixels.ndim} dimensions do not fit the dataformats {dataformats!r}")
    wanted = [order.index(axis) for axis in "HWC" if axis in order]
    pixels = pixels.transpose(wanted)
    if pixels.dtype.kind == "f" and pixels.dtype.itemsize == 2:
        pixels = pixels.astype("float32")
    if pixels.dtype.kind in "iu" and pixels.dtype != numpy.uint8:
        pixels = pixels.astype("uint8")  # as TensorBoard does
    return numpy.ascontiguousarray(pixels)


def image(pixels, dataformats, **about):
    return Image(_channels_last(pixels, dataformats), **about)


def images(pixels, dataformats):
    """A list: TensorBoard makes one picture of tiles of it."""
    pixels = _array(pixels)
    order = dataformats.upper()
    if "N" not in order:
        return [image(pixels, dataformats)]
    axis = order.index("N")
    return [image(one, order.replace("N", "")) for one in numpy.moveaxis(pixels, axis, 0)]


def boxes(corners, rescale, labels):
    """Boxes of left, top, right and bottom, for the meta of an image."""
    found = []
    for i, box in enumerate(_array(corners).reshape(-1, 4).tolist()):
        left, top, right, bottom = (rescale * at for at in box)
        found.append({"left": left, "top": top, "right": right, "bottom": bottom})
        if labels is not None:
            found[-1]["label"] = str(labels[i])
    return {"boxes": found}


def histogram(values, bins, max_bins):
    """Bins of equal width, 64 of them, where TensorBoard has hundreds of uneven ones; others as they are asked for."""
    values = _array(values).ravel()
    if isinstance(bins, str) and bins == "tensorflow":
        return Distribution(values, min(64, max_bins or 64))
    if isinstance(bins, int):
        return Distribution(values, bins)
    finite = values[numpy.isfinite(values)] if values.dtype.kind == "f" else values
    weights, edges = numpy.histogram(finite, bins=bins)
    return Distribution(hist=weights, edges=edges)


def raw_histogram(least, limits, counts):
    """Bins by their right edges; the first one begins at the least value, unless it is an empty one in front."""
    limits, counts = numpy.asarray(limits, "float64"), numpy.asarray(counts, "float64")
    if len(counts) > 1 and counts[0] == 0:
        return Distribution(hist=counts[1:], edges=limits)
    return Distribution(hist=counts, edges=numpy.concatenate([[min(least, limits[0] - 1e-12)], limits]))


def sound(samples, rate):
    """Samples from -1 to 1; channels come first where there are several, as in a tensor."""
    samples = _array(samples)
    if samples.ndim == 2 and samples.shape[0] <= 2 < samples.shape[1]:
        samples = samples.T
    return Audio(numpy.ascontiguousarray(samples.astype("float32")), rate=rate)


def figures(found, close):
    """Figures of matplotlib as they are drawn."""
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    pictures = [Image(figure) for figure in found]
    if close:
        import matplotlib.pyplot

        for figure in found:
            matplotlib.pyplot.close(figure)
    return pictures


def videos(frames, fps):
    """Clips of frames of channels, height and width, as GIF."""
    import PIL.Image

    clips = _array(frames)
    if clips.ndim != 5:
        raise InvalidArgumentError(f"videos have five dimensions, N, T, C, H and W, not {clips.ndim}")
    if clips.dtype.kind == "f":
        clips = (clips.clip(0, 1) * 255).round()
    clips = clips.astype("uint8").transpose(0, 1, 3, 4, 2)
    found = []
    for clip in clips:
        pictures = [PIL.Image.fromarray(frame[..., 0] if frame.shape[2] == 1 else frame) for frame in clip]
        to = io.BytesIO()
        pictures[0].save(to, "gif", save_all=True, append_images=pictures[1:], duration=round(1000 / fps), loop=0)
        found.append(Video(to.getvalue(), "gif"))
    return found


def text(string):
    return Text(string, format="markdown")


def precision_recall(labels, predictions, thresholds, weights=None):
    """Six rows as TensorBoard has them: true and false positives, true and false negatives, precision, recall."""
    labels, predictions = _array(labels).ravel().astype(bool), _array(predictions).ravel()
    weights = numpy.ones(labels.shape) if weights is None else numpy.broadcast_to(_array(weights).ravel(), labels.shape)
    last = thresholds - 1
    bucket = numpy.floor(numpy.clip(predictions, 0, 1) * last).astype(int)
    count = {hit: numpy.bincount(bucket[labels == hit], weights[labels == hit], thresholds) for hit in (True, False)}
    positives, negatives = (numpy.cumsum(count[hit][::-1])[::-1] for hit in (True, False))
    rows = [positives, negatives, negatives[0] - negatives, positives[0] - positives]
    with numpy.errstate(invalid="ignore", divide="ignore"):
        precision = numpy.nan_to_num(positives / (positives + negatives))
        recall = numpy.nan_to_num(positives / positives[0])
    return curve(*rows, precision, recall)


def curve(*rows):
    return Array(numpy.stack([_array(row) for row in rows]), meta={"plugin": "pr_curves"})


def array(values, **meta):
    return Array(_array(values), meta=meta or None)
