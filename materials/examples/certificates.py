"""Certificates, booklets, cards and the portrait with a card. Each function returns a drawing with named regions."""

from materials.examples.picture import A4, DATE, NAME, NUMBER, WIDE, Drawing
from materials.examples.primitives import (
    INK,
    MUTED,
    PAPER,
    RULE,
    SKIN,
    Box,
    bars,
    circle,
    element,
    group,
    ornament,
    path,
    photo,
    rect,
    rosette,
    rules,
    seal,
    seal_box,
    strokes,
    text,
)

DIGITS = "000000000000"


def certificate(title: str, tone: str, number_label: str, photo_right: bool = False, subject: str = "学生") -> Drawing:
    """A landscape certificate with a border: photo at one side, seal and date at the foot, number beside them."""
    drawing = Drawing()
    page = drawing.sheet(WIDE, "#fffdf8", mark_size=44)
    drawing.add(ornament(page.inset(12), tone), rosette(page.cx, page.cy + 14, 92, tone))
    drawing.add(text(page.cx, page.y + 66, title, 26, tone, bold=True, anchor="middle", letter_spacing=6))
    face = Box(page.right - 114 if photo_right else page.x + 44, page.y + 92, 74, 98)
    x = page.x + 48 if photo_right else face.right + 26
    drawing.add(
        photo(face),
        text(x, page.y + 108, subject, 13, MUTED),
        text(x + 13 * len(subject) + 9, page.y + 108, NAME, 14, bold=True),
        bars(x, page.y + 130, 196, 3, 16),
        text(page.x + 44, page.bottom - 46, number_label, 12, MUTED),
        text(page.x + 44, page.bottom - 29, DIGITS, 13, bold=True),
    )
    cx, cy = (page.x + 222 if photo_right else page.right - 84), page.bottom - 76
    drawing.add(text(cx, page.bottom - 30, DATE, 11.5, anchor="middle"), seal(cx, cy, 33))
    drawing.mark("photo", face.inset(-6))
    drawing.mark("number", Box(page.x + 36, page.bottom - 62, 122, 40))
    drawing.mark("seal", Box(cx - 50, cy - 38, 100, 90))
    return drawing


def tall_certificate(title: str, tone: str, number_label: str, letter_style: bool = False) -> Drawing:
    """A portrait certificate with a border; in letter style the photo stands at the right beside the name."""
    drawing = Drawing()
    page = drawing.sheet(A4, "#fffefb" if letter_style else "#fbfdff")
    drawing.add(ornament(page.inset(10), tone), rosette(page.cx, page.cy + 20, 84, tone))
    drawing.add(text(page.cx, page.y + 56, title, 20, tone, bold=True, anchor="middle"))
    if letter_style:
        face = Box(page.right - 108, page.y + 84, 68, 88)
        drawing.add(
            text(page.x + 38, page.y + 100, "姓名", 13, MUTED),
            text(page.x + 38, page.y + 121, NAME, 15, bold=True),
            bars(page.x + 38, page.y + 144, 108, 2),
            bars(page.x + 38, page.y + 194, 200, 3),
        )
    else:
        face = Box(page.cx - 34, page.y + 82, 68, 86)
        drawing.add(
            text(page.cx, page.y + 189, NAME, 15, bold=True, anchor="middle"), bars(page.x + 44, page.y + 212, 188, 2)
        )
    drawing.add(
        photo(face),
        seal(page.right - 82, page.bottom - 70, 31),
        text(page.right - 82, page.bottom - 27, DATE, 11.5, anchor="middle"),
        text(page.x + 38, page.bottom - 50, number_label, 12, MUTED),
        text(page.x + 38, page.bottom - 32, DIGITS, 12, bold=True),
    )
    drawing.mark("photo", face.inset(-6) if letter_style else Box(face.x - 6, face.y - 6, face.w + 12, face.h + 37))
    drawing.mark("number", Box(page.x + 30, page.bottom - 67, 100, 43))
    drawing.mark("seal", Box(page.right - 132, page.bottom - 106, 100, 86))
    return drawing


