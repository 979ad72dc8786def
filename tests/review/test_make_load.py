import io
import pytest
from django.core.management import call_command
from django.db import connection
from candidates.models import *
from materials.models import *

@pytest.mark.django_db
def test_it(settings):
    settings.DEBUG=True
    out = io.StringIO()
    import time; t=time.time()
    call_command("make_load", candidates=300, stdout=out)
    print(out.getvalue(), time.time()-t)
    connection.check_constraints()
    print(Candidate.objects.count(), Application.objects.count(), Photo.objects.count(), Event.objects.count())
    for a in Application.objects.order_by("-candidate__id")[:3]: print(a.pk, a.status, a.submitted_at, a.decided_at, a.submissions.last() and a.submissions.last().manifest[:1])
