"""Run by pretalx's own Python, once Django is set up with pretalx's settings: submissions of one event, up to so many.

``pretalx_fill.py NUMBER PASSWORD``. Each has a speaker of its own, and an answer to the one question that is asked, as
a registration has a number. No reviews, resources, slots or log, which would make pretalx's pages longer. Prints as
JSON whom to sign in as, and what to open.
"""

import datetime
import json
import sys

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.timezone import now
from django_scopes import scope, scopes_disabled
from pretalx.event.models import Event
from pretalx.event.utils import create_organiser_with_team
from pretalx.person.models import SpeakerProfile, User
from pretalx.submission.models import Answer, Question, Submission, Track
from pretalx.submission.models.submission import SpeakerRole

SLUG, BATCH, TRACKS = "bench", 2000, 12
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ORGANISER = "organiser@example.org"


def code(kind, number):
    """Eight letters, as pretalx's own are letters: the kind's, then the number."""
    digits = ""
    for _ in range(7):
        number, digit = divmod(number, len(LETTERS))
        digits = LETTERS[digit] + digits
    return kind + digits


def make_event(password):
    organiser_user = User.objects.create_user(name="Organiser", email=ORGANISER, password=password)
    organiser, team = create_organiser_with_team(name="Bench", slug="benchorg", users=[organiser_user])
    start = now() + datetime.timedelta(days=60)
    event = Event.objects.create(
        name="Bench", slug=SLUG, organiser=organiser, is_public=True, date_from=start.date(),
        date_to=start.date() + datetime.timedelta(days=2), timezone="Asia/Shanghai", email=ORGANISER,
        locale_array="en", locale="en",
    )  # fmt: skip
    with scope(event=event):
        event.build_initial_data()
        team.can_change_submissions = team.can_change_event_settings = True
        team.save()
        team.limit_events.add(event)
        event.cfp.deadline = start - datetime.timedelta(days=10)
        event.cfp.save()
        for number in range(TRACKS):
            Track.objects.create(event=event, name=f"Site {number}", color="#336699")
        Question.objects.create(event=event, target="submission", variant="string", question="ID number")
    return event


def fill(event, number, password):
    hashed = make_password(password)
    have = Submission.all_objects.filter(event=event).count()
    tracks, kind = list(event.tracks.order_by("pk")), event.submission_types.first()
    question = Question.all_objects.get(event=event)
    for start in range(have, number, BATCH):
        numbers = range(start, min(start + BATCH, number))
        users = User.objects.bulk_create(
            User(code=code("U", n), name=f"Candidate {n}", email=f"c{n}@example.org", password=hashed) for n in numbers
        )
        SpeakerProfile.objects.bulk_create(SpeakerProfile(user=user, event=event) for user in users)
        submissions = Submission.objects.bulk_create(
            Submission(
                code=code("S", n), event=event, title=f"Registration {n}", submission_type=kind, content_locale="en",
                track=tracks[n % TRACKS], state="rejected" if n % 5 == 0 else "submitted", abstract="Materials",
            )
            for n in numbers
        )  # fmt: skip
        pairs = list(zip(submissions, users, strict=True))
        SpeakerRole.objects.bulk_create(SpeakerRole(submission=one, user=user) for one, user in pairs)
        Answer.objects.bulk_create(
            Answer(question=question, submission=one, answer=f"1201011990{n:08}")
            for n, one in zip(numbers, submissions, strict=True)
        )
    return question


def filled(number, password):
    with scopes_disabled(), transaction.atomic():
        event = Event.objects.filter(slug=SLUG).first() or make_event(password)
        with scope(event=event):
            question = fill(event, number, password)
    middle = number // 2
    return {
        "event": SLUG,
        "organiser": ORGANISER,
        "speaker": f"c{middle}@example.org",
        "submission": code("S", middle),
        "title": f"Registration {middle}",
        "question": question.pk,
    }


if __name__ == "__main__":
    print(json.dumps(filled(int(sys.argv[1]), sys.argv[2])))
