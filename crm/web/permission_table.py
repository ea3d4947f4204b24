"""docs/permissions.md, made from the matrix and the routes: python -m crm.web.permission_table --write.

A test compares the file with this text, so that neither can change alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask

from crm.domain.access import MATRIX, Permission, Role
from crm.web.signed_in import PERMISSION_ATTRIBUTE, PUBLIC_ATTRIBUTE

ROLE_TITLES = {
    Role.TOWNSHIP_LIAISON: "乡镇联络员",
    Role.COUNTY_OFFICER: "县级经办",
    Role.CITY_OFFICER: "市级经办",
    Role.SECTION_CHIEF: "处室负责人",
    Role.VIEWER: "查看",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "系统管理员",
}


def permission_of_routes(app: Flask) -> list[tuple[str, str, str]]:
    """(methods, address, permission or "public" or "none") of every route, by address."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        if rule.endpoint == "static" or getattr(view, PUBLIC_ATTRIBUTE, False):
            found.append((methods, rule.rule, "public"))
        else:
            found.append((methods, rule.rule, str(getattr(view, PERMISSION_ATTRIBUTE, "none"))))
    return sorted(found, key=lambda row: (row[1], row[0]))


def text(app: Flask) -> str:
    """The whole page."""
    lines = [
        "# Who may do what",
        "",
        "Made by `python -m crm.web.permission_table --write` from `crm/domain/access.py` and the routes;",
        "a test holds them together. Where: every read and write is cut to the subtree of the person's",
        "own territory; what lies outside answers 404, as if it did not exist.",
        "",
        "## Roles and permissions",
        "",
        "| permission | " + " | ".join(ROLE_TITLES.values()) + " |",
        "|---|" + "---|" * len(ROLE_TITLES),
    ]
    for permission in Permission:
        marks = ["x" if permission in MATRIX[role] else "" for role in ROLE_TITLES]
        lines.append(f"| `{permission}` | " + " | ".join(marks) + " |")
    lines += ["", "## Routes", "", "| methods | address | needs |", "|---|---|---|"]
    lines += [
        f"| {methods} | `{address}` | {needs} |" for methods, address, needs in permission_of_routes(app)
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    from crm.app import create_app

    page = text(create_app())
    if "--write" in sys.argv:
        Path("docs/permissions.md").write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)
