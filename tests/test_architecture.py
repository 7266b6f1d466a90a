"""What no other tool holds: French typography, names of constraints, nothing of a machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from importlinter.cli import lint_imports

from coopconnexion.celery import app

ROOT = Path(__file__).resolve().parents[1]
OURS = [
    model
    for model in apps.get_models()
    if Path(apps.get_app_config(model._meta.app_label).path).parent in (ROOT, ROOT / "coopconnexion")
]
TRACKED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
).stdout.split("\0")
PYTHON = [path for path in TRACKED if path.endswith(".py") and "/migrations/" not in path and "tests/" not in path]
TEMPLATES = [path for path in TRACKED if path.startswith("templates/") and path.endswith((".html", ".txt"))]


def test_the_import_contracts_are_kept(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    status = lint_imports(no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_constraints_bear_the_name_of_their_app():
    wrong = [
        f"{model._meta.label}: {constraint.name}"
        for model in OURS
        for constraint in model._meta.constraints
        if not constraint.name.startswith(f"{model._meta.app_label}_")
    ]
    assert wrong == []


def test_a_broken_constraint_is_told_in_our_own_words():
    """The target of a composite foreign key is no rule: the primary key holds it already."""
    mute = [
        f"{model._meta.label}: {constraint.name}"
        for model in OURS
        for constraint in model._meta.constraints
        if model._meta.pk.name not in getattr(constraint, "fields", ())
        if not constraint.violation_error_code
        or constraint.violation_error_message == constraint.default_violation_error_message
    ]
    assert mute == []


def test_no_model_sorts_by_itself():
    assert [model._meta.label for model in OURS if model._meta.ordering] == []


def test_beat_and_services_name_tasks_that_exist():
    app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for path in PYTHON:
        text = (ROOT / path).read_text()
        named |= set(re.findall(r'(?:jobs\.enqueue\(\s*|\btask=)"([\w.]+)"', text))
        if re.search(r"jobs\.enqueue\([A-Z]", text):  # by the name of a constant
            named |= set(re.findall(r'"([a-z]+\.\w+)"', text)) & set(app.tasks)
    assert named - set(app.tasks) == set()
    assert {task for task in app.tasks if not task.startswith("celery.")} - named == set()


def name_of(path: str) -> str:
    """What code calls a template by; those of rows are Jinja's, in a folder of their own."""
    return path.removeprefix("templates/").removeprefix("rows/")


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_template_compiles(path):
    get_template(name_of(path), using="jinja" if path.startswith("templates/rows/") else "django")


def test_a_form_included_alone_is_given_the_token_that_it_sends():
    """``only`` takes ``csrf_token`` away: the form would be refused, and no test client says so."""
    included = re.compile(r'{% include "([^"]+)"([^%]*) only %}')
    found = [(path, *each) for path in TEMPLATES for each in included.findall((ROOT / path).read_text())]
    with_form = [each for each in found if "{% csrf_token %}" in (ROOT / "templates" / each[1]).read_text()]
    assert with_form
    assert [(path, name) for path, name, given in with_form if "csrf_token=csrf_token" not in given] == []


def test_every_template_is_used_or_replaces_one_of_a_library():
    """By its name, whole or without its ending; or by the end of it, where code chooses between several."""
    code = "\n".join((ROOT / path).read_text() for path in PYTHON)
    beginnings = set(re.findall(r'f"([\w/]+[/_])\{\w+\}', code))
    texts = {path: (ROOT / path).read_text() for path in TEMPLATES}
    folders = [folder for folder in get_app_template_dirs("templates") if not folder.is_relative_to(ROOT / "templates")]

    def is_used(path):
        name = name_of(path)
        stem = name.rpartition(".")[0]
        ends = {stem.removeprefix(beginning) for beginning in beginnings if stem.startswith(beginning)}
        others = "".join(text for other, text in texts.items() if other != path)
        return f'"{name}"' in code + others or any(f'"{word}"' in code for word in {stem} | ends)

    def is_called_by_a_library(path):
        name = name_of(path)
        of_django = re.fullmatch(r"\d{3}(_csrf)?\.html|account/email/.*", name)
        return of_django or any((folder / name).exists() for folder in folders)

    assert [path for path in TEMPLATES if not is_used(path) and not is_called_by_a_library(path)] == []


def variables_of(pattern, path):
    return set(re.findall(pattern, (ROOT / path).read_text()))


