"""Move each picture's likeness into its own table, with the outline that it is looked up by."""

from django.db import migrations

BATCH = 2000
# As in materials/intake/likeness.py when this was written.
STRIPES = ("++++++++", "++++----", "++----++", "++--++--", "+--++--+", "+--+-++-", "+-+--+-+", "+-+-+-+-")
OUTLINE = ((2, 2), (4, 2), (1, 5), (2, 3), (2, 1), (3, 2), (6, 4), (1, 2))
SIGNS = [
    [1 if STRIPES[down][at // 8] == STRIPES[across][at % 8] else -1 for at in range(64)] for down, across in OUTLINE
]


def outline(grid):
    """Of a grid of 32 × 32: how the means of its 64 blocks lie along the stripes."""
    sums = [0] * 64
    for at, ink in enumerate(grid):
        sums[at // 128 * 8 + at % 32 // 4] += ink
    blocks = [(ink + 8) // 16 for ink in sums]
    return [round(sum(sign * ink for sign, ink in zip(signs, blocks, strict=True)) / 8) for signs in SIGNS]


def fill(apps, schema_editor):
    """In batches, each kept once done: what is there already is left, so that it may be started again."""
    photos, likenesses = (apps.get_model("materials", name).objects for name in ("Photo", "Likeness"))
    rows = photos.exclude(likeness=b"").values_list("pk", "item__application__session", "likeness")
    last = None
    while batch := list((rows.filter(pk__gt=last) if last else rows).order_by("pk")[:BATCH]):
        likenesses.bulk_create(
            (
                likenesses.model(
                    photo_id=pk,
                    session_id=session,
                    grid=grid,
                    **{f"outline_{number}": value for number, value in enumerate(outline(bytes(grid)), start=1)},
                )
                for pk, session, grid in batch
            ),
            ignore_conflicts=True,
        )
        last = batch[-1][0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("materials", "0005_likeness_table"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
