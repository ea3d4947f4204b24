"""Certificates end, are renewed or revoked, firms are archived: what is said follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from crm.accounts.queries import system_actor
from crm.certifications.grant_input import GrantInput
from crm.certifications.use_cases import renew, revoke
from crm.database import db
from crm.deadlines.models import Deadline
from crm.firms.use_cases import add_contact, archive_firm
from crm.reminders.models import Reminder
from crm.reminders.use_cases import plan_day
from tests.factories.certifications import hnte_number, make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.factories.reminders import FakeRelay, reminders

pytestmark = pytest.mark.both_databases
Run = Callable[..., list[str]]
# The certificate of 2023-12-08 ends 2026-12-08; its stage of 7 days is sent on Tuesday 2026-12-01.
DAY = date(2026, 12, 1)


def told() -> list[tuple[str, int, str, str | None]]:
    """(kind, lead, state, reason) of all reminders to contacts."""
    statement = (
        sa.select(Deadline.kind, Reminder.lead_days, Reminder.state, Reminder.reason)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .where(Reminder.channel == "contact_mail")
        .order_by(Reminder.id)
    )
    return [tuple(row) for row in db.session.execute(statement)]  # type: ignore[misc]


def certified(cast: Cast):
    firm = make_firm(cast.officer, owner_id=cast.officer.user_id)
    add_contact(cast.officer, firm.id, name="李", phone=None, email="li@firm.test")
    return firm, make_certification(cast.officer, firm.id, today=DAY - timedelta(days=300))


def test_a_certificate_about_to_end_is_said_to_officer_and_firm_with_its_clause(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    _, certificate = certified(cast)
    run(DAY)

    assert relay.to() == ["li@firm.test", "officer@example.test"]
    for mail in relay.mails:
        text = mail.get_body(("plain",)).get_content()
        assert certificate.number in text
        assert "2026-12-08" in text
        assert "国科发火〔2016〕32号 第九条" in text
        assert "还有 7 天" in text
    to_firm = next(mail for mail in relay.mails if mail["To"] == "li@firm.test")
    assert "officer@example.test" in to_firm.get_body(("plain",)).get_content()


def test_a_renewed_certificate_is_not_reminded_and_the_new_cycle_is(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    _, certificate = certified(cast)
    plan_day(system_actor("test"), DAY)
    grant = GrantInput(scheme="hnte", granted_on=date(2026, 12, 1), number=hnte_number(2026))
    renew(cast.officer, certificate.id, grant, today=DAY)
    run(DAY, plan=False)

    assert relay.mails == []
    assert told() == [("certificate_expiry", 7, "suppressed", "deadline_closed")]
    # the new one ends 2029-12-01: 90 days before is Sunday 2029-09-02, so Friday 2029-08-31
    plan_day(system_actor("test"), date(2029, 8, 31))
    assert told()[-1] == ("certificate_expiry", 90, "planned", None)


def test_a_revoked_certificate_is_not_spoken_of(cast: Cast, relay: FakeRelay, run: Run) -> None:
    _, certificate = certified(cast)
    plan_day(system_actor("test"), DAY)
    revoke(cast.officer, certificate.id, from_=DAY, reason="复核不符", version=certificate.version, today=DAY)
    run(DAY, plan=False)

    assert relay.mails == []
    assert {(r.state, r.reason) for r in reminders()} == {("suppressed", "deadline_closed")}


def test_an_archived_firms_reminders_stop_with_the_reason_kept(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    firm, _ = certified(cast)
    plan_day(system_actor("test"), DAY)
    archive_firm(cast.officer, firm.id, reason="注销")
    run(DAY, plan=False)

    assert relay.mails == []
    assert {r.reason for r in reminders()} <= {"firm_archived", "deadline_closed"}