def test_the_table_of_the_readme_names_every_variable_that_is_read():
    told = {
        name
        for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "README.md").read_text(), re.M)
        for name in re.findall(r"[A-Z_]+", row)
    }
    read = variables_of(r'(?:env\.\w+|required_in_production)\(\s*"([A-Z_]+)"', "coopconnexion/settings.py")
    for path in PYTHON:
        read |= variables_of(r'os\.environ\.get\("([A-Z_]+)"', path)
    read |= variables_of(r'os\.environ\.get\("([A-Z_]+)"', "tests/conftest.py") - {"CI"}
    assert told == read | {"PORT", "PYTHON"}


def test_the_example_of_a_configuration_names_known_variables_and_all_that_lack_a_value():
    read = variables_of(r'(?:env\.\w+|required_in_production)\(\s*"([A-Z_]+)"', "coopconnexion/settings.py")
    compose = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    required = variables_of(r'required_in_production\(\s*"([A-Z_]+)"', "coopconnexion/settings.py")
    assert named - read == set(re.findall(r"\$\{([A-Z_]+)", compose)) - read
    assert required - named == set(re.findall(r"^    ([A-Z_]+): ", compose, re.M)) & required


def test_verbose_names_are_lower_case():
    names = [(model._meta.label, str(model._meta.verbose_name)) for model in OURS]
    names += [
        (f"{model._meta.label}.{field.name}", str(field.verbose_name))
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and not field.auto_created
    ]
    assert [(label, name) for label, name in names if name[:1].isupper() and name[1:].islower()] == []


NARROW, HARD = "\u202f", "\u00a0"
WRONG_SPACE = re.compile(
    r"(?<=\w|[)»’%°]) +[;:!?»]|« +(?=\S)|(?<=[^\W\d_])[;!?](?=\s|$)|(?<=[^\W\d_]):(?=\s|$)|«(?=\w)|(?<=\w)»"
)
NOT_TEXT = re.compile(
    r"<(script|style|pre|code)\b.*?</\1>|<!--.*?-->|{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|https?://\S+", re.S
)
FRENCH = re.compile(r"[àâçéèêëîïôùûœ«»’]|\b(le|la|les|un|une|des|de|du|est|et|vous|votre|pas)\b", re.I)


def wrong_spaces(text):
    """Return the places where a high sign lacks its narrow space, or has an ordinary one."""
    return [text[max(0, match.start() - 15) : match.end() + 10].strip() for match in WRONG_SPACE.finditer(text)]


@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        (f"Merci{NARROW}!", False),
        (f"«{NARROW}Bonjour{NARROW}»", False),
        ("Un, deux. Trois…", False),
        ("à 9:30", False),
        ("Merci !", True),
        ("Merci!", True),
        ("« Bonjour »", True),
        ("Objet: ceci", True),
    ],
)
def test_the_typography_test_sees_what_it_should(text, is_wrong):
    assert bool(wrong_spaces(text)) == is_wrong


def test_templates_have_french_typography():
    wrong = []
    for path in TEMPLATES:
        text = NOT_TEXT.sub(lambda found: "\n" * found[0].count("\n") or "\x00", (ROOT / path).read_text())
        wrong += [f"{path}: {place!r}" for place in wrong_spaces(text)]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in TRACKED if path.endswith(".md")])
def test_documents_have_french_typography(path):
    text = re.sub(r"```.*?```|`[^`\n]*`|<?https?://\S+", "\x00", (ROOT / path).read_text(), flags=re.S)
    assert wrong_spaces(text) == []


def french_strings(tree):
    """Yield the strings of a module that a person reads: not its docstrings, not its identifiers."""
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet
        if is_text and " " in node.value and FRENCH.search(node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", [path for path in PYTHON if not path.startswith("coopconnexion/site/data")])
def test_strings_have_french_typography(path):
    tree = ast.parse((ROOT / path).read_text())
    wrong = [f"{path}:{line}: {place!r}" for line, text in french_strings(tree) for place in wrong_spaces(text)]
    assert wrong == []


def test_no_file_names_an_index_host_or_a_place_of_a_machine():
    needle = re.compile(
        "|".join(["index-url", "find-" + "links", "pypi" + r"\.org", "--trusted-" + "host", "/opt/" + "pypi"])
    )
    allowed = {"Makefile", "tests/test_architecture.py", "uv.lock"}
    wrong = []
    for path in TRACKED:
        if not path or path in allowed or not (ROOT / path).is_file():
            continue
        text = (ROOT / path).read_bytes().decode("utf-8", "ignore")
        wrong += [f"{path}: {found[0]}" for found in needle.finditer(text)]
    assert wrong == []
