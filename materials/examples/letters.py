"""Letters on plain paper: a heading, blocks of writing, and at the foot the seal, the signature, the date."""

from collections.abc import Callable, Sequence

from materials.examples.picture import A4, DATE, Drawing
from materials.examples.primitives import (
    ACCENT,
    INK,
    MUTED,
    RED,
    Box,
    bars,
    circle,
    path,
    rect,
    seal,
    signature,
    strokes,
    text,
)

Block = Callable[[Drawing, Box], float]
"""Draws one part of a letter at the top of the box and returns the height it took."""


def paragraph(count: int, mark: str = "", lead: str = "") -> Block:
    """Lines of writing, the first spelled out if ``lead`` is given; with a mark, it can be pointed at."""

    def draw(drawing: Drawing, box: Box) -> float:
        top = box.y + 22 if lead else box.y
        if lead:
            drawing.add(text(box.x, box.y + 11, lead, 13, bold=True))
        drawing.add(bars(box.x, top + 6, box.w, count))
        height = top - box.y + count * 14
        if mark:
            drawing.mark(mark, Box(box.x - 10, box.y - 8, box.w + 20, height + 14))
        return height + 16

    return draw


def facts(mark: str, *pairs: tuple[str, str]) -> Block:
    """Labelled values, one a line, inside one region."""

    def draw(drawing: Drawing, box: Box) -> float:
        for i, (label, value) in enumerate(pairs):
            y = box.y + 12 + i * 22
            drawing.add(text(box.x, y, label, 13, MUTED), text(box.x + 13 * len(label) + 10, y, value, 13, bold=True))
        if mark:
            drawing.mark(mark, Box(box.x - 10, box.y - 7, box.w + 20, len(pairs) * 22 + 6))
        return len(pairs) * 22 + 18

    return draw


def change(label: str, before: str, after: str) -> Block:
    """A value before and after, with an arrow between; the regions are ``before`` and ``after``."""

    def draw(drawing: Drawing, box: Box) -> float:
        half = (box.w - 44) / 2
        for name, x, heading, value in (
            ("before", box.x, f"变更前{label}", before),
            ("after", box.right - half, f"变更后{label}", after),
        ):
            cell = Box(x, box.y, half, 54)
            drawing.add(
                rect(cell, "#eef2f6", 4),
                text(cell.cx, cell.y + 21, heading, 12, MUTED, anchor="middle"),
                text(cell.cx, cell.y + 42, value, 15, bold=True, anchor="middle"),
            )
            drawing.mark(name, cell.inset(-4))
        arrow = f"M{box.cx - 9:g} {box.y + 27:g}h16m-6 -6l6 6 -6 6"
        drawing.add(path(arrow, stroke=ACCENT, stroke_width=2.4, stroke_linecap="round"))
        return 76

    return draw


def period(mark: str, start: str, end: str, length: str) -> Block:
    """A span of time drawn as a bar with its first and last day."""

    def draw(drawing: Drawing, box: Box) -> float:
        y = box.y + 24
        drawing.add(
            strokes([(box.x + 2, y, box.w - 4)], 8, "#bcd3ee"),
            circle(box.x + 6, y, 6, ACCENT),
            circle(box.right - 6, y, 6, ACCENT),
            text(box.cx, y - 10, length, 12, ACCENT, bold=True, anchor="middle"),
            text(box.x, y + 23, start, 11.5),
            text(box.right, y + 23, end, 11.5, anchor="end"),
        )
        drawing.mark(mark, Box(box.x - 10, box.y - 6, box.w + 20, 63))
        return 74

    return draw


def letter(
    title: str, blocks: Sequence[Block], sealed: bool = True, signed: bool = False, ruled: bool = False
) -> Drawing:
    """A page with a heading, blocks of writing, and at its foot the seal, signature and date."""
    drawing = Drawing()
    page = drawing.sheet(A4)
    drawing.add(text(page.cx, page.y + 46, title, 19, RED if ruled else INK, bold=True, anchor="middle"))
    y = page.y + 78
    if ruled:
        drawing.add(path(f"M{page.x + 26:g} {page.y + 62:g}h{page.w - 52:g}", stroke=RED, stroke_width=2.4))
        y += 10
    for block in blocks:
        y += block(drawing, Box(page.x + 32, y, page.w - 64, 0))
    foot, middle = page.bottom - 25, page.right - 76
    drawing.add(text(middle, foot, DATE, 12.5, anchor="middle"))
    if signed:
        drawing.add(text(page.x + 62, foot - 38, "本人签字", 13, MUTED), signature(page.x + 130, foot - 42, 96))
        drawing.mark("signature", Box(page.x + 124, foot - 72, 112, 46))
        drawing.mark("date", Box(middle - 55, foot - 17, 110, 25))
    if sealed:
        drawing.add(seal(middle, foot - 44, 36))
        drawing.mark("seal", Box(middle - 55, foot - 86, 110, 94))
    return drawing
