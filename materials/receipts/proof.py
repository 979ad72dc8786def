"""What proves a receipt to anyone who holds it: the check code, the page that takes it, and both as a QR code."""

from dataclasses import dataclass
from urllib.parse import urlencode

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .codes import check_code


@dataclass(frozen=True)
class Proof:
    """``page`` is the public page's address as people may type it, ``address`` that page with this receipt's answer."""

    receipt_number: str
    code: str
    page: str

    @property
    def address(self) -> str:
        # Without the hyphens: a smaller code, whose squares are larger on paper.
        return f"{self.page}?{urlencode({'number': self.receipt_number, 'code': self.code.replace('-', '')})}"

    @property
    def qr_code(self) -> SafeString:
        """As SVG without a size or inline style: dark on white, with the margin that a scanner needs."""
        label = _("QR code that leads to the page where this receipt is checked")
        code = segno.make_qr(self.address, error="m")
        svg: str = code.svg_inline(border=4, light="#fff", title=label, omitsize=True, svgclass="qr", lineclass=None)
        return mark_safe(svg)  # noqa: S308  segno escapes the title, and the rest is its own drawing


def proof_of(receipt_number: str, page: str) -> Proof:
    return Proof(receipt_number, check_code(receipt_number), page)
