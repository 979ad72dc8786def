"""What holds for the whole project: who imports whom, who writes states, that nothing lies unused or untranslated."""

import ast
import re
from pathlib import Path

import django
import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Lexer, TokenType

ROOT = Path(settings.BASE_DIR)
APPS = ("candidates", "materials", "review")
# In the order in which modules of an app may import each other; what is not named here comes last.
LAYERS = ("enums", "models", "rules", "selectors", "services")
STATES = {"status", "stage", "locked", "verdict", "shown_verdict", "published_at", "rounds", "superseded_at"}


def python_files(*folders: str) -> list[Path]:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return [file for file in files if "migrations" not in file.parts]


def imports_of(file: Path) -> set[str]:
    """Every module a file imports, absolute; imports inside functions count too."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("app", APPS)
def test_apps_import_downwards_only(app):
    above = APPS[APPS.index(app) + 1 :]
    for file in python_files(app):
        upward = {name for name in imports_of(file) if name.split(".")[0] in above}
        assert not upward, f"{file} imports {upward}"


def test_nobody_imports_the_project():
    for file in python_files(*APPS):
        assert not {name for name in imports_of(file) if name.split(".")[0] == "exam_portal"}, file


@pytest.mark.parametrize("app", APPS)
def test_layers_of_an_app_import_downwards_only(app):
    for level, layer in enumerate(LAYERS):
        files = [*(ROOT / app).glob(f"{layer}.py"), *(ROOT / app / layer).rglob("*.py")]
        higher = {f"{app}.{name}" for name in (*LAYERS[level + 1 :], "forms", "views", "admin")}
        for file in files:
            for name in imports_of(file):
                assert ".".join(name.split(".")[:2]) not in higher, f"{file} imports {name}"


def test_only_services_write_states():
    """Assignments to a state's attribute, or ``update(state=…)``, outside a service."""
    for file in python_files(*APPS):
        if "services" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            written: set[str] = set()
            if isinstance(node, ast.Assign):
                targets = [t for target in node.targets for t in ast.walk(target) if isinstance(t, ast.Attribute)]
                written = {t.attr for t in targets if not (isinstance(t.value, ast.Name) and t.value.id == "self")}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                written = {keyword.arg for keyword in node.keywords if keyword.arg}
            assert not written & STATES, f"{file}:{node.lineno} writes {written & STATES}"


def test_no_file_is_too_long_for_one_room():
    files = [*python_files(*APPS, "exam_portal", "tests"), *(ROOT / "templates").rglob("*.html")]
    files += [*(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    assert {str(file): lines for file in files if (lines := len(file.read_text().splitlines())) > 400} == {}


def test_every_template_is_used():
    sources = "".join(
        file.read_text() for file in [*python_files(*APPS, "exam_portal"), *(ROOT / "templates").rglob("*.html")]
    )
    # Django's own names, and those made of a status or found by the admin by their place.
    by_name = r"errors/\d+\.html|admin/(base_site|index|login)\.html|admin/\w+/\w+/change_(form|list)\.html"
    for template in (ROOT / "templates").rglob("*.html"):
        name = str(template.relative_to(ROOT / "templates"))
        if re.fullmatch(by_name, name):
            continue
        # Staff pages are named by their stem: page(request, "publish", …).
        by_stem = name.startswith("admin/staff/") and f'"{Path(name).stem}"' in sources
        assert by_stem or name in sources, f"{name} is used nowhere"


# --- translations ---------------------------------------------------------------------------------

CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def strings_in_python() -> set[str]:
    found = set()
    for file in python_files(*APPS, "exam_portal"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found |= set(texts[1:] if node.func.id.startswith("p") else texts)
    return found


def strings_in_templates() -> set[str]:
    found = set()
    for file in (ROOT / "templates").rglob("*.html"):
        block: list[str] | None = None
        trimmed = False
        for token in Lexer(file.read_text()).tokenize():
            words = token.split_contents() if token.token_type == TokenType.BLOCK else []
            if words[:1] in (["translate"], ["trans"]) and words[1][0] in "\"'":
                found.add(words[1][1:-1])
            elif words[:1] in (["blocktranslate"], ["blocktrans"]):
                block, trimmed = [], "trimmed" in words
            elif words[:1] in (["endblocktranslate"], ["endblocktrans"]) and block is not None:
                found.add(_trim("".join(block)) if trimmed else "".join(block))
                block = None
            elif block is not None:
                if words[:1] == ["plural"]:
                    found.add(_trim("".join(block)) if trimmed else "".join(block))
                    block = []
                elif token.token_type == TokenType.VAR:
                    block.append(f"%({token.contents})s")
                else:
                    block.append(token.contents.replace("%", "%%"))
    return found


def _trim(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines())


def strings_in(catalogue: Path) -> set[str]:
    with catalogue.open("rb") as file:
        messages = list(read_po(file))
    return {text for one in messages for text in (one.id if isinstance(one.id, tuple | list) else [one.id])}


def translations() -> dict[str, str]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    translated = {}
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if not message.fuzzy:
            translated |= dict.fromkeys(ids, strings[0])
    return translated


def test_every_string_is_in_chinese():
    translated = translations()
    missing = [
        text
        for text in sorted(strings_in_python() | strings_in_templates())
        if not translated.get(text) and not re.search("[一-鿿]", text)
    ]
    assert missing == []


def test_every_translation_is_of_a_string_that_is_there():
    """Of ours, or of one of Django's that reads otherwise here."""
    places = Path(django.__file__).parent.glob("**/locale/en/LC_MESSAGES/django.po")
    known = strings_in_python() | strings_in_templates() | {text for place in places for text in strings_in(place)}
    assert [text for text in translations() if text and text not in known] == []


def test_every_translation_keeps_its_placeholders():
    placeholder = re.compile(r"%\(\w+\)s|\{\w*\}")
    for text, translation in translations().items():
        if text:
            assert set(placeholder.findall(text)) == set(placeholder.findall(translation)), text


def test_no_chinese_is_left_in_templates():
    """Chinese on screen comes from the translations or the database, so that English is complete."""
    for file in (ROOT / "templates").rglob("*.html"):
        if file.stem.endswith("_zh"):
            continue
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", file.read_text(), flags=re.DOTALL)
        found = [line for line in text.splitlines() if re.search("[一-鿿]", line) and "lang=" not in line]
        assert not found, f"{file}: {found[:3]}"
