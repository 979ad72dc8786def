"""How other candidates' pictures that are nearly the same are found: ``python -m bench.elsewhere``.

``drawn``: candidates hand in the same forms, some of them one of another candidate in another form; what is found of
those, what is taken for one wrongly, and how much is left to compare. ``table``: the look-up itself, in a session of
``--candidates`` times fifteen pictures, with its plan. Prints the tables of docs/pictures.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from bench import camera, documents
from bench.legibility import photographed, scanned, seen, variants
from materials.intake.likeness import NEARLY_THE_SAME, OUTLINES_APART, distance, is_made_from, likeness, outline

#: Another layout than the outline and its thresholds were chosen on.
_LAYOUT = 5000
_SESSION = 60_000
_COMPARED = 100  # review/selectors.py
#: As a file: filled in and turned into a picture on a computer, all exactly in the same place.
_WAYS = {"file": lambda page, _seed: page, "scan": scanned, "photo": photographed}

_Which = tuple[str, str]  # the kind of form, the way it was handed in


def _one(task: tuple[str, str, int, bool]) -> tuple[_Which, bytes, dict[str, bytes]]:
    """The likeness of what one candidate hands in, and of what others make of it."""
    kind, way, person, is_copied = task
    page, _words = documents.draw(kind, person, *documents.natural_size(kind, 1_200_000), layout=_LAYOUT)
    picture = seen(camera.as_jpeg(_WAYS[way](page, person)))
    copies = dict(variants(picture, person)) if is_copied else {}
    return (
        (kind, way),
        likeness(picture),
        {name: likeness(seen(camera.as_jpeg(copy.convert("RGB")))) for name, copy in copies.items()},
    )


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> int | None:
    """The sum of what two outlines differ by, or None if the look-up leaves one of them out."""
    by = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return sum(by) if max(by) <= OUTLINES_APART else None


def drawn(people: int) -> None:
    many = {way: people * (5 if way == "file" else 1) for way in _WAYS}  # chance is likeliest there, drawing cheapest
    tasks = [(k, way, n, n < people // 5) for k in documents.kinds() for way in _WAYS for n in range(many[way])]
    grids: dict[_Which, list[bytes]] = defaultdict(list)
    made: dict[tuple[str, str], list[tuple[bool, bool, bool]]] = defaultdict(list)
    copied: list[tuple[_Which, bytes, str, bytes]] = []
    with Pool(2) as pool:
        for which, grid, copies in pool.imap(_one, tasks, chunksize=8):
            grids[which].append(grid)
            copied += [(which, grid, name, copy) for name, copy in copies.items()]
    outlines = {which: [outline(grid) for grid in some] for which, some in grids.items()}
    for which, grid, name, copy in copied:
        mine = outline(copy) if copy else (999,) * 8
        far = _apart(mine, outline(grid))
        nearer = sum((by := _apart(mine, other)) is not None and by < (far or 0) for other in outlines[which])
        is_seen = far is not None and nearer * _SESSION / many[which[1]] < _COMPARED
        is_made = is_made_from(copy, grid)
        made[name, which[1]].append((distance(copy, grid) < NEARLY_THE_SAME, is_made, is_made and is_seen))
    print("| one picture handed in by two | nearly the same: file, scan, photo | found: file, scan, photo |")
    print("|---|---|---|")
    for name in dict.fromkeys(name for name, _way in made):
        cells = [", ".join(_share([m[at] for m in made[name, way]]) for way in _WAYS) for at in (0, 2)]
        print("|", name, "|", " | ".join(cells), "|")
    every = [m for some in made.values() for m in some]
    lost = sum(is_made and not is_found for _near, is_made, is_found in every)
    print(f"\nOf {sum(m[1] for m in every)} that are alike enough, the look-up misses {lost}.\n")

    print(
        "| the same form of two | pairs | nearly the same | taken for a copy | left to compare, of 60,000: mean, most |"
    )
    print("|---|---|---|---|---|")
    for way in _WAYS:
        pairs, near, wrong, left = 0, 0, 0, []
        for (kind, how), some in grids.items():
            if how == way:
                found = [(a, b) for a, b in combinations(some, 2) if distance(a, b) < NEARLY_THE_SAME]
                count = len(some)
                pairs += count * (count - 1) // 2
                near += len(found)
                wrong += sum(is_made_from(a, b) for a, b in found)
                close = sum(_apart(a, b) is not None for a, b in combinations(outlines[kind, how], 2))
                left.append(2 * close / count / (count - 1) * _SESSION)
        print("|", way, "|", pairs, "|", near, "|", wrong, f"| {statistics.mean(left):.0f}, {max(left):.0f} |")


def _share(values: list[bool]) -> str:
    return f"{100 * sum(values) / len(values):.0f} %"


# --- the look-up ------------------------------------------------------------------------------------

#: A mixture in twelve categories; in three more all hand in the same form as a file: the hardest to tell apart.
_MIXTURE = ("photo",) * 6 + ("scan",) * 3 + ("file",)
_CATEGORIES = 15
_SAMPLES = 16

#: Copies of the rows of one demonstration candidate, with what must differ put in.
_PEOPLE = """
CREATE TEMP TABLE person AS SELECT n, 100000 + n AS id, gen_random_uuid() AS application
    FROM generate_series(1, %(people)s) n;
