"""Settling: done with date and evidence, waived with a reason, opened again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.clock import today
from crm.database import db
from crm.deadlines import use_cases
from crm.deadlines.models import Deadline
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from crm.firms.models import Firm
from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast

TODAY = date(2026, 11, 25)
pytestmark = pytest.mark.both_databases


@pytest.fixture
def due(cast: Cast) -> Deadline:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id)
    return db.session.scalars(sa.select(Deadline).where(Deadline.kind == "certificate_expiry")).one()


def test_done_keeps_date_evidence_person_and_lets_the_next_one_lead(cast: Cast, due: Deadline) -> None:
    row = use_cases.settle_done(
        cast.colleague, due.id, done_on=date(2026, 11, 20), evidence=" 受理回执 12 号 ", today=TODAY
    )
    assert (row.state, row.done_on, row.evidence) == ("done", date(2026, 11, 20), "受理回执 12 号")
    assert row.settled_by == cast.colleague.user_id
    firm = db.session.get_one(Firm, row.firm_id)
    assert (firm.due_order, firm.next_due_kind) == (date(2027, 5, 31), "hnte_annual_report")
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "deadline.done")).one()
    assert (entry.firm_id, entry.before["state"], entry.after["evidence"]) == (
        row.firm_id,
        "open",
        "受理回执 12 号",
    )


def test_done_needs_evidence_and_a_day_not_to_come(cast: Cast, due: Deadline) -> None:
    with pytest.raises(RefusedError) as empty:
        use_cases.settle_done(cast.officer, due.id, done_on=TODAY, evidence="  ", today=TODAY)
    assert (empty.value.field, empty.value.reason) == ("evidence", "evidence_required")
    with pytest.raises(RefusedError) as early:
        use_cases.settle_done(cast.officer, due.id, done_on=today() + timedelta(days=1), evidence="x")
    assert early.value.reason == "done_in_future"


def test_waived_then_opened_again(cast: Cast, due: Deadline) -> None:
    use_cases.waive(cast.officer, due.id, reason="已迁出", version=due.version)
    with pytest.raises(RefusedError) as twice:
        use_cases.waive(cast.officer, due.id, reason="已迁出")
    assert twice.value.reason == "deadline_not_open"
    row = use_cases.reopen(cast.officer, due.id)
    assert (row.state, row.reason, row.settled_by) == ("open", None, None)
    assert db.session.get_one(Firm, row.firm_id).due_order == date(2026, 12, 8)
    with pytest.raises(RefusedError):
        use_cases.reopen(cast.officer, due.id)


def test_the_second_of_two_people_is_told(cast: Cast, due: Deadline) -> None:
    seen = due.version
    use_cases.waive(cast.officer, due.id, reason="已迁出", version=seen)
    with pytest.raises(ChangedMeanwhileError):
        use_cases.settle_done(cast.colleague, due.id, done_on=TODAY, evidence="x", version=seen, today=TODAY)


def test_who_may_settle_and_where(cast: Cast, due: Deadline) -> None:
    with pytest.raises(NotAllowedError):
        use_cases.waive(cast.viewer, due.id, reason="x")
    with pytest.raises(NotFoundError):
        use_cases.waive(cast.stranger, due.id, reason="x")