def _spread(drawing: Drawing, box: Box, cover: str, mark_size: float = 40) -> tuple[Box, Box]:
    """An opened booklet: the cover showing around two pages, and the fold."""
    drawing.sheet(box.inset(-6), cover, 7, margin=8, mark_size=mark_size)
    drawing.add(
        rect(box, "#fffefa", 2),
        rect(Box(box.cx - 9, box.y, 18, box.h), "#2b3f55", opacity=0.06),
        path(f"M{box.cx:g} {box.y:g}v{box.h:g}", stroke=RULE, stroke_width=1.4),
    )
    return Box(box.x, box.y, box.w / 2, box.h), Box(box.cx, box.y, box.w / 2, box.h)


def qualification_booklet(title: str, cover: str) -> Drawing:
    """A qualification: photo and seal on the left page, the number and the date of issue on the right."""
    drawing = Drawing()
    left, right = _spread(drawing, WIDE.inset(8, 6), cover, 44)
    face = Box(left.cx - 44, left.y + 34, 88, 116)
    drawing.add(
        photo(face),
        text(left.cx, face.bottom + 28, NAME, 16, bold=True, anchor="middle"),
        bars(left.x + 34, face.bottom + 48, left.w - 68, 3, last=0.5),
        text(right.cx, right.y + 42, title, 14.5, bold=True, anchor="middle"),
        bars(right.x + 24, right.y + 64, right.w - 48, 2),
        text(right.x + 24, right.y + 114, "证书编码", 12, MUTED),
        text(right.x + 24, right.y + 134, "000000000000000000", 13, bold=True),
        text(right.x + 24, right.bottom - 47, "签发日期", 12, MUTED),
        text(right.x + 24, right.bottom - 27, DATE, 12, bold=True),
        seal(right.right - 55, right.bottom - 68, 33),
    )
    drawing.mark("photo", Box(face.x - 8, face.y - 8, face.w + 16, face.h + 46))
    drawing.mark("number", Box(right.x + 16, right.y + 96, right.w - 32, 47))
    drawing.mark("issue", Box(right.x + 16, right.bottom - 106, right.w - 32, 88))
    return drawing


def practice_booklet(cover: str) -> Drawing:
    """A practice certificate: the main pages, and below them the pages of recorded changes."""
    drawing = Drawing()
    left, right = _spread(drawing, Box(86, 98, 308, 146), cover, 32)
    face = left.sub(16, 20, 60, 78)
    drawing.add(
        photo(face),
        text(left.x + 88, left.y + 38, NAME, 13, bold=True),
        bars(left.x + 88, left.y + 58, 54, 3),
        bars(left.x + 18, left.y + 116, 120, 2, last=0.5),
        text(right.x + 16, right.y + 28, "执业证书编码", 11.5, MUTED),
        text(right.x + 16, right.y + 45, "000000000000000", 12, bold=True),
        text(right.x + 16, right.y + 74, "执业类别", 11.5, MUTED),
        strokes([(right.x + 68, right.y + 70, 52)]),
        text(right.x + 16, right.y + 93, "执业地点", 11.5, MUTED),
        strokes([(right.x + 68, right.y + 89, 66)]),
        text(right.x + 16, right.y + 128, DATE, 11),
        seal(right.right - 32, right.bottom - 27, 21),
    )
    drawing.mark("number", Box(right.x + 9, right.y + 13, 126, 38))
    drawing.mark("practice", Box(right.x + 9, right.y + 59, 136, 41))
    left, right = _spread(drawing, Box(86, 290, 308, 146), cover, 32)
    for page in (left, right):
        table = page.inset(14, 12).sub(0, 22, page.w - 28, 98)
        drawing.add(
            text(page.cx, page.y + 25, "变更注册记录", 12, bold=True, anchor="middle"),
            rules(table, (32.6, 65.3), (76,)),
            strokes([(table.x + 8, table.y + 11 + i * 32.6, 58) for i in range(3 if page is left else 1)]),
            strokes([(table.x + 8, table.y + 23 + i * 32.6, 40) for i in range(3 if page is left else 1)]),
            *(seal(table.x + 101, table.y + 16.3 + i * 32.6, 12) for i in range(3 if page is left else 1)),
        )
        drawing.mark("changes", page.inset(8, 6).sub(0, 2, page.w - 16, page.h - 12))
    return drawing


