"""Other plain paper: a verification report, an admission ticket, two documents of which one is enough, a pile."""

from materials.examples.picture import A4, DATE, NAME, Drawing
from materials.examples.primitives import (
    MUTED,
    PAPER,
    RULE,
    Box,
    barcode,
    bars,
    circle,
    group,
    matrix_code,
    path,
    photo,
    rect,
    rules,
    seal,
    seal_box,
    strokes,
    text,
)


def report(title: str) -> Drawing:
    """A verification report printed from a web page: photo, rows, a matrix code and the days of its validity."""
    drawing = Drawing()
    page = drawing.sheet(A4)
    drawing.add(
        rect(Box(page.x + 0.5, page.y + 0.5, page.w - 1, 44), "#e3eefb", 3),
        text(page.cx, page.y + 28, title, 15, bold=True, anchor="middle"),
    )
    table = Box(page.x + 18, page.y + 60, page.w - 36, 152)
    face = Box(table.right - 66, table.y + 7, 58, 63)
    drawing.add(rules(table, (25.5, 51, 76.5, 102, 127)), rect(face.inset(-7, -6), PAPER), photo(face))
    drawing.add(rules(face.inset(-8, -7)))
    for i, label in enumerate(("姓名", "证件", "院校", "专业", "层次", "编号")):
        y = table.y + 17 + i * 25.4
        drawing.add(text(table.x + 10, y, label, 12.5, MUTED))
        if i == 0:
            drawing.add(text(table.x + 46, y, NAME, 13, bold=True))
        else:
            drawing.add(strokes([(table.x + 46, y - 4, (0, 90, 80, 130, 70, 144)[i])]))
    drawing.mark("person", face.inset(-4))
    code = Box(page.x + 28, page.bottom - 108, 80, 80)
    drawing.add(matrix_code(code))
    drawing.mark("code", code.inset(-7))
    x = code.right + 26
    drawing.add(
        text(x, code.y + 11, "在线验证码", 12.5, MUTED),
        text(x, code.y + 28, "0000 0000 0000", 13, bold=True),
        text(x, code.y + 54, "有效期至", 12.5, MUTED),
        text(x, code.y + 73, DATE, 13, bold=True),
    )
    drawing.mark("validity", Box(x - 8, code.y + 38, 122, 44))
    return drawing


def employment() -> Drawing:
    """Two pages of which one is enough: a letter from the institution, or a social insurance record."""
    drawing = Drawing()
    left = drawing.sheet(Box(42, 114, 174, 304), mark_size=30)
    right = drawing.sheet(Box(264, 114, 174, 304), mark_size=30)
    for page, title in ((left, "在岗证明"), (right, "社会保险缴费记录")):
        drawing.add(text(page.cx, page.y + 38, title, 16, bold=True, anchor="middle"))
        drawing.add(
            text(page.x + 20, page.y + 76, "姓名", 13, MUTED), text(page.x + 56, page.y + 76, NAME, 13, bold=True)
        )
        drawing.mark("name", Box(page.x + 12, page.y + 60, 98, 24))
        drawing.add(seal(page.right - 50, page.bottom - 48, 32))
        drawing.mark("seal", seal_box(page.right - 50, page.bottom - 48, 32))
        drawing.add(bars(page.x + 20, page.bottom - 56, 56, 2, last=0.7))
    drawing.add(bars(left.x + 20, left.y + 104, 134, 3))
    drawing.add(text(left.x + 20, left.y + 173, "0000年00月 至今", 13, bold=True))
    drawing.mark("span", Box(left.x + 12, left.y + 157, 122, 25))
    months = Box(right.x + 20, right.y + 106, 134, 76)
    drawing.add(rect(Box(months.x, months.y, months.w, 19), "#eef3f8"), rules(months, (19, 38, 57), (52,)))
    for i in range(4):
        y = months.y + 13.5 + i * 19
        drawing.add(text(months.x + 26, y, "月份" if i == 0 else f"0000-0{i}", 10.5, MUTED, anchor="middle"))
    drawing.add(strokes([(months.x + 62, months.y + 9.5 + i * 19, w) for i, w in enumerate((40, 58, 58, 58))]))
    drawing.mark("span", months.inset(-5))
    drawing.add(circle(240, 266, 15, PAPER), text(240, 271, "或", 14, MUTED, bold=True, anchor="middle"))
    return drawing