INSERT INTO candidates_user SELECT (jsonb_populate_record(old, jsonb_build_object(
        'id', person.id, 'username', 'B' || n))).*
    FROM person, candidates_user old WHERE old.username = %(number)s;
INSERT INTO candidates_candidate SELECT (jsonb_populate_record(old, jsonb_build_object(
        'id', person.id, 'user_id', person.id, 'registration_number', 'B' || n, 'id_number_hash', md5('B' || n)))).*
    FROM person, candidates_candidate old WHERE old.registration_number = %(number)s;
INSERT INTO materials_application SELECT (jsonb_populate_record(old, jsonb_build_object(
        'id', person.application, 'candidate_id', person.id))).*
    FROM person, materials_application old WHERE old.id = %(application)s;
INSERT INTO materials_item (application_id, category_id, locked, not_applicable, verdict, shown_verdict, verdict_stage,
        note, reply)
    SELECT application, category, false, false, 'pending', 'pending', '', '', ''
    FROM person, unnest(%(categories)s) AS category;
INSERT INTO materials_photo SELECT (jsonb_populate_record(old, jsonb_build_object(
        'id', gen_random_uuid(), 'item_id', item.id, 'position', 1, 'pixels_sha256', md5('B' || item.id)))).*
    FROM person JOIN materials_item item ON item.application_id = person.application, materials_photo old
    WHERE old.id = %(photo)s;
"""
#: Outlines lie about as those of three samples of one form do: one, and what a second differs from a third by. The
#: grids are chance, so that nothing is found in the end; they take the room that real ones do.
_LIKENESSES = """
INSERT INTO materials_likeness
    SELECT picture.id, %(session)s, decode(repeat(md5(picture.id::text), 64), 'hex'), {values}
    FROM (
        SELECT photo.id, array_position(%(categories)s, item.category_id) - 1 AS at,
            floor(random() * 10)::int AS mixed, floor(random() * {samples})::int AS a,
            floor(random() * {samples})::int AS b, floor(random() * {samples})::int AS c
        FROM materials_photo photo JOIN materials_item item ON item.id = photo.item_id
            JOIN person ON person.application = item.application_id
    ) picture
    JOIN sample a ON (a.at, a.mixed, a.n) = (picture.at, picture.mixed, picture.a)
    JOIN sample b ON (b.at, b.mixed, b.n) = (picture.at, picture.mixed, picture.b)
    JOIN sample c ON (c.at, c.mixed, c.n) = (picture.at, picture.mixed, picture.c)
