"""The marks every example picture is drawn with: shapes, text, seals, photos and other small parts.

Each function returns SVG text. Only presentation attributes are used, never ``style``: the portal's content
security policy forbids inline styles. Lengths are user units of a 480 × 680 canvas.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

ACCENT = "#1a5fb4"
INK = "#1f2d3d"
MUTED = "#4d5d6e"
PAPER = "#ffffff"
BAR = "#cdd6e0"
RULE = "#aebbc8"
RED = "#cf2f2b"
SKIN = "#f1cdaf"


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    @property
    def cx(self) -> float:
        """The centre, across."""
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        """The centre, down."""
        return self.y + self.h / 2

    def inset(self, across: float, down: float | None = None) -> "Box":
        """The rectangle made smaller on each side; a negative inset makes it larger."""
        down = across if down is None else down
        return Box(self.x + across, self.y + down, self.w - 2 * across, self.h - 2 * down)

    def sub(self, x: float, y: float, w: float, h: float) -> "Box":
        """A rectangle given relative to this one's top left corner."""
        return Box(self.x + x, self.y + y, w, h)


def number(value: float) -> str:
    """A coordinate with at most one decimal and nothing superfluous."""
    written = f"{value:.1f}".removesuffix(".0")
    return "0" if written == "-0" else written


def element(tag: str, content: str = "", /, **attributes: str | float | None) -> str:
    """One SVG element. ``stroke_width=2`` becomes ``stroke-width="2"``; None is left out."""
    pairs = []
    for name, value in attributes.items():
        if value is None:
            continue
        written = value if isinstance(value, str) else f"{value:g}" if "opacity" in name else number(value)
        pairs.append(f" {name.replace('_', '-')}={quoteattr(written)}")
    return f"<{tag}{''.join(pairs)}>{content}</{tag}>" if content else f"<{tag}{''.join(pairs)}/>"


def group(parts: Iterable[str], **attributes: str | float | None) -> str:
    """Parts that share attributes."""
    return element("g", "".join(parts), **attributes)


def rect(box: Box, fill: str = "none", rx: float | None = None, **attributes: str | float | None) -> str:
    """A rectangle, its corners rounded by ``rx``."""
    return element("rect", x=box.x, y=box.y, width=box.w, height=box.h, rx=rx, fill=fill, **attributes)


def circle(cx: float, cy: float, r: float, fill: str = "none", **attributes: str | float | None) -> str:
    """A circle."""
    return element("circle", cx=cx, cy=cy, r=r, fill=fill, **attributes)


def path(d: str, fill: str = "none", **attributes: str | float | None) -> str:
    """A path from ready-made path data."""
    return element("path", d=d, fill=fill, **attributes)


def text(
    x: float,
    y: float,
    content: str,
    size: float = 12,
    fill: str = INK,
    bold: bool = False,
    anchor: str | None = None,
    **attributes: str | float | None,
) -> str:
    """One line of text on the baseline ``y``."""
    weight = "700" if bold else None
    return element(
        "text",
        escape(content),
        x=x,
        y=y,
        font_size=size,
        font_weight=weight,
        fill=fill,
        text_anchor=anchor,
        **attributes,
    )


def strokes(
    lines: Sequence[tuple[float, float, float]], width: float = 6, colour: str = BAR, cap: str = "round"
) -> str:
    """Horizontal strokes (x, y of the middle, length) as a single path."""
    inset = width / 2 if cap == "round" else 0
    d = "".join(f"M{number(x + inset)} {number(y)}h{number(max(length - 2 * inset, 0.1))}" for x, y, length in lines)
    return path(d, stroke=colour, stroke_width=width, stroke_linecap=None if cap == "butt" else cap)


def bars(x: float, y: float, w: float, count: int, gap: float = 14, last: float = 0.62, width: float = 6) -> str:
    """Grey bars that stand for lines of writing; the last is shorter, as in a paragraph."""
    return strokes([(x, y + i * gap, w * (last if i == count - 1 else 1)) for i in range(count)], width)


def rules(box: Box, across: Sequence[float] = (), down: Sequence[float] = (), colour: str = RULE) -> str:
    """A ruled table: the outline and lines at the given offsets from its top and left."""
    d = f"M{number(box.x)} {number(box.y)}h{number(box.w)}v{number(box.h)}h{number(-box.w)}z"
    d += "".join(f"M{number(box.x)} {number(box.y + y)}h{number(box.w)}" for y in across)
    d += "".join(f"M{number(box.x + x)} {number(box.y)}v{number(box.h)}" for x in down)
    return path(d, stroke=colour, stroke_width=1.2)


def star(cx: float, cy: float, r: float, fill: str = RED) -> str:
    """A five-pointed star standing upright."""
    points = []
    for i in range(10):
        radius = r if i % 2 == 0 else r * 0.382
        angle = math.pi * (i / 5 - 0.5)
        points.append(f"{number(cx + radius * math.cos(angle))},{number(cy + radius * math.sin(angle))}")
    return element("polygon", points=" ".join(points), fill=fill)


def seal(cx: float, cy: float, r: float = 32) -> str:
    """A round seal: ring, star, and dashes where an institution's name would run."""
    reach = r * 0.74
    dx, dy = reach * math.cos(math.radians(28)), reach * math.sin(math.radians(28))
    arc = f"M{number(-dx)} {number(dy)}A{number(reach)} {number(reach)} 0 1 1 {number(dx)} {number(dy)}"
    parts = [
        circle(0, 0, r, RED, fill_opacity=0.06, stroke=RED, stroke_width=r * 0.075),
        path(arc, stroke=RED, stroke_width=r * 0.19, stroke_dasharray=f"{number(r * 0.2)} {number(r * 0.13)}"),
        star(0, -r * 0.02, r * 0.36),
        strokes([(-r * 0.36, r * 0.58, r * 0.72)], r * 0.13, RED, "butt"),
    ]
    return group(parts, transform=f"translate({number(cx)} {number(cy)}) rotate(-7)", opacity=0.86)