def ticket_or_scores() -> Drawing:
    """An earlier admission ticket, or a score report."""
    drawing = Drawing()
    ticket = drawing.sheet(Box(66, 96, 348, 154), rx=8, mark_size=34)
    drawing.add(
        rect(Box(ticket.x + 0.5, ticket.y + 0.5, ticket.w - 1, 34), "#e3eefb", 8),
        text(ticket.x + 20, ticket.y + 23, "准考证", 16, bold=True),
        photo(Box(ticket.x + 20, ticket.y + 46, 68, 90)),
        text(ticket.x + 108, ticket.y + 62, "姓名", 12, MUTED),
        text(ticket.x + 158, ticket.y + 62, NAME, 12, bold=True),
        text(ticket.x + 108, ticket.y + 86, "准考证号", 12, MUTED),
        text(ticket.x + 164, ticket.y + 86, "0000000000", 12, bold=True),
        bars(ticket.x + 108, ticket.y + 106, 118, 3),
        path(f"M{ticket.right - 78:g} {ticket.y + 40:g}v108", stroke=RULE, stroke_width=1.6, stroke_dasharray="5 5"),
        barcode(Box(ticket.right - 62, ticket.y + 50, 46, 90)),
    )
    drawing.mark("number", Box(ticket.x + 101, ticket.y + 70, 152, 24))
    drawing.mark("person", Box(ticket.x + 14, ticket.y + 40, 80, 102))
    scores = drawing.sheet(Box(66, 292, 348, 146), mark_size=34)
    table = scores.sub(20, 56, 308, 74)
    drawing.add(
        text(scores.x + 20, scores.y + 33, "成绩单", 16, bold=True),
        text(scores.right - 20, scores.y + 33, "0000 年度", 13, bold=True, anchor="end"),
        rect(Box(table.x, table.y, table.w, 24), "#eef3f8"),
        rules(table, (24, 49), (84, 196)),
        *(
            text(table.x + x, table.y + 17, s, 12, MUTED, anchor="middle")
            for x, s in ((42, "姓名"), (140, "准考证号"), (252, "成绩"))
        ),
        text(table.x + 42, table.y + 41, NAME, 12, bold=True, anchor="middle"),
        text(table.x + 140, table.y + 41, "0000000000", 12, bold=True, anchor="middle"),
        text(table.x + 252, table.y + 41, "000", 12, bold=True, anchor="middle"),
        strokes(
            [(table.x + 12, table.y + 61, 60), (table.x + 98, table.y + 61, 84), (table.x + 222, table.y + 61, 60)]
        ),
    )
    drawing.mark("number", Box(table.x + 90, table.y + 27, 100, 20))
    drawing.mark("year", Box(scores.right - 92, scores.y + 15, 80, 26))
    drawing.add(circle(240, 270, 14, PAPER), text(240, 275, "或", 14, MUTED, bold=True, anchor="middle"))
    return drawing


def stack() -> Drawing:
    """Some sheets on a pile; only the top one, lying straight, is the picture to take."""
    drawing = Drawing()
    for angle, fill in ((9, "#e3eaf1"), (-7, "#eff3f7")):
        under = Box(122, 112, 236, 310)
        drawing.add(
            group(
                [rect(under, fill, 3, stroke="#a9b9c9", stroke_width=1)],
                transform=f"rotate({angle} {under.cx:g} {under.cy:g})",
            )
        )
    page = drawing.sheet(Box(112, 97, 256, 338))
    drawing.add(
        text(page.cx, page.y + 44, "材料名称", 19, bold=True, anchor="middle"),
        text(page.x + 30, page.y + 84, "姓名", 13, MUTED),
        text(page.x + 66, page.y + 84, NAME, 13, bold=True),
        bars(page.x + 30, page.y + 114, 196, 5),
        bars(page.x + 30, page.y + 202, 196, 2, last=0.4),
        text(page.right - 76, page.bottom - 25, DATE, 12.5, anchor="middle"),
        seal(page.right - 76, page.bottom - 69, 36),
    )
    drawing.mark("name", Box(page.x + 20, page.y + 68, 98, 24))
    drawing.mark("text", Box(page.x + 20, page.y + 103, 216, 78))
    drawing.mark("seal", Box(page.right - 131, page.bottom - 111, 110, 94))
    return drawing
