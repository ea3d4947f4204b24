"""flask reminders …, as docs/command-line.md says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from crm.reminders.models import MailChannel
from tests.factories.people import Cast
from tests.factories.reminders import DAY, change, make_deadline, reminders

CLOSED_PORT = "smtp://127.0.0.1:9"


def run(app: Flask, *words: str) -> tuple[int, object, str]:
    result = app.test_cli_runner().invoke(args=["reminders", *words])
    try:
        document = json.loads(result.stdout)
    except ValueError:
        document = None
    return result.exit_code, document, result.stderr


@pytest.mark.both_databases
def test_plan_writes_nothing_and_dispatch_sends_once(app: Flask, cast: Cast) -> None:
    deadline = make_deadline(
        DAY + timedelta(days=30), kind="certificate_expiry", owner=cast.officer, contact="li@firm.test"
    )
    status, planned, _ = run(app, "plan", "--on", DAY.isoformat(), "--json")
    assert status == 0
    expected = {
        "firm": deadline.firm.name,
        "code": deadline.firm.code,
        "kind": "certificate_expiry",
        "due_on": deadline.due_on.isoformat(),
        "lead_days": 30,
    }
    assert planned == [
        {"recipient": "li@firm.test", **expected},
        {"recipient": "officer@example.test", **expected},
    ]
    assert reminders() == []

    assert run(app, "dispatch", "--on", DAY.isoformat(), "--json")[:2] == (
        0,
        {"planned": 2, "sent": 2, "failed": 0, "suppressed": 0},
    )
    assert len(list(app.config["CRM"].outbox_dir.glob("*.eml"))) == 2
    assert run(app, "dispatch", "--on", DAY.isoformat(), "--json")[:2] == (
        0,
        {"planned": 0, "sent": 0, "failed": 0, "suppressed": 0},
    )
    status, listed, _ = run(app, "list", "--state", "sent", "--json")
    assert isinstance(listed, list)
    assert {row["recipient"] for row in listed} == {"li@firm.test", "officer@example.test"}
    assert set(listed[0]) == {"id", "recipient", "state", "attempts", "message_id", "sent_at", "reason"}


def test_a_relay_that_is_down_ends_with_status_1_and_loses_nothing(app: Flask, cast: Cast) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mail_url=CLOSED_PORT)
    make_deadline(DAY, owner=cast.officer)

    status, counts, _ = run(app, "dispatch", "--on", DAY.isoformat(), "--json")
    assert (status, counts) == (1, {"planned": 1, "sent": 0, "failed": 1, "suppressed": 0})
    assert [r.state for r in reminders()] == ["planned"]


def test_a_copy_on_another_machine_says_how_to_release_it(app: Flask, cast: Cast) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mail_url=CLOSED_PORT)
    change(MailChannel, 1, released_for="production")
    make_deadline(DAY, owner=cast.officer)

    status, _, told = run(app, "dispatch", "--on", DAY.isoformat(), "--json")
    assert status == 1
    assert "flask reminders release" in told
    assert run(app, "release", "--json")[0] == 0


def test_an_officer_sees_the_plan_of_the_own_county_only(app: Flask, cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)

    assert len(run(app, "plan", "--on", DAY.isoformat(), "--as", "officer", "--json")[1]) == 1  # type: ignore[arg-type]
    assert run(app, "plan", "--on", DAY.isoformat(), "--as", "stranger", "--json")[1] == []


def test_bad_input_is_one_line_and_status_2(app: Flask, cast: Cast) -> None:
    for words in (("plan", "--on", "tomorrow"), ("list", "--state", "lost"), ("plan", "--as", "nobody")):
        status, _, told = run(app, *words)
        assert status == 2
        assert len(told.strip().splitlines()) == 1
