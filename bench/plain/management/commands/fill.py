import json
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from bench.plain.models import Candidate, Category, Photo, Site, Submission

STATES = list(Submission.Status)
CATEGORIES = 15
SITES = 12


class Command(BaseCommand):
    help = "Make candidates with a submission each. Those that are there already stay and count."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pictures", help="a file with the number of pictures of each submission, a JSON list")
        parser.add_argument("--password", required=True, help="of staff and of every candidate")

    @transaction.atomic
    def handle(self, *args: Any, pictures: str, password: str, **options: Any) -> None:
        with open(pictures) as file:
            counts = json.load(file)
        staff = User.objects.filter(is_staff=True).first() or User.objects.create_superuser("staff", password=password)
        if not Site.objects.exists():
            Site.objects.bulk_create(Site(code=f"TJ{n:02}", name=f"Site {n}") for n in range(1, SITES + 1))
            Category.objects.bulk_create(Category(code=f"C{n:02}", name=f"Category {n}") for n in range(CATEGORIES))
        have = Submission.objects.count()
        hashed = make_password(password)
        numbers = [f"P{n:07}" for n in range(have, len(counts))]
        users = User.objects.bulk_create((User(username=n, password=hashed) for n in numbers), batch_size=2000)
        sites = list(Site.objects.order_by("code"))
        candidates = Candidate.objects.bulk_create(
            (
                Candidate(
                    user=user,
                    registration_number=user.username,
                    name=f"张{chr(0x4E00 + n % 5000)}{chr(0x4E00 + n * 7 % 5000)}",
                    id_number=f"1201011990{n:08}",
                    phone=f"139{n:08}",
                    site=sites[n % SITES],
                    track="clinical",
                    level="physician",
                )
                for n, user in enumerate(users, start=have)
            ),
            batch_size=2000,
        )
        now = timezone.now()
        submissions = Submission.objects.bulk_create(
            (
                Submission(
                    candidate=candidate,
                    status=STATES[n % len(STATES)],
                    submitted_at=now - timedelta(minutes=n),
                    decided_at=now if STATES[n % len(STATES)] in ("passed", "rejected") else None,
                    reviewer=staff if STATES[n % len(STATES)] in ("passed", "rejected") else None,
                )
                for n, candidate in enumerate(candidates, start=have)
            ),
            batch_size=2000,
        )
        categories = list(Category.objects.order_by("code"))
        Photo.objects.bulk_create(
            (
                Photo(submission=submission, category=category, image=f"photos/2026/01/01/{submission.pk}-{at}.jpg")
                for submission, count in zip(submissions, counts[have:], strict=True)
                for at, category in enumerate(islice(cycle(categories), count))
            ),
            batch_size=2000,
        )
        self.stdout.write(self._to_open())

    def _to_open(self) -> str:
        """As JSON: a submission that has as many pictures as any, whose it is, and one of the categories."""
        submission = max(Submission.objects.order_by("pk")[:500], key=lambda one: one.photos.count())
        number = submission.candidate.registration_number
        return json.dumps({"submission": submission.pk, "candidate": number, "category": Category.objects.first().pk})
