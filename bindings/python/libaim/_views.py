"""What can be asked of an object, whether it is to be tracked or was found: all of it follows from `data`, its bytes, and from
`caption` and `format`."""

import io

from ._json import load


class ImageView:
    def to_pil_image(self):
        """The image, by PIL."""
        import PIL.Image

        return PIL.Image.open(io.BytesIO(self.data))

    def to_numpy(self):
        """Its pixels."""
        import numpy

        return numpy.asarray(ImageView.to_pil_image(self))

    def json(self):
        """What is known of it beside its pixels."""
        return {"caption": self.caption, "format": self.format, "width": self.width, "height": self.height}


class AudioView:
    def to_numpy(self):
        """Of WAV: frames a second, and the samples by frame, or by frame and channel."""
        import numpy

        data = bytes(self.data)
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise TypeError(f"samples are read out of WAV, not out of {self.format}")
        at, kind = 12, None
        while at + 8 <= len(data):
            name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
            chunk = data[at + 8 : at + 8 + size]
            if name == b"fmt ":
                tag, channels = (int.from_bytes(chunk[i : i + 2], "little") for i in (0, 2))
                rate, bits = int.from_bytes(chunk[4:8], "little"), int.from_bytes(chunk[14:16], "little")
                if tag == 0xFFFE:  # the tag stands further back
                    tag = int.from_bytes(chunk[24:26], "little")
                kind = {(1, 8): "u1", (1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}.get((tag, bits))
            elif name == b"data" and kind is not None:
                samples = numpy.frombuffer(chunk, kind)
                return rate, samples if channels == 1 else samples.reshape(-1, channels)
            at += 8 + size + size % 2
        raise TypeError("the WAV has no samples of 8, 16 or 32 bits, or floats")

    def get(self):
        """The bytes, as a stream."""
        return io.BytesIO(self.data)

    def json(self):
        """What is known of it beside its samples."""
        return {"caption": self.caption, "format": self.format}


class TextView:
    @property
    def text(self):
        return bytes(self.data).decode()

    def json(self):
        """What is known of it beside the text."""
        return {}


class BinsView:
    """What follows from `to_np_histogram()`."""

    @property
    def weights(self):
        """What is in each bin."""
        return self.to_np_histogram()[0]

    @property
    def ranges(self):
        """The edges of the bins, one more than these."""
        return self.to_np_histogram()[1]

    @property
    def range(self):
        """The first edge and the last one."""
        edges = self.ranges
        return [edges[0].item(), edges[-1].item()]

    @property
    def bin_count(self):
        return len(self.weights)

    def json(self):
        """Number and range of the bins."""
        return {"bin_count": self.bin_count, "range": self.range}


class FigureView:
    def to_plotly_figure(self):
        """The figure, by plotly."""
        import plotly.io

        return plotly.io.from_json(bytes(self.data).decode(), skip_invalid=True)

    def json(self):
        """What plotly or Vega-Lite make the figure of."""
        return load(bytes(self.data).decode())
