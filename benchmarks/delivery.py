"""Delivery of 2,000 mails to a sink on loopback, beside a bare smtplib loop over the very same mails."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, rate, seconds_of
from benchmarks.seeding import holders_seed
from crm.accounts.queries import system_actor
from crm.certifications.models import Certification
from crm.clock import utc_now
from crm.database import db, insert_in_chunks, transaction
from crm.deadlines.models import Deadline
from crm.domain.reminder_plan import CONTACT_MAIL
from crm.firms.models import Contact
from crm.reminders import use_cases
from crm.reminders.models import ReminderPolicy
from crm.settings import ROOT

# A working day; the mails are due at once whatever the clock says.
DAY = date(2026, 11, 25)
KIND = "certificate_expiry"
LEAD = 30


def figures(place: Place, mails: int) -> Iterator[Figure]:
    """Mails a second: claim, look again, render, four commits, SMTP. The peer sends the very same mails."""
    with place.fresh() as url:
        holders_seed(mails)(place.folder, url)
        with _sink() as (port, folder):
            changes = {"mail_url": f"smtp://127.0.0.1:{port}", "mails_per_minute": 1_000_000}
            with application(place.folder, url, **changes):
                planned, took = _deliver(mails)
            messages = [_as_sent(path) for path in sorted(folder.glob("*.eml"))]
    if len(messages) != mails:
        raise RuntimeError(f"{len(messages)} mails of {mails} came in")
    with _sink() as (port, _):
        peer = seconds_of(lambda: _bare_loop(port, messages))
    yield Figure(
        place.kind,
        "delivery",
        f"{mails:,} mails, one worker",
        f"{took:.1f} s, {rate(mails, took, 'mails')}",
        peer=f"{peer:.1f} s, {rate(mails, peer, 'mails')}",
        ratio=took / peer,
        note=f"planning them took {planned:.1f} s; the pace of 600 a minute is lifted",
    )


def _deliver(mails: int) -> tuple[float, float]:
    """Seconds of planning and of delivering; one single mail to each firm's contact, no digest."""
    _due_in_thirty_days(mails)
    actor = system_actor("benchmarks")
    planned = seconds_of(lambda: use_cases.plan_day(actor, DAY))
    outcomes: list[str] = []
    took = seconds_of(lambda: outcomes.extend(use_cases.deliver_due(actor, today=DAY).outcomes.values()))
    if outcomes.count("sent") != mails:
        raise RuntimeError(f"of {mails} mails {outcomes.count('sent')} were sent, {len(outcomes)} tried")
    return planned, took


def _due_in_thirty_days(count: int) -> None:
    """A contact and a deadline of thirty days for each firm, told to the contact alone."""
    now, due = utc_now(), DAY + timedelta(days=LEAD)
    found = sa.select(Certification.id, Certification.firm_id).limit(count)
    with transaction():
        db.session.execute(sa.update(ReminderPolicy).values(is_active=False))
        db.session.execute(
            sa.update(ReminderPolicy)
            .where(ReminderPolicy.kind == KIND, ReminderPolicy.channel == CONTACT_MAIL)
            .values(is_active=True, leads=[LEAD], effective_from=DAY - timedelta(days=60))
        )
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
                    "kind": KIND,
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
def _sink() -> Iterator[tuple[int, Path]]:
    """Port and folder of a sink in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(ROOT / "tests" / "mail" / "sink.py")
        command = [sys.executable, program, "--port", "0", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield int(process.stdout.readline()), Path(folder)
            finally:
                process.terminate()


def _as_sent(path: Path) -> tuple[str, str, bytes]:
    """Envelope and text of a mail that the sink kept."""
    sender, to, text = path.read_bytes().split(b"\r\n", 2)
    return sender.partition(b": ")[2].decode(), to.partition(b": ")[2].decode(), text


def _bare_loop(port: int, messages: list[tuple[str, str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port, "localhost") as connection:
        for sender, to, text in messages:
            connection.sendmail(sender, to, text)
