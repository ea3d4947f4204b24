"""The three import rules: the domain is pure, features meet at two doors, the outside knows no feature."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CRM = ROOT / "crm"
PURE_LIBRARIES = {"yaml", "stdnum", "pypinyin"}
# the outside and what carries all features; every other folder of crm/ is a feature
OUTSIDE = {"web", "mail", "spreadsheets"}
NOT_FEATURES = OUTSIDE | {"domain", "embedded", "translations"}
FEATURES = {folder.name for folder in CRM.iterdir() if (folder / "__init__.py").is_file()} - NOT_FEATURES
# labels are words alone: one list of them serves all pages
DOORS = {"use_cases", "queries", "labels"}
# reading joins the tables of others (queries, and lists and searches in modules of their own); these do not
MAY_NOT_SEE_TABLES = {"use_cases", "views", "forms", "tasks", "cli", "importing"}

MODULES = sorted(path for path in CRM.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, inside functions too; not what types alone need.

    `from crm.firms import queries` counts as crm.firms.queries: the last name may be a module.
    """
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {id(part) for node in ast.walk(tree) if _is_for_types(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join((*package[: len(package) + 1 - node.level], *filter(None, [node.module])))
            module = base if node.level else node.module or ""
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def place(path: Path) -> tuple[str, ...]:
    """crm/firms/use_cases/figures.py -> ("firms", "use_cases", "figures")."""
    return path.relative_to(CRM).with_suffix("").parts


def complaints(path: Path) -> list[str]:
    """What in this module breaks a rule."""
    here = place(path)
    found = []
    for line, name in imported(path):
        parts = name.split(".")
        reason = None
        if here[0] == "domain":
            reason = _domain_rule(parts)
        elif parts[0] == "crm" and len(parts) > 1 and parts[1] in FEATURES:
            if here[0] in OUTSIDE or here[0] in ("database", "clock", "settings", "embedded"):
                reason = "the outside imports no feature"
            elif here[0] in FEATURES and here[0] != parts[1]:
                reason = _feature_rule(here, parts)
        if reason:
            found.append(f"{path.relative_to(ROOT)}:{line}: {name}: {reason}")
    return found


def _domain_rule(parts: list[str]) -> str | None:
    if parts[:2] == ["crm", "domain"] or parts[0] in sys.stdlib_module_names or parts[0] in PURE_LIBRARIES:
        return None
    return "the domain imports itself, the standard library and pure libraries only"


def _feature_rule(here: tuple[str, ...], parts: list[str]) -> str | None:
    door = parts[2] if len(parts) > 2 else ""
    if door in DOORS or (door == "models" and here[1] not in MAY_NOT_SEE_TABLES):
        return None
    return "another feature is reached by its use_cases and queries only"


def test_there_are_modules_and_features_to_look_at() -> None:
    assert {"firms", "accounts", "certifications"} <= FEATURES
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_keeps_the_import_rules(path: Path) -> None:
    assert not complaints(path)


@pytest.mark.parametrize(
    ("module", "source", "broken"),
    [
        ("domain/ladder.py", "import flask", True),
        ("domain/ladder.py", "from crm.domain import access\nimport datetime, yaml", False),
        ("domain/ladder.py", "def f():\n    from crm.clock import today", True),
        ("firms/views.py", "from crm.accounts import queries", False),
        ("firms/views.py", "from crm.accounts.use_cases import sign_in", False),
        ("firms/views.py", "from crm.accounts import views", True),
        ("firms/use_cases/edit.py", "from crm.accounts.models import User", True),
        ("firms/use_cases/edit.py", "if TYPE_CHECKING:\n    from crm.accounts.models import User", False),
        ("firms/queries.py", "from crm.accounts.models import User", False),
        ("firms/listing.py", "from crm.accounts.models import User", False),
        ("firms/listing.py", "from crm.accounts.forms import SignInForm", True),
        ("firms/queries/page.py", "from crm.accounts.models import User", False),
        ("web/menu.py", "from crm.firms import queries", True),
        ("mail/smtp.py", "import crm.firms.queries", True),
        ("database.py", "from crm.firms.models import Firm", True),
    ],
)
def test_the_rules_find_what_breaks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, broken: bool
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "CRM", tmp_path / "crm")
    path = tmp_path / "crm" / module
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")

    assert bool(complaints(path)) is broken
