"""How many applications are in which state."""

from django.db import models

from candidates.models import Site, Tally


class ApplicationTally(Tally):
    """Of applications, by site and state."""

    site = models.ForeignKey(Site, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    status = models.CharField(max_length=10)
    stage = models.CharField(max_length=10)
