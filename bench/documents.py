"""Drawn documents whose words are known: the ground of every calibration. ``camera.py`` photographs them.

The same call gives the same picture on every machine that has the same fonts. A document has a *layout* (sizes,
printed labels, rules, where things stand) and a *filling* (what is written on it): two seeds with one layout are
one form filled in by two people, or two pages of one contract.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

LATIN = ("letter", "table", "form", "certificate", "id_card", "receipt")
CHINESE = tuple(f"chinese_{kind}" for kind in LATIN)
#: Width to height of each kind.
SHAPES = {"letter": 0.707, "table": 0.707, "form": 0.707, "certificate": 1.414, "id_card": 1.585, "receipt": 0.45}

_TEXT = (
    "registration certificate practice clinical assistant hospital seal valid until issued number name date birth "
    "address medical license region candidate examination department training university degree graduate physician "
    "public health authority supervision signature approved record period employment institution review material "
    "identity document province district street office applicant qualification section contract party agreement "
    "service payment account total amount received system report online verification student college school major "
    "between under following according provided within hereby shall which where other general special national "
    "local annual first second third director manager teacher nurse doctor patient ward surgery emergency child"
)
_WORDS = _TEXT.split()
_CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "医师执业证书考试报名材料姓名身份证明单位盖章日期签字申请表学历毕业临床助理卫生健康委员会注册号码地址电话编号有效期限审核意见"
)
_RED, _BLUE = (200, 35, 40), (30, 60, 140)


@lru_cache(maxsize=1)
def chinese_font() -> tuple[str, int] | None:
    """File and index of a Chinese font, or nothing where the machine has none."""
    if shutil.which("fc-match") is None:
        return None
    command = ["fc-match", "-f", "%{file}|%{index}|%{lang}", "Noto Sans CJK SC:lang=zh-cn"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    file, index, *languages = answer.split("|")  # fc-match always names a font, if only one without Chinese
    return (file, int(index)) if "zh-cn" in languages else None


@lru_cache(maxsize=256)
def _font(size: int, chinese: bool, face: str) -> ImageFont.FreeTypeFont:
    if chinese:
        found = chinese_font()
        if found is None:
            raise LookupError("no Chinese font on this machine")
        return ImageFont.truetype(found[0], size, index=found[1])
    try:
        return ImageFont.truetype(face, size)
    except OSError:
        return ImageFont.load_default(size)  # type: ignore[return-value]


def kinds() -> tuple[str, ...]:
    """All kinds this machine can draw."""
    return LATIN + (CHINESE if chinese_font() else ())


def draw(kind: str, seed: int, width: int, height: int, layout: int | None = None) -> tuple[Image.Image, list[str]]:
    """A flat, clean RGB page of ``width`` × ``height`` pixels, and its words in the order written.

    ``layout``: which of the forms of this kind; by default as many as seeds.
    """
    pen = _Pen(kind.removeprefix("chinese_"), kind.startswith("chinese_"), seed, width, height, layout)
    _DRAWERS[pen.kind](pen)
    return pen.page, pen.words


def natural_size(kind: str, pixels: int) -> tuple[int, int]:
    """Width and height of that many pixels in the kind's shape."""
    shape = SHAPES[kind.removeprefix("chinese_")]
    height = round((pixels / shape) ** 0.5)
    return round(height * shape), height


