"""What a session asks for, and why something is sent back."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from candidates.models import CODE, ExamSession, Named, Region, in_language

from ..enums import PictureFormat, ReasonUse, Requirement


def all_formats() -> list[str]:
    return list(PictureFormat.values)


class Category(Named):
    """材料类别: a kind of document: its limits, hint and whom it applies to.

    Rows without a session are the default catalogue, copied into each new session.
    """

    session = models.ForeignKey(
        ExamSession, models.CASCADE, null=True, blank=True, related_name="categories", verbose_name=_("session")
    )
    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    min_photos = models.PositiveSmallIntegerField(_("fewest pictures"))
    max_photos = models.PositiveSmallIntegerField(_("most pictures"))
    requirement = models.CharField(_("requirement"), max_length=10, choices=Requirement.choices)
    levels = ArrayField(models.CharField(max_length=40), verbose_name=_("levels"), default=list, blank=True)
    tracks = ArrayField(models.CharField(max_length=40), verbose_name=_("tracks"), default=list, blank=True)
    flags_any = ArrayField(
        models.CharField(max_length=40), verbose_name=_("any of the flags"), default=list, blank=True
    )
    formats = ArrayField(models.CharField(max_length=10), verbose_name=_("formats"), default=all_formats)
    max_bytes = models.PositiveIntegerField(
        _("largest stored picture, in bytes"), null=True, blank=True, help_text=_("Empty: the session's limit.")
    )
    hint_zh = models.CharField(_("hint (Chinese)"), max_length=300, blank=True)
    hint_en = models.CharField(_("hint (English)"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["session", "position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "code"],
                nulls_distinct=False,
                name="category_code_once_in_session",
                violation_error_message=_("This session already has a category with this code. Choose another code."),
            ),
            models.CheckConstraint(
                condition=Q(max_photos__gte=1, max_photos__lte=50, min_photos__lte=F("max_photos")),
                name="category_limits_make_sense",
                violation_error_message=_("The most pictures must be from 1 to 50 and no fewer than the fewest."),
            ),
            models.CheckConstraint(
                condition=Q(requirement__in=Requirement.values), name="category_requirement_is_known"
            ),
        ]

    @property
    def hint(self) -> str:
        return in_language(self.hint_zh, self.hint_en)


class Reason(Named):
    """原因: a reusable reason code for asking a change or rejecting, with the sentence the candidate reads."""

    region = models.ForeignKey(
        Region,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reasons",
        verbose_name=_("region"),
        help_text=_("Empty: every region."),
    )
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    use = models.CharField(_("used for"), max_length=10, choices=ReasonUse.choices, default=ReasonUse.CHANGE)
    sentence_zh = models.CharField(_("sentence (Chinese)"), max_length=300)
    sentence_en = models.CharField(_("sentence (English)"), max_length=300, blank=True)
    categories = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("categories"),
        default=list,
        blank=True,
        help_text=_("Codes, separated by commas. Empty: every category."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "code"],
                nulls_distinct=False,
                name="reason_code_once_in_region",
                violation_error_message=_("This region already has a reason with this code. Choose another code."),
            ),
            models.CheckConstraint(condition=Q(use__in=ReasonUse.values), name="reason_use_is_known"),
        ]

    @property
    def sentence(self) -> str:
        return in_language(self.sentence_zh, self.sentence_en)
