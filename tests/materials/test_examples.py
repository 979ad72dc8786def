"""The example pictures: one for each category, exactly as the generator draws them, and safe to serve."""

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from materials.examples import CODES, draw_example
from materials.examples.catalogue import EXAMPLES
from materials.examples.picture import FRAME, STAGE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "static" / "examples"
SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 12 * 1024


def default_catalogue() -> list[dict[str, str]]:
    """The rows of the project's default catalogue."""
    with (ROOT / "materials" / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_category_has_an_example_and_no_other_exists():
    codes = [row["code"] for row in default_catalogue()]
    assert list(CODES) == codes
    assert {file.name for file in FOLDER.iterdir()} == {f"{code}.svg" for code in codes}


def test_the_title_is_the_name_of_the_category():
    assert {code: example.title_zh for code, example in EXAMPLES.items()} == {
        row["code"]: row["name_zh"] for row in default_catalogue()
    }


def test_an_unknown_code_has_no_example():
    with pytest.raises(KeyError):
        draw_example("NONE")


@pytest.mark.parametrize("code", CODES)
def test_the_file_is_what_the_generator_draws(code):
    assert (FOLDER / f"{code}.svg").read_bytes() == draw_example(code).encode(), "run manage.py draw_examples"


@pytest.mark.parametrize("code", CODES)
def test_the_file_is_small_and_has_a_title_and_a_description(code):
    content = draw_example(code)
    root = ET.fromstring(content)
    assert len(content.encode()) < LARGEST
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 480 680"
    for name in ("title", "desc"):
        said = root.findtext(f"{SVG}{name}") or ""
        assert re.search(r"[\u4e00-\u9fff]", said)
        assert re.search(r"[A-Za-z]{4}", said)
    assert "示例 SAMPLE" in "".join(root.itertext())


@pytest.mark.parametrize("code", CODES)
def test_the_file_runs_nothing_and_fetches_nothing(code):
    content = draw_example(code)
    for node in ET.fromstring(content).iter():
        assert node.tag.removeprefix(SVG) not in {"script", "style", "image", "use", "a", "foreignObject", "animate"}
        for name in node.attrib:
            assert not name.startswith("on")
            assert name.rpartition("}")[2] not in {"style", "href", "src", "class", "id"}
    assert "url(" not in content
    assert re.findall(r"https?://[^\"]*", content) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("code", CODES)
def test_every_callout_points_at_a_region_inside_the_picture(code):
    example = EXAMPLES[code]
    drawing = example.document()
    assert drawing.frames
    assert 3 <= len(example.callouts) <= 4
    for callout in example.callouts:
        for box in drawing.frames if callout.region == FRAME else drawing.regions[callout.region]:
            assert box.x >= STAGE.x
            assert box.y >= STAGE.y
            assert box.right <= STAGE.right
            assert box.bottom <= STAGE.bottom


@pytest.mark.parametrize("code", CODES)
def test_the_legend_fits_its_line(code):
    for callout in EXAMPLES[code].callouts:
        assert len(callout.key_zh + callout.rest_zh) <= 21
        assert len(callout.en) <= 58