""".format(values=", ".join(f"a.o[{n}] + b.o[{n}] - c.o[{n}]" for n in range(1, 9)), samples=_SAMPLES)


def _samples() -> list[tuple[int, int, int, list[int]]]:
    """(category, which of the mixture, number, outline): the forms that the session's candidates hand in."""
    kinds, hard = documents.kinds(), ("form", "certificate", "id_card")
    ways = [(at, kinds[at % len(kinds)], _MIXTURE) for at in range(_CATEGORIES - len(hard))]
    ways += [(_CATEGORIES - len(hard) + at, kind, ("file",) * 10) for at, kind in enumerate(hard)]
    wanted = [(kind, way, n, False) for kind in kinds for way in _WAYS for n in range(_SAMPLES)]
    found: dict[_Which, list[list[int]]] = defaultdict(list)
    with Pool(2) as pool:
        for which, grid, _copies in pool.imap(_one, wanted, chunksize=8):
            found[which].append(list(outline(grid)))
    return [
        (at, mixed, n, values)
        for at, kind, mixture in ways
        for mixed, way in enumerate(mixture)
        for n, values in enumerate(found[kind, way])
    ]


def _fill(people: int) -> None:
    from django.conf import settings
    from django.db import connection

    from candidates.services.database_role import connected_as
    from materials.models import Application, Category, Photo

    submitted = Application.objects.filter(status="submitted").select_related("candidate").latest("submitted_at")
    categories = list(Category.objects.filter(session=submitted.session_id).values_list("pk", flat=True))
    values = {
        "people": people,
        "number": submitted.candidate.registration_number,
        "application": submitted.pk,
        "session": submitted.session_id,
        "categories": categories[:_CATEGORIES],
        "photo": Photo.objects.filter(item__application=submitted).latest("created_at").pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, values)
        cursor.execute("CREATE TEMP TABLE sample (at int, mixed int, n int, o int[])")
        cursor.executemany("INSERT INTO sample VALUES (%s, %s, %s, %s)", _samples())
        cursor.execute(_LIKENESSES, values)
    # Only the owner of tables may have them analysed.
    with connected_as(settings.DATABASE_OWNER), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from candidates.models import User
    from materials.models import Application, Likeness
    from review.selectors import alike_elsewhere

    reviewer = User.objects.get(username="region1")
    some = list(Application.objects.filter(candidate__registration_number__startswith="B").order_by("pk")[:21])
    alike_elsewhere(reviewer, some[0])
    taken = []
    for application in some[1:]:
        start = time.perf_counter()
        alike_elsewhere(reviewer, application)
        taken.append(1000 * (time.perf_counter() - start))
    with CaptureQueriesContext(connection) as queries:
        alike_elsewhere(reviewer, some[-1])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + queries[1]["sql"])
        [[[plan]]] = cursor.fetchall()
        cursor.execute(
            "SELECT pg_relation_size('likeness_by_outline') / 1e6, pg_table_size('materials_likeness') / 1e6"
        )
        sizes = cursor.fetchone()
    print(f"{Likeness.objects.count()} likenesses; the table {sizes[1]:.0f} MB, the index {sizes[0]:.0f} MB")
    print(f"one application of {_CATEGORIES} pictures: {statistics.median(taken):.0f} ms, at most {max(taken):.0f} ms")
    nodes = list(_nodes(plan["Plan"]))
    scans = Counter(node["Node Type"] for node in nodes if "Scan" in node["Node Type"])
    left = [round(node["Actual Rows"]) for node in nodes if node["Node Type"] == "Index Only Scan"]
    print(f"of it in the index: {plan['Execution Time']:.0f} ms; scans: {dict(scans)}; left of each picture: {left}")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def table(people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="portal-elsewhere-") as folder:
        # A portal of its own, from before Django is set up.
        os.environ["PORTAL_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "exam_portal.settings"
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        from exam_portal import embedded

        with embedded.running(Path(folder)):
            django.setup()
            call_command("migrate", verbosity=0)
            call_command("load_demo", verbosity=0)
            _fill(people)
            _measure()


PARTS = {"drawn": drawn, "table": table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=60, help="of each kind of form; five times as many as files")
    parser.add_argument("--candidates", type=int, default=_SESSION, help="of the session that is looked up in")
    parser.add_argument("--only", choices=PARTS)
    options = parser.parse_args()
    if options.only in (None, "drawn"):
        drawn(options.people)
    if options.only in (None, "table"):
        table(options.candidates)


if __name__ == "__main__":
    main()
