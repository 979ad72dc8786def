"""What staff name and type: codes, names in both languages, instants."""

from datetime import UTC, datetime

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Instants that people type lie between these. Near the ends of the calendar a time zone's offset
# leads out of it, and one such instant would break every page that shows it. The years 2000 to
# 2100, and a day more at both ends so that they are whole in every time zone.
EARLIEST = datetime(1999, 12, 31, tzinfo=UTC)
LATEST = datetime(2101, 1, 2, tzinfo=UTC)
CODE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]*"
CODE = RegexValidator(rf"^{CODE_PATTERN}\Z", _("Use letters, digits, - and _ only."))


def in_language(chinese: str, english: str) -> str:
    """The text in the visitor's language; Chinese where there is no English."""
    return english if english and (get_language() or "").startswith("en") else chinese


class Named(models.Model):
    """Something staff name in both languages."""

    name_zh = models.CharField(_("name (Chinese)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)
