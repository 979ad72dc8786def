"""Real pictures, from the folder that CORPUS_DIR names; drawn ones of the same kinds where it is not set."""

import os
from pathlib import Path

import pytest

from materials.intake import Refused
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING
from .test_only_pixels import assert_only_pixels

CORPUS = os.environ.get("CORPUS_DIR", "")
SUFFIXES = {".jpg", ".jpeg", ".png", ".heic"}


def corpus():
    """(name, bytes, whether it must be refused as broken)."""
    if CORPUS:
        files = sorted(file for file in Path(CORPUS).rglob("*") if file.suffix.lower() in SUFFIXES)
        assert files, f"CORPUS_DIR={CORPUS} has no pictures"
        return [(file.name, file.read_bytes(), file.parent.name == "broken") for file in files]
    page = pictures.document(1200, 1600, noise=20)
    png = pictures.encoded(pictures.document(60, 80), "PNG")
    heic = pictures.heic(pictures.document(450, 600))
    return [
        *[(f"turned {n}", pictures.turned_jpeg(page, n, quality=92), False) for n in range(1, 9)],
        ("whole.png", png, False),
        ("cut.png", png[:-40], True),
        ("whole.heic", heic, False),
        ("cut.heic", heic[:-400], True),
    ]


@pytest.mark.skipif(not CORPUS, reason="CORPUS_DIR is not set: drawn pictures stand in for the real ones")
def test_the_corpus_is_there():
    assert len(corpus()) > 5


@pytest.mark.parametrize(("name", "data", "broken"), [pytest.param(*entry, id=entry[0]) for entry in corpus()])
def test_every_picture_is_taken_or_refused_as_its_folder_says(name, data, broken, caplog):
    if broken:
        with pytest.raises(Refused) as caught:
            take_in(data, FITTING)
        assert caught.value.code == "corrupt"
    else:
        prepared = take_in(data, FITTING)
        assert len(prepared.data) <= FITTING.max_bytes
        assert_only_pixels(prepared.data)
        if name.startswith(("Landscape", "Portrait")):
            assert (prepared.width > prepared.height) == name.startswith("Landscape")
    assert not caplog.records
