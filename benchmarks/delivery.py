"""Delivery of 2,000 mails to a sink on loopback, beside a bare smtplib loop over one connection."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, rate, seconds_of
from benchmarks.seeding import holders_seed
from crm.accounts.queries import system_actor
from crm.certifications.models import Certification
from crm.clock import today, utc_now
from crm.database import db, insert_in_chunks, transaction
from crm.deadlines.models import Deadline
from crm.firms.models import Contact
from crm.reminders import use_cases
from crm.settings import ROOT


def figures(place: Place, mails: int) -> Iterator[Figure]:
    """Mails a second: claim, render, four commits, SMTP; the peer sends texts of about the same length."""
    with place.fresh() as url, _sink() as port:
        holders_seed(mails)(place.folder, url)
        changes = {"mail_url": f"smtp://127.0.0.1:{port}", "mails_per_minute": 1_000_000}
        with application(place.folder, url, **changes):
            _due_in_thirty_days(mails)
            actor = system_actor("benchmarks")
            use_cases.release(actor)
            use_cases.plan_day(actor, today())
            sent: list[int] = []

            def ours() -> None:
                run = use_cases.deliver_due(actor, today=today())
                sent.append(sum(outcome == "sent" for outcome in run.outcomes.values()))

            took = seconds_of(ours)
        peer = seconds_of(lambda: _bare_loop(port, sent[0]))
    yield Figure(
        place.kind,
        "delivery",
        f"{sent[0]:,} mails, one worker",
        rate(sent[0], took, "mails"),
        peer=rate(sent[0], peer, "mails"),
        ratio=took / peer,
        note="ours commits each phase and keeps every attempt",
    )


def _due_in_thirty_days(count: int) -> None:
    """A contact and a deadline of thirty days for each firm: each is one single mail."""
    now, due = utc_now(), today() + timedelta(days=30)
    found = sa.select(Certification.id, Certification.firm_id).limit(count)
    with transaction():
        rows = [tuple(row) for row in db.session.execute(found)]
        insert_in_chunks(
            Contact.__table__,
            [
                {"firm_id": firm, "name": "演示", "email": f"c{firm}@example.test", "is_primary": True}
                for _, firm in rows
            ],
        )
        insert_in_chunks(
            Deadline.__table__,
            [
                {
                    "firm_id": firm,
                    "kind": "certificate_expiry",
                    "source_type": "certification",
                    "source_id": grant,
                    "period": "",
                    "due_on": due,
                    "state": "open",
                    "created_at": now,
                    "version": 1,
                }
                for grant, firm in rows
            ],
        )


@contextmanager
def _sink() -> Iterator[int]:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            str(ROOT / "tests" / "mail" / "sink.py"),
            "--port",
            "0",
            "--dir",
            str(Path(folder)),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline())
            finally:
                process.terminate()


def _bare_loop(port: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for number in range(count):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = (
                "a@example.test",
                f"c{number}@example.test",
                "演示",
            )
            message.set_content("演示企业的证书将于三十天后到期，请及时办理。\n" * 20)
            connection.send_message(message)