def licence(title: str, tone: str) -> Drawing:
    """The copy of an institution's licence: registration number, validation record, and the seal on top."""
    drawing = Drawing()
    page = drawing.sheet(WIDE, "#fbfefd", mark_size=44)
    drawing.add(ornament(page.inset(12), tone), rosette(page.cx, page.cy + 10, 92, tone))
    drawing.add(text(page.cx, page.y + 62, title, 21, tone, bold=True, anchor="middle"))
    drawing.add(text(page.cx, page.y + 83, "（副本）", 14, tone, bold=True, anchor="middle"))
    for i, label in enumerate(("机构名称", "地　　址", "负 责 人", "诊疗科目")):
        y = page.y + 142 + i * 22
        drawing.add(text(page.x + 40, y, label, 12, MUTED), strokes([(page.x + 98, y - 4, (92, 78, 46, 88)[i])]))
    drawing.add(
        text(page.x + 40, page.y + 114, "登记号", 12, MUTED), text(page.x + 86, page.y + 114, DIGITS, 13, bold=True)
    )
    drawing.mark("number", Box(page.x + 32, page.y + 98, 166, 24))
    table = page.sub(226, 100, 136, 74)
    drawing.add(
        rect(Box(table.x, table.y, table.w, 22), "#e6f1ee"),
        rules(table, (22, 48)),
        text(table.cx, table.y + 15.5, "校验记录", 12, bold=True, anchor="middle"),
        text(table.cx, table.y + 39.5, "校验有效期至", 12, MUTED, anchor="middle"),
        text(table.cx, table.y + 65.5, DATE, 12, bold=True, anchor="middle"),
        seal(page.right - 100, page.bottom - 63, 31),
        text(page.x + 40, page.bottom - 34, "发证日期", 12, MUTED),
        text(page.x + 98, page.bottom - 34, DATE, 12),
    )
    drawing.mark("validation", table.inset(-5))
    drawing.mark("seal", seal_box(page.right - 100, page.bottom - 63, 31))
    return drawing


def identity_cards() -> Drawing:
    """Both sides of an identity card, each a picture of its own."""
    drawing = Drawing()
    front = drawing.sheet(Box(150, 98, 268, 152), "#f3f8fd", 10, mark_size=34)
    back = drawing.sheet(Box(150, 286, 268, 152), "#f3f8fd", 10, mark_size=34)
    for card, order, zh, en in (
        (front, "第 1 张", "人像面", "Portrait side"),
        (back, "第 2 张", "国徽面", "Reverse side"),
    ):
        drawing.add(
            text(34, card.cy - 16, order, 13, MUTED),
            text(34, card.cy + 6, zh, 18, bold=True),
            text(34, card.cy + 25, en, 13, MUTED),
            group([rosette(card.cx, card.cy, 70, "#1a5fb4")], opacity=0.7),
        )
    face = front.sub(186, 16, 64, 82)
    drawing.add(
        photo(face),
        text(front.x + 18, front.y + 34, "姓名", 11.5, MUTED),
        text(front.x + 52, front.y + 34, NAME, 13, bold=True),
        text(front.x + 18, front.y + 60, "性别", 11.5, MUTED),
        strokes([(front.x + 52, front.y + 56, 22), (front.x + 84, front.y + 56, 60)]),
        text(front.x + 18, front.y + 86, "住址", 11.5, MUTED),
        strokes([(front.x + 52, front.y + 82, 104), (front.x + 52, front.y + 96, 70)]),
        text(front.x + 18, front.y + 132, "号码", 11.5, MUTED),
        text(front.x + 56, front.y + 132.5, NUMBER, 14.5, bold=True),
    )
    drawing.mark("face", face.inset(-6))
    drawing.mark("number", Box(front.x + 48, front.y + 115, 178, 26))
    drawing.add(
        circle(back.x + 46, back.y + 48, 25, "#e4edf6", stroke="#9fb2c6", stroke_width=1.6, stroke_dasharray="4 4"),
        strokes([(back.x + 92, back.y + 38, 130)], 9),
        strokes([(back.x + 112, back.y + 60, 90)], 9),
        text(back.x + 24, back.y + 104, "签发机关", 11.5, MUTED),
        strokes([(back.x + 82, back.y + 100, 96)]),
        text(back.x + 24, back.y + 131, "有效期限", 11.5, MUTED),
        text(back.x + 82, back.y + 131.5, "0000.00.00-0000.00.00", 13, bold=True),
    )
    drawing.mark("validity", Box(back.x + 75, back.y + 114, 172, 26))
    return drawing


