"""QR codes for pages."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str, label: str) -> SafeString:
    """As SVG without a size or inline style: dark on white, with the margin that a camera needs. ``label`` is read."""
    code = segno.make_qr(address, error="m")
    svg: str = code.svg_inline(border=4, light="#fff", title=label, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308  segno escapes the title, and the rest is its own drawing
