"""What cameras, scanners and messengers do to a page. The same call gives the same picture every time."""

from __future__ import annotations

import io
import random
from math import cos, radians, sin

from PIL import Image, ImageChops, ImageFilter


def on_table(page: Image.Image, seed: int, margin: float = 0.08, skew: float = 0.0) -> Image.Image:
    """A photo of the page lying on a table: turned by ``skew`` degrees, in slight perspective, the table around it.

    ``margin``: of the longer side, on each side; the tables are dark, light, or of grained wood.
    """
    chance = random.Random(f"table {seed}")
    edge = round(margin * max(page.size))
    size = (page.width + 2 * edge, page.height + 2 * edge)
    tone = chance.choice([(60, 45, 35), (30, 30, 34), (150, 115, 80), (215, 210, 205), (90, 100, 110)])
    along = chance.random() < 0.5
    fibres = (max(1, size[0] // 40), size[1] // 3) if along else (size[0] // 3, max(1, size[1] // 40))
    grain = _grain(fibres, seed, chance.choice([4, 15, 40])).resize(size, Image.Resampling.BICUBIC)
    ground = ImageChops.add(Image.new("RGB", size, tone), Image.merge("RGB", [grain] * 3), 1, -128)
    # The corners of the photo, seen from the page: turned around its middle, each a little off.
    c, s = cos(radians(skew)), sin(radians(skew))
    corners: list[float] = []
    for x, y in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
        across, down = x * size[0] / 2, y * size[1] / 2
        off = [chance.uniform(-0.02, 0.02) * max(page.size) for _ in range(2)]
        corners += [across * c - down * s + page.width / 2 + off[0], across * s + down * c + page.height / 2 + off[1]]
    turned = page.convert("RGBA").transform(size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    ground.paste(turned, mask=turned.getchannel("A"))
    return ground


def skewed(page: Image.Image, degrees: float) -> Image.Image:
    """Turned a little within its own frame, as a sheet lies on a scanner's glass."""
    return page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=page.getpixel((2, 2)))


def shaded(page: Image.Image, seed: int, depth: float = 0.5) -> Image.Image:
    """Uneven light: a broad shadow from one side, at most ``depth`` of the light gone."""
    chance = random.Random(f"shade {seed}")
    light = Image.linear_gradient("L").point([round(255 - (255 - v) * depth) for v in range(256)])
    light = light.rotate(chance.choice([0, 90, 180, 270])).resize(page.size, Image.Resampling.BILINEAR)
    return ImageChops.multiply(page, Image.merge("RGB", [light] * 3))


def noisy(page: Image.Image, seed: int, sigma: float) -> Image.Image:
    """What a sensor adds; ``sigma`` in grey levels."""
    grain = _grain(page.size, seed, sigma)
    return ImageChops.add(page, Image.merge("RGB", [grain] * 3), 1, -128)


def blurred(page: Image.Image, radius: float) -> Image.Image:
    """Out of focus; ``radius`` in pixels (standard deviation)."""
    return page.filter(ImageFilter.GaussianBlur(radius))


def moved(page: Image.Image, pixels: int) -> Image.Image:
    """The hand moved: smeared sideways and a little down over that many pixels."""
    layers = [ImageChops.offset(page, at, at // 3) for at in range(pixels)]
    result = layers[0]
    for count, layer in enumerate(layers[1:], start=2):
        result = Image.blend(result, layer, 1 / count)
    return result


def as_jpeg(page: Image.Image, quality: int = 85) -> bytes:
    """The file a phone or a scanner would hand in."""
    stream = io.BytesIO()
    page.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _grain(size: tuple[int, int], seed: int, sigma: float) -> Image.Image:
    """Mode L, evenly spread around 128."""
    levels = [round(128 + (value - 127.5) * sigma / 73.9) for value in range(256)]  # 73.9: of 0..255 evenly
    return Image.frombytes("L", size, random.Random(f"grain {seed}").randbytes(size[0] * size[1])).point(levels)