class _Pen:
    """A page being filled. Lengths are thousandths of the page's shorter side (``u``)."""

    def __init__(self, kind: str, chinese: bool, seed: int, width: int, height: int, layout: int | None) -> None:
        self.kind, self.chinese, self.width, self.height = kind, chinese, width, height
        # Drawing by layout and by filling never share chance, or one would change the other.
        self.form = random.Random(f"{kind} {seed if layout is None else layout}")
        self.chance = random.Random(f"{kind} {seed} filling")
        self.u = min(width, height) / 1000
        self.paper = self.form.choice([(255, 255, 255), (250, 249, 245), (240, 236, 226), (226, 236, 240)])
        self.ink = self.form.choice([(0, 0, 0), (30, 30, 40), (60, 60, 70)])
        self.face = self.form.choice(["DejaVuSans.ttf", "DejaVuSerif.ttf", "no such: Pillow's own"])
        self.page = Image.new("RGB", (width, height), self.paper)
        self.pen = ImageDraw.Draw(self.page)
        self.words: list[str] = []

    def box(self, *corners: float, **how: object) -> None:
        self.pen.rectangle([round(c * self.u) for c in corners], **how)  # type: ignore[arg-type]

    def rule(self, *points: float, width: float = 2) -> None:
        self.pen.line([round(p * self.u) for p in points], fill=self.ink, width=max(1, round(width * self.u)))

    def write(self, x: float, y: float, text: str, size: float, ink: tuple[int, int, int] | None = None) -> float:
        """One line from ``x`` with its top at ``y``; where it ends."""
        font = _font(max(4, round(size * self.u)), self.chinese, self.face)
        self.pen.text((x * self.u, y * self.u), text, fill=ink or self.ink, font=font)
        self.words += text.split()
        return x + font.getlength(text) / self.u

    def says(self, chance: random.Random, words: int) -> str:
        """So many words, or as many characters as they would have."""
        if self.chinese:
            return "".join(chance.choice(_CHARACTERS) for _ in range(words * 4))
        some = [chance.choice(_WORDS) for _ in range(words)]
        return " ".join(word if chance.random() > 0.08 else str(chance.randrange(10, 99999)) for word in some)

    def paragraph(self, x: float, y: float, right: float, bottom: float, size: float, pitch: float) -> float:
        """Lines of print from ``y`` until ``bottom``; the last may be short. Where the next line would be."""
        font = _font(max(4, round(size * self.u)), self.chinese, self.face)
        while y + size < bottom:
            line, fits = "", (right - x) * self.u
            if y + pitch + size >= bottom:
                fits *= self.chance.uniform(0.2, 1)
            while True:
                longer = line + (self.chance.choice(_CHARACTERS) if self.chinese else f" {self.says(self.chance, 1)}")
                if font.getlength(longer) > fits:
                    break
                line = longer
            self.write(x, y, line.strip(), size)
            y += pitch
        return y

    def seal(self, x: float, y: float, radius: float) -> None:
        """A red round seal with a star of sorts; its lettering is too small to count as words."""
        r, w = radius * self.u, max(2, round(radius * self.u / 14))
        cx, cy = x * self.u, y * self.u
        self.pen.ellipse((cx - r, cy - r, cx + r, cy + r), outline=_RED, width=w)
        self.pen.regular_polygon((cx, cy, r / 3), 5, fill=_RED)
        font = _font(max(4, round(r / 4.5)), self.chinese, self.face)
        self.pen.text((cx - r * 0.7, cy + r * 0.35), self.says(self.form, 2)[:9], fill=_RED, font=font)

    def portrait(self, left: float, top: float, right: float, bottom: float) -> None:
        """A passport photo: head and shoulders on a plain ground; another for each filling."""
        wide, tall = right - left, bottom - top
        middle = (left + right) / 2 + self.chance.uniform(-0.05, 0.05) * wide
        self.box(left, top, right, bottom, fill=self.form.choice([(70, 130, 190), (235, 235, 235), (190, 40, 45)]))
        skin = (self.chance.randrange(190, 240), 170, 140)
        coat = tuple(self.chance.randrange(20, 120) for _ in range(3))
        parts = [(0.45, 0.68, 1.25, coat), (0.27, 0.12, 0.62, (25, 22, 20)), (0.22, 0.2, 0.72, skin)]
        for half, upper, lower, fill in parts:
            ends = middle - half * wide, top + upper * tall, middle + half * wide, min(top + lower * tall, bottom)
            self.pen.ellipse([c * self.u for c in ends], fill=fill)
        for side in (-0.09, 0.09):
            self.box(
                middle + side * wide - 6, top + 0.4 * tall, middle + side * wide + 6, top + 0.43 * tall, fill="black"
            )


