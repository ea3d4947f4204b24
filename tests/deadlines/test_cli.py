"""Commands of deadlines and of the ladder, as the contract says."""

from __future__ import annotations

import json
from datetime import date

from flask import Flask

from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast


def run(app: Flask, *words: str):  # type: ignore[no-untyped-def]
    return app.test_cli_runner().invoke(args=list(words))


def test_refresh_twice_and_list(app: Flask, cast: Cast) -> None:
    firm = make_firm(cast.officer, name="演示命令有限公司")
    make_certification(cast.officer, firm.id, number="GR202333009012")
    for _ in range(2):
        result = run(app, "deadlines", "refresh", "--on", "2026-11-25", "--territory", "330621", "--json")
        assert result.exit_code == 0
        assert json.loads(result.stdout) == {"created": 0, "moved": 0, "closed": 0, "unchanged": 2}
    result = run(app, "deadlines", "list", "--firm", firm.code, "--to", "2026-12-31", "--json")
    (row,) = json.loads(result.stdout)
    assert set(row) == {"id", "firm", "code", "kind", "due_on", "state", "source"}
    assert (row["kind"], row["due_on"], row["state"]) == ("certificate_expiry", "2026-12-08", "open")
    assert "GR202333009012" in row["source"]
    assert "演示命令有限公司" in run(app, "deadlines", "list").stdout


def test_rung_on_a_day_and_why(app: Flask, cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id, number="GR202333009012", granted_on=date(2023, 12, 8))
    result = run(app, "ladder", "rung", firm.code, "--on", "2026-12-08", "--json")
    assert json.loads(result.stdout) == {
        "code": firm.code,
        "on": "2026-12-08",
        "rung": 2,
        "because": [
            {
                "scheme": "hnte",
                "number": "GR202333009012",
                "valid_from": "2023-12-08",
                "valid_to": "2026-12-08",
            }
        ],
    }
    late = json.loads(run(app, "ladder", "rung", firm.code, "--on", "2026-12-09", "--json").stdout)
    assert (late["rung"], late["because"]) == (0, [])


def test_bad_input_ends_with_two_and_one_line(app: Flask, cast: Cast) -> None:
    for words in (
        ("ladder", "rung", "91330000NOBODY0000", "--on", "2026-12-09"),
        ("deadlines", "refresh", "--territory", "999999"),
        ("deadlines", "list", "--from", "gestern"),
        ("deadlines", "list", "--firm", "没有这家"),
    ):
        result = run(app, *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert len(result.stderr.strip().splitlines()) == 1
