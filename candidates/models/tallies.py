"""How many of something are in which state, so that a page need not count them."""

from django.db import models

from .sessions import ExamSession


class Tally(models.Model):
    """A part of a number: the rows of one key (all columns but the last) add up to how many there are.

    The counted table's triggers add rows in the transaction that changes it (the migrations "tallies"), and nothing
    else writes here but the adding up (services/tallies.py). Adding alone makes nobody wait, where one row for each
    number would be what everybody waits for. No foreign key is checked: what is counted has the same one, and a
    session that is gone leaves rows that add up to nothing.
    """

    session = models.ForeignKey(ExamSession, models.DO_NOTHING, db_constraint=False, related_name="+")
    number = models.BigIntegerField()

    class Meta:
        abstract = True


class DeliveryTally(Tally):
    """Of deliveries, by what they are about and what became of them."""

    about = models.CharField(max_length=60)
    status = models.CharField(max_length=10)