def _letter(page: _Pen) -> None:
    size = page.form.uniform(17, 26)
    pitch, margin = size * page.form.uniform(1.25, 2.0), page.form.uniform(70, 130)
    right, bottom = 1000 - margin, page.height / page.u - margin
    title = page.says(page.form, 3)
    y = margin
    if page.form.random() < 0.7:
        page.write(260, y, title, size * 1.7)
        y += size * 4
    sealed = page.form.random() < 0.5
    end = bottom - (260 if sealed else 0)
    while y + pitch * 2 < end:
        block = min(end, y + pitch * page.chance.randrange(2, 9))
        y = page.paragraph(margin, y, right, block, size, pitch) + page.form.choice([0, pitch * 0.6])
    if sealed:
        page.write(600, bottom - 120, page.says(page.chance, 2), size)
        page.write(600, bottom - 120 + pitch, "2026-01-15" if not page.chinese else "二〇二六年一月十五日", size)
        page.seal(700, bottom - 110, 100)


def _table(page: _Pen) -> None:
    columns, rows = page.form.randrange(3, 7), page.form.randrange(12, 32)
    margin = page.form.uniform(50, 100)
    top, bottom = margin + 90, page.height / page.u - margin
    step, wide = (bottom - top) / rows, (1000 - 2 * margin) / columns
    size = min(step * 0.55, page.form.uniform(16, 22))
    page.write(300, margin, page.says(page.form, 3), 30)
    ruled = page.form.random() < 0.8
    for row in range(rows + 1):
        y = top + row * step
        page.rule(margin, y, 1000 - margin, y)
        for column in range(columns if row < rows else 0):
            source = page.form if row == 0 or column == 0 else page.chance
            page.write(margin + column * wide + 8, y + (step - size) / 2, _cell(page, source, wide - 16, size), size)
    for column in range(columns + 1 if ruled else 0):
        page.rule(margin + column * wide, top, margin + column * wide, bottom)


def _cell(page: _Pen, source: random.Random, wide: float, size: float) -> str:
    """What fits into a cell: a number as often as words."""
    text = page.says(source, 2) if source.random() < 0.6 else f"{source.randrange(1, 99999)}.{source.randrange(10, 99)}"
    font = _font(max(4, round(size * page.u)), page.chinese, page.face)
    while font.getlength(text) > wide * page.u and len(text) > 1:
        text = text[:-1] if page.chinese or " " not in text else text.rpartition(" ")[0]
    return text


def _form(page: _Pen) -> None:
    """Printed labels in boxes, filled in, with a portrait at the upper right and a paragraph of small print."""
    margin, size = page.form.uniform(60, 110), page.form.uniform(18, 24)
    page.write(280, margin - 20, page.says(page.form, 3), 34)
    y, step, tall = margin + 60, page.form.uniform(48, 72), page.height / page.u
    page.portrait(1000 - margin - 150, y, 1000 - margin, y + 200)
    page.box(1000 - margin - 160, y - 5, 1000 - margin, y + 205, outline=page.ink, width=max(1, round(2 * page.u)))
    while y + step < tall * 0.72:
        right = 1000 - margin - (170 if y < margin + 270 else 0)
        page.box(margin, y, right, y + step, outline=page.ink, width=max(1, round(2 * page.u)))
        halves = [margin, (margin + right) / 2, right] if page.form.random() < 0.6 else [margin, right]
        for left, end in pairwise(halves):
            label = page.write(left + 8, y + (step - size) / 2, page.says(page.form, 1), size)
            page.rule(label + 8, y, label + 8, y + step)
            page.write(label + 16, y + (step - size) / 2, _cell(page, page.chance, end - label - 24, size), size, _BLUE)
        y += step
    small = random.Random(page.form.random())
    page.chance, kept = small, page.chance
    page.paragraph(margin, y + 20, 1000 - margin, tall * 0.85, size * 0.85, size * 1.3)
    page.chance = kept
    page.write(margin, tall * 0.88, page.says(page.form, 1), size)
    page.write(margin + 200, tall * 0.88, page.says(page.chance, 1), size * 1.4, _BLUE)
    page.seal(780, tall * 0.88, 85)


