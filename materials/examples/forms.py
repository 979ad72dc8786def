"""A4 forms: a title over a ruled table whose rows are given as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from materials.examples.picture import A4, DATE, Drawing
from materials.examples.primitives import MUTED, RULE, Box, bars, path, photo, rect, seal, signature, text, tick_box


@dataclass(frozen=True)
class Cell:
    """A cell of a form: its share of the row, and what stands in it."""

    share: float
    content: str = ""
    kind: str = "label"
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a form."""

    height: float
    cells: Sequence[Cell]


def form(title: str, rows: Sequence[Row], portrait: bool = False) -> Drawing:
    """An A4 form: a title over a ruled table; with ``portrait`` the first rows leave room for a photo on the right."""
    drawing = Drawing()
    page = drawing.sheet(A4)
    drawing.add(text(page.cx, page.y + 38, title, 17, bold=True, anchor="middle"))
    table = Box(page.x + 18, page.y + 54, page.w - 36, sum(row.height for row in rows))
    drawing.add(rect(table, stroke=RULE, stroke_width=1.4))
    y = table.y
    for index, row in enumerate(rows):
        width = table.w - 72 if portrait and index < 3 else table.w
        if index:
            drawing.add(path(f"M{table.x:g} {y:g}h{width:g}", stroke=RULE, stroke_width=1.2))
        x, whole = table.x, sum(cell.share for cell in row.cells)
        for place, cell in enumerate(row.cells):
            box = Box(x, y, width * cell.share / whole, row.height)
            if place:
                drawing.add(path(f"M{x:g} {y:g}v{row.height:g}", stroke=RULE, stroke_width=1.2))
            _fill_cell(drawing, cell, box)
            x = box.right
        y += row.height
    if portrait:
        height = sum(row.height for row in rows[:3])
        space = Box(table.right - 72, table.y, 72, height)
        drawing.add(path(f"M{space.x:g} {space.y:g}v{height:g}", stroke=RULE, stroke_width=1.2))
        drawing.add(photo(space.inset(8, 6)))
    return drawing


def _fill_cell(drawing: Drawing, cell: Cell, box: Box) -> None:
    """Put one cell's content into its box and name the region if it has a mark."""
    lines = cell.content.split("|")
    if cell.mark:
        drawing.mark(cell.mark, box.inset(3))
    if cell.kind == "label":
        drawing.add(rect(box.inset(0.6), "#eef3f8"))
        first = box.cy + 4.5 - (len(lines) - 1) * 8
        drawing.add(*(text(box.cx, first + i * 16, line, 12.5, MUTED, anchor="middle") for i, line in enumerate(lines)))
    elif cell.kind == "value":
        drawing.add(text(box.x + 10, box.cy + 4.5, cell.content, 13, bold=True))
    elif cell.kind == "bars":
        count = int((box.h - 10) // 14)
        drawing.add(bars(box.x + 10, box.cy - (count - 1) * 7, box.w - 20, count))
    elif cell.kind == "ticks":
        for i, line in enumerate(lines):
            drawing.add(tick_box(box.x + 10, box.y + 22 + i * 22, line.removeprefix("+"), line.startswith("+")))
    elif cell.kind == "opinion":
        r = min(34, (box.h - 32) / 2)
        middle = box.right - 54
        drawing.add(
            text(box.x + 10, box.y + 23, lines[0], 14, bold=True),
            bars(box.x + 10, box.y + 42, box.w - 118, max(1, int((box.h - 50) // 14)), last=0.7),
            text(middle, box.bottom - 10, DATE, 11.5, anchor="middle"),
            seal(middle, box.y + r + 7, r),
        )
        drawing.mark("opinion", Box(box.x + 3, box.y + 5, 15 + 14 * len(lines[0]), 25))
        drawing.mark("seal", Box(middle - 50, box.y + 3, 100, box.h - 6))
    elif cell.kind == "signature":
        drawing.add(signature(box.x + 14, box.cy, min(84, box.w - 20)))
