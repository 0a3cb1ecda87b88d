"""Things are where CONTRIBUTING.md says, under names that tell what is in them."""

import re

from tests.guards.sources import ROOT, project_files, python_files

TOP = {
    *(".ci", "accounts", "benchmarks", "config", "docs", "ledger", "locale", "scripts", "static", "templates", "tests"),
    *(".editorconfig", ".env.example", ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
    *("Makefile", "README.md", "SECURITY.md", "constraints.txt", "manage.py", "pyproject.toml", "ruff.toml"),
}
LEDGER = {
    *("models", "rules", "actions", "queries", "importing", "exporting", "forms", "filters", "views", "templatetags"),
    *(
        "backup",
        "defaults",
        "demonstration",
        "management",
        "migrations",
        "__init__.py",
        "apps.py",
        "context.py",
        "middleware.py",
        "urls.py",
    ),
}
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "services", "mixins", "signals", "managers"}
RECEIVER = re.compile(
    r"^\s*@receiver\(|\.connect\(\s*\w+,\s*sender|(pre|post)_(save|delete|init)\.connect", re.MULTILINE
)
SETTING = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"")


def test_top_level_is_known():
    found = {path.parts[0] for path in project_files()}
    assert found <= TOP, (
        f"new at the top: {found - TOP}; put it into a folder, or explain it in CONTRIBUTING.md and here"
    )


def test_every_module_of_the_ledger_has_a_layer():
    found = {path.parts[1] for path in project_files() if path.parts[0] == "ledger"}
    assert found <= LEDGER, f"no layer: {found - LEDGER}"


def test_no_junk_drawers():
    junk = [str(path) for path in python_files() if JUNK_DRAWERS & {*path.parts[:-1], path.stem}]
    assert not junk, f"name what is in it, or move it to the feature it serves: {junk}"


def test_no_signal_receivers():
    sources = [path for path in python_files() if path.parts[0] in ("accounts", "ledger")]
    found = [str(path) for path in sources if RECEIVER.search((ROOT / path).read_text(encoding="utf-8"))]
    assert not found, f"an action says what follows from it, a receiver hides it: {found}"


def test_the_example_environment_names_every_setting():
    sources = [path for path in python_files() if path.parts[0] == "config"]
    asked = {name for path in sources for name in SETTING.findall((ROOT / path).read_text(encoding="utf-8"))}
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == asked, f"not in .env.example: {asked - named}; no longer asked for: {named - asked}"


def test_what_counts_higher_in_the_drill_is_chosen_by_it():
    tests = [path for path in python_files() if path.parts[0] == "tests" and path.name.startswith("test_")]
    texts = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in tests}
    spared = [name for name, text in texts.items() if "import times" in text and "mark.drill" not in text]
    assert not spared, f"`make drill` takes what is marked drill: {spared}"
