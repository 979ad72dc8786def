"""Composing one example: the heading, the document as a camera sees it, numbered regions, and the legend below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from materials.examples.primitives import (
    ACCENT,
    INK,
    MUTED,
    PAPER,
    Box,
    circle,
    element,
    group,
    number,
    path,
    rect,
    text,
)

WIDTH, HEIGHT = 480, 680
STAGE = Box(16, 72, 448, 388)
LEGEND_TOP, LEGEND_STEP = 474, 49
FONTS = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
FRAME = "frame"

A4 = Box(STAGE.cx - 138, STAGE.y + 23, 276, 342)
WIDE = Box(STAGE.cx - 200, STAGE.cy - 142, 400, 284)
NAME = "张示例"
NUMBER = "000000190001010000"
DATE = "0000年00月00日"


@dataclass
class Drawing:
    """A document being drawn: its parts, the regions that may be pointed at, and the frames of the pictures to take."""

    parts: list[str] = field(default_factory=list)
    regions: dict[str, list[Box]] = field(default_factory=dict)
    frames: list[Box] = field(default_factory=list)
    watermarks: list[tuple[Box, float]] = field(default_factory=list)

    def add(self, *parts: str) -> None:
        """Put parts on top of what is there."""
        self.parts.extend(parts)

    def mark(self, name: str, box: Box) -> None:
        """Give a region a name, so that a callout can point at it; one name may cover several regions."""
        self.regions.setdefault(name, []).append(box)

    def sheet(
        self, box: Box, fill: str = PAPER, rx: float = 3, margin: float = 11, framed: bool = True, mark_size: float = 40
    ) -> Box:
        """Lay down a sheet with its shadow; framed, it is one picture to take and carries the sample watermark."""
        self.add(
            rect(Box(box.x + 3, box.y + 5, box.w, box.h), "#2b3f55", rx, opacity=0.16),
            rect(box, fill, rx, stroke="#b9c6d3", stroke_width=1),
        )
        if framed:
            self.frames.append(box.inset(-margin))
            self.watermarks.append((box, mark_size))
        return box


@dataclass(frozen=True)
class Callout:
    """One line of the legend and the region it explains; ``corner`` says where the number sits (tl, tr, bl, br)."""

    region: str
    key_zh: str
    rest_zh: str
    en: str
    corner: str = ""


CORNERS = Callout(FRAME, "四角完整", "平整清晰，没有反光", "All four corners in the frame; flat, sharp, no glare")
ORIGINAL = Callout(FRAME, "原件，四角完整", "平整清晰", "The original, all four corners; flat, sharp, no glare")


@dataclass(frozen=True)
class Example:
    """What is drawn for one category."""

    title_zh: str
    title_en: str
    document: Callable[[], Drawing]
    callouts: Sequence[Callout]


def draw(example: Example) -> str:
    """The whole picture as SVG text, ending in a line feed."""
    drawing = example.document()
    said_zh = "；".join(" ".join(filter(None, (c.key_zh, c.rest_zh))) for c in example.callouts)
    said_en = "; ".join(c.en for c in example.callouts)
    lines = [
        element("title", escape(f"示例：{example.title_zh} / Sample: {example.title_en}")),
        element("desc", escape(f"{said_zh}。 / {said_en}.")),
        rect(Box(0.5, 0.5, WIDTH - 1, HEIGHT - 1), "#f4f7fa", 20, stroke="#cbd6e1", stroke_width=1),
        _heading(example),
        rect(STAGE, "#d8e3ed", 14),
        *drawing.parts,
        *(_watermark(box, size) for box, size in drawing.watermarks),
        *(_brackets(frame) for frame in drawing.frames),
        *_numbered(drawing, example.callouts),
        *(_legend_line(i, callout) for i, callout in enumerate(example.callouts)),
    ]
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="{FONTS}">\n{body}\n</svg>\n'
    )


def _heading(example: Example) -> str:
    """Category name, and the tag that says this is a sample."""
    tag = Box(370, 21, 94, 32)
    return group(
        [
            text(20, 37, example.title_zh, 22, INK, bold=True),
            text(20, 58, example.title_en, 13.5, MUTED),
            rect(tag, ACCENT, 16),
            text(tag.cx, tag.cy + 5, "示例 SAMPLE", 13, PAPER, bold=True, anchor="middle"),
        ]
    )


def _watermark(box: Box, size: float) -> str:
    """Faint slanted lettering, so that no one takes the drawing for a document."""
    turn = f"rotate(-24 {number(box.cx)} {number(box.cy)})"
    return text(
        box.cx, box.cy + size / 3, "示例 SAMPLE", size, ACCENT, bold=True, anchor="middle", opacity=0.13, transform=turn
    )


def _brackets(frame: Box, arm: float = 24) -> str:
    """The corners of a viewfinder around what the picture must hold."""
    corners = (
        (frame.x, frame.y, 1, 1),
        (frame.right, frame.y, -1, 1),
        (frame.x, frame.bottom, 1, -1),
        (frame.right, frame.bottom, -1, -1),
    )
    d = ""
    for x, y, dx, dy in corners:
        d += f"M{number(x)} {number(y + dy * arm)}V{number(y + dy * 7)}"
        d += f"Q{number(x)} {number(y)} {number(x + dx * 7)} {number(y)}H{number(x + dx * arm)}"
    return path(d, stroke=ACCENT, stroke_width=4, stroke_linecap="round")


def _numbered(drawing: Drawing, callouts: Sequence[Callout]) -> list[str]:
    """Outlines of the regions first, then the numbers, so that no outline crosses a number."""
    outlines, badges = [], []
    for index, callout in enumerate(callouts, start=1):
        framed = callout.region == FRAME
        for box in drawing.frames if framed else drawing.regions[callout.region]:
            if not framed:
                outlines.append(rect(box, ACCENT, 6, fill_opacity=0.07, stroke=ACCENT, stroke_width=2.2))
            corner = callout.corner or ("tl" if framed or box.cx <= WIDTH / 2 else "tr")
            x = box.x if corner[1] == "l" else box.right
            y = box.y if corner[0] == "t" else box.bottom
            badges.append(_badge(x, y, index, 11))
    return outlines + badges


def _badge(cx: float, cy: float, index: int, r: float) -> str:
    """A number in a filled circle."""
    return circle(cx, cy, r, ACCENT, stroke=PAPER, stroke_width=2) + text(
        cx, cy + r * 0.44, str(index), r * 1.25, PAPER, bold=True, anchor="middle"
    )


def _legend_line(index: int, callout: Callout) -> str:
    """Chinese with the key words bold, English smaller underneath."""
    top = LEGEND_TOP + index * LEGEND_STEP
    key = element("tspan", escape(callout.key_zh), font_weight="700", fill=INK)
    rest = element("tspan", escape(callout.rest_zh), dx=8) if callout.rest_zh else ""
    parts = [
        _badge(36, top + 22, index + 1, 13.5),
        element("text", key + rest, x=62, y=top + 20, font_size=18, fill="#33445a"),
        text(62, top + 39, callout.en, 13.5, MUTED),
    ]
    if index:
        parts.insert(0, path(f"M62 {top - 1.5}H462", stroke="#dde5ed", stroke_width=1))
    return group(parts)
