"""What proves a receipt to anyone who holds it: the check code, the page that takes it, and both as a QR code."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from candidates.qr_codes import qr_code

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
        return qr_code(self.address, _("QR code that leads to the page where this receipt is checked"))


def proof_of(receipt_number: str, page: str) -> Proof:
    return Proof(receipt_number, check_code(receipt_number), page)