def portrait_with_card() -> Drawing:
    """A person from the waist up who holds a card in front of the chest, nothing covered."""
    drawing = Drawing()
    view = drawing.sheet(Box(84, 94, 312, 344), "#edf3f8", 6, margin=10)
    card = Box(view.cx - 92, view.y + 200, 184, 116)
    base, cx = view.bottom, view.cx
    body = f"M{cx - 136:g} {base:g}c2 -96 12 -142 58 -158l44 -16h68l44 16c46 16 56 62 58 158z"
    arms = f"M{cx - 96:g} {base:g}c2 -28 4 -46 12 -62M{cx + 96:g} {base:g}c-2 -28 -4 -46 -12 -62"
    drawing.add(
        path(body, "#86a9cd"),
        path(arms, stroke="#6b90b7", stroke_width=3, stroke_linecap="round"),
        path(f"M{cx - 21:g} {base - 200:g}h42v32q-21 20 -42 0z", "#e3b793"),
        path(f"M{cx - 34:g} {base - 174:g}l13 -6 21 18 21 -18 13 6 -34 34z", PAPER),
        path(f"M{cx - 56:g} {view.y + 98:g}c-8 -86 120 -86 112 0l-4 8h-104z", "#2e3a48"),
        circle(cx - 50, view.y + 108, 9, SKIN),
        circle(cx + 50, view.y + 108, 9, SKIN),
        path(f"M{cx - 49:g} {view.y + 84:g}c14 -6 30 -12 40 -22 14 12 38 16 58 20v32c0 70 -98 70 -98 0z", SKIN),
        path(
            f"M{cx - 31:g} {view.y + 92:g}q9 -6 18 0M{cx + 13:g} {view.y + 92:g}q9 -6 18 0",
            stroke="#2e3a48",
            stroke_width=3,
        ),
        circle(cx - 21, view.y + 106, 4, INK),
        circle(cx + 21, view.y + 106, 4, INK),
        path(
            f"M{cx - 14:g} {view.y + 138:g}q14 11 28 0M{cx:g} {view.y + 108:g}l-4 13h7",
            stroke="#b0744f",
            stroke_width=2.6,
            stroke_linecap="round",
        ),
        rect(Box(card.x + 2, card.y + 4, card.w, card.h), "#2b3f55", 7, opacity=0.22),
        rect(card, "#f8fbfe", 7, stroke="#b9c6d3", stroke_width=1),
        photo(card.sub(114, 14, 46, 60)),
        text(card.x + 26, card.y + 34, NAME, 14, bold=True),
        bars(card.x + 26, card.y + 50, 74, 2),
        text(card.x + 19, card.y + 100, NUMBER, 13, bold=True),
    )
    for side in (-1, 1):
        edge = card.x if side < 0 else card.right
        fingers = [
            element("rect", x=edge - 14 - side * 3, y=card.y + 34 + i * 14, width=28, height=13, rx=6) for i in range(3)
        ]
        palm = element("ellipse", cx=edge + side * 8, cy=card.y + 55, rx=16, ry=27)
        drawing.add(group([palm, *fingers], fill=SKIN, stroke="#d9a981", stroke_width=1))
    drawing.mark("face", Box(cx - 66, view.y + 17, 132, 152))
    drawing.mark("card", card.inset(-30, -9))
    drawing.mark("number", Box(card.x + 11, card.y + 84, card.w - 22, 24))
    return drawing