def seal_box(cx: float, cy: float, r: float = 32) -> Box:
    """What a seal covers, with a little air."""
    return Box(cx - r - 5, cy - r - 5, 2 * r + 10, 2 * r + 10)


def photo(box: Box) -> str:
    """An identity photo: a plain head and shoulders."""
    r = box.w * 0.21
    neck = box.y + box.h * 0.58
    half = box.w * 0.38
    shoulders = (
        f"M{number(box.cx - half)} {number(box.bottom)}c0 {number(-box.h * 0.26)} {number(half * 0.5)} "
        f"{number(neck + box.h * 0.06 - box.bottom)} {number(half)} {number(neck + box.h * 0.06 - box.bottom)}"
        f"s{number(half)} {number(box.h * 0.1)} {number(half)} {number(box.bottom - neck - box.h * 0.06)}z"
    )
    return "".join(
        [
            rect(box, "#dfe9f3", 2, stroke="#9fb2c6", stroke_width=1),
            path(shoulders, "#7f99b4"),
            circle(box.cx, box.y + box.h * 0.38, r, "#7f99b4"),
        ]
    )


def signature(x: float, y: float, w: float) -> str:
    """A handwritten squiggle from ``x`` along the baseline ``y``."""
    strokes_ = (
        "M0 -8c9 -9 15 -10 12 -2s-11 17 -6 15 12 -17 17 -20 1 12 3 15 8 -11 13 -12 -3 13 2 12 "
        "11 -19 16 -17 -8 19 -2 18 10 -9 14 -10 4 7 14 3M4 9c24 -5 48 -6 82 -8"
    )
    scale = f"translate({number(x)} {number(y)}) scale({w / 88:.2f})"
    return path(strokes_, stroke="#23345c", stroke_width=2.4, stroke_linecap="round", transform=scale)


def matrix_code(box: Box, modules: int = 15) -> str:
    """A block that looks like a matrix code and encodes nothing."""
    size = box.w / modules
    eye = 5
    d = []
    for row in range(modules):
        for column in range(modules):
            near = (row < eye or row >= modules - eye, column < eye or column >= modules - eye)
            in_eye = all(near) and not (row >= modules - eye and column >= modules - eye)
            if not in_eye and (row * 7 + column * 11 + row * column * 3) % 5 < 2:
                d.append(f"M{number(box.x + column * size)} {number(box.y + (row + 0.5) * size)}h{number(size)}")
    parts = [path("".join(d), stroke=INK, stroke_width=size)]
    for row, column in ((0, 0), (0, modules - 4), (modules - 4, 0)):
        x, y = box.x + column * size, box.y + row * size
        parts.append(rect(Box(x, y, size * 4, size * 4).inset(size / 2), stroke=INK, stroke_width=size))
        parts.append(circle(x + size * 2, y + size * 2, size * 0.75, INK))
    return "".join(parts)


def barcode(box: Box) -> str:
    """Upright strokes like those of a bar code; they encode nothing."""
    d, x, i = [], box.x, 0
    while x < box.right:
        d.append(f"M{number(x)} {number(box.y)}v{number(box.h)}")
        x += (3, 5, 3, 7, 4, 6)[i % 6]
        i += 1
    return path("".join(d), stroke=INK, stroke_width=1.8)


def tick_box(x: float, y: float, label: str, ticked: bool, size: float = 12) -> str:
    """A box to tick with its label; ``y`` is the label's baseline."""
    parts = [rect(Box(x, y - size + 1, size, size), PAPER, 2, stroke=MUTED, stroke_width=1.2)]
    if ticked:
        d = f"M{number(x + 2)} {number(y - 4.5)}l3.5 4 6.5 -9"
        parts.append(path(d, stroke="#23345c", stroke_width=2.2, stroke_linecap="round"))
    return "".join([*parts, text(x + size + 5, y, label, size)])


def rosette(cx: float, cy: float, r: float, tone: str) -> str:
    """The faint interlaced ornament of security paper."""
    turns = [
        element("ellipse", cx=cx, cy=cy, rx=r, ry=r * 0.42, transform=f"rotate({a} {number(cx)} {number(cy)})")
        for a in range(0, 180, 30)
    ]
    return group(turns, fill="none", stroke=tone, stroke_width=1.2, opacity=0.16)


def ornament(box: Box, tone: str) -> str:
    """A certificate's border: two lines, a row of beads between them, and a quarter circle in each corner."""
    inner = box.inset(12)
    corners = "".join(
        f"M{number(x)} {number(y + dy * 16)}A16 16 0 0 {sweep} {number(x + dx * 16)} {number(y)}"
        for x, y, dx, dy, sweep in (
            (inner.x, inner.y, 1, 1, 0),
            (inner.right, inner.y, -1, 1, 1),
            (inner.x, inner.bottom, 1, -1, 1),
            (inner.right, inner.bottom, -1, -1, 0),
        )
    )
    beads = rect(box.inset(6), rx=2, stroke_width=4, stroke_dasharray="0 7", stroke_linecap="round", opacity=0.55)
    return group(
        [rect(box, stroke_width=2), beads, rect(inner, stroke_width=1), path(corners)], fill="none", stroke=tone
    )
