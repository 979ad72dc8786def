"""Every refusal says what was found, what is allowed and what to do."""

import re

import pytest
from django.utils import translation

from materials.intake import Refused, recognise
from materials.intake.sentences import sentence, size_allowed, size_found

REFUSALS = [
    Refused("empty"),
    Refused("corrupt", reason="x"),
    Refused("too_large", found=355_000, allowed=204_800),
    Refused("too_many_pixels", width=10_000, height=10_000, allowed=50_000_000),
    *[
        Refused("format", found=found, allowed=("jpeg", "png"))
        for found in (*sorted({name for _magic, name in recognise._MAGIC}), "HEIC", "SVG", "PDF", "text", "unknown")
    ],
]


@pytest.mark.parametrize("refused", REFUSALS, ids=str)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_refusal_has_a_sentence(refused, language):
    with translation.override(language):
        said = sentence(refused)
    assert "%(" not in said
    assert len(said) > 10


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_sizes_found_and_allowed_are_named():
    said = sentence(Refused("too_large", found=355_000, allowed=204_800))
    assert "346.7 KB" in said
    assert "200 KB" in said


def test_pixels_are_named():
    said = sentence(Refused("too_many_pixels", width=10_000, height=10_000, allowed=50_000_000))
    assert re.search(r"10000 × 10000 pixels, 100 million in all; at most 50 million", said)


@pytest.mark.parametrize("found", ["GIF", "WebP", "PDF", "BMP", "TIFF", "SVG", "HEIC", "MP4", "ZIP"])
def test_the_format_found_and_the_way_out_are_named(found):
    said = sentence(Refused("format", found=found, allowed=("jpeg", "png")))
    assert found in said
    assert "JPEG or PNG" in said


def test_only_what_the_category_takes_is_offered():
    assert "JPEG or" not in sentence(Refused("format", found="PNG", allowed=("jpeg",)))


@pytest.mark.parametrize(
    ("size", "found", "allowed"),
    [
        (0, "0 bytes", "0 bytes"),
        (1_023, "1023 bytes", "1023 bytes"),
        (204_800, "200 KB", "200 KB"),
        (204_801, "200.1 KB", "200 KB"),
        (20 * 1024 * 1024, "20 MB", "20 MB"),
        (20 * 1024 * 1024 + 1, "20.1 MB", "20 MB"),
    ],
)
def test_a_size_over_a_limit_never_looks_equal_to_it(size, found, allowed):
    assert (size_found(size), size_allowed(size)) == (found, allowed)