def _certificate(page: _Pen) -> None:
    """A patterned border, a large title, a portrait, few large lines, a seal."""
    wide, tall = page.width / page.u, page.height / page.u
    edge, colour = page.form.uniform(18, 50), page.form.choice([_RED, (150, 110, 40), (40, 90, 60)])
    for at, thick in ((edge, 8), (edge + 22, 3)):
        page.box(at, at, wide - at, tall - at, outline=colour, width=max(1, round(thick * page.u)))
    for x in range(round(edge) + 14, round(wide - edge), 24):
        for y in (edge + 15, tall - edge - 15):
            page.pen.ellipse([c * page.u for c in (x - 5, y - 5, x + 5, y + 5)], outline=colour)
    title, size = page.says(page.form, 2)[:16].strip(), page.form.uniform(32, 48)
    font = _font(round(80 * page.u), page.chinese, page.face)
    page.write(wide / 2 - font.getlength(title) / page.u / 2, edge + 80, title, 80, colour)
    left = page.form.choice([120, wide * 0.42])
    if left > 120:
        page.portrait(wide * 0.14, tall * 0.35, wide * 0.32, tall * 0.35 + wide * 0.24)
    y = page.paragraph(left, tall * 0.33, wide - 120, tall * 0.68, size, size * page.form.uniform(1.6, 2.2))
    page.write(wide * 0.6, max(y, tall * 0.72), page.says(page.chance, 2)[:24], size)
    page.write(wide * 0.6, max(y, tall * 0.72) + size * 1.6, "2026-01-15", size)
    page.seal(wide * 0.7, tall * 0.77, 110)


def _id_card(page: _Pen) -> None:
    """The front with portrait and a few lines; an odd layout is the back: an emblem and three lines."""
    wide, tall = page.width / page.u, page.height / page.u
    for at in range(0, round(wide + tall), 14):
        shade = tuple(max(0, level - 14) for level in page.paper)
        page.pen.arc([c * page.u for c in (at - 900, -400, at, 900)], 250, 110, fill=shade, width=1)
    size = page.form.uniform(48, 58)
    if page.form.random() < 0.5:
        page.seal(170, 190, 120)
        page.write(360, 110, page.says(page.form, 2)[:18], size * 1.3)
        page.write(360, 230, page.says(page.form, 2)[:14], size * 1.5)
        labels = ((330, 0.68), (330, 0.82))
    else:
        page.portrait(wide * 0.64, tall * 0.14, wide * 0.95, tall * 0.72)
        labels = ((70, 0.1), (70, 0.23), (70, 0.36), (70, 0.49), (70, 0.6), (70, 0.85))
    for x, y in labels:
        end = page.write(x, y * tall, page.says(page.form, 1)[:8], size * 0.8, _BLUE)
        room = (wide * 0.62 if y < 0.8 else wide * 0.95) - end - 30
        page.write(end + 24, y * tall, _cell(page, page.chance, room, size), size)


def _receipt(page: _Pen) -> None:
    size, tall = page.form.uniform(38, 48), page.height / page.u
    page.face = "DejaVuSansMono.ttf"
    page.write(250, 50, page.says(page.form, 1), size * 1.6)
    y, pitch = 160.0, size * page.form.uniform(1.3, 1.8)
    while y + pitch * 4 < tall:
        if page.form.random() < 0.12:
            page.rule(60, y + pitch / 2, 940, y + pitch / 2)
        else:
            page.write(60, y, _cell(page, page.chance, 560, size), size)
            page.write(730, y, f"{page.chance.randrange(1, 900)}.{page.chance.randrange(10, 99)}", size)
        y += pitch
    page.write(60, y + pitch, page.says(page.form, 1), size * 1.2)
    page.write(660, y + pitch, f"{page.chance.randrange(100, 9000)}.00", size * 1.2)


_DRAWERS: dict[str, Callable[[_Pen], None]] = {
    "letter": _letter,
    "table": _table,
    "form": _form,
    "certificate": _certificate,
    "id_card": _id_card,
    "receipt": _receipt,
}
