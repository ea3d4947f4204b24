"""The refresh: idempotent, moves and closes with a trace, keeps what people settled."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.models import AuditEntry
from crm.certifications import use_cases as certifications
from crm.certifications.grant_input import GrantInput
from crm.certifications.models import Certification
from crm.database import db, transaction
from crm.deadlines import use_cases
from crm.deadlines.models import Deadline
from crm.deadlines.use_cases import RefreshCounts
from crm.firms import use_cases as firms
from crm.firms.models import NO_DEADLINE, Firm
from tests.factories.certifications import hnte_number, make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.statements import count_statements

TODAY = date(2026, 11, 25)


def one(firm_id: int, kind: str) -> Deadline:
    statement = sa.select(Deadline).where(Deadline.firm_id == firm_id, Deadline.kind == kind)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


@pytest.mark.both_databases
def test_a_second_refresh_finds_nothing_to_do(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id)
    entries = db.session.scalar(sa.select(sa.func.count(AuditEntry.id)))
    assert use_cases.refresh_firms(cast.officer, [firm.id], TODAY) == RefreshCounts(unchanged=2)
    assert use_cases.refresh_all(cast.city, TODAY) == RefreshCounts(unchanged=2)
    assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == entries


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.dates(date(2018, 1, 1), date(2026, 11, 25)), min_size=1, max_size=5, unique=True))
def test_whatever_was_recorded_refreshing_twice_adds_nothing(cast: Cast, days: list[date]) -> None:
    firm = make_firm(cast.officer)
    for day in days:
        make_certification(cast.officer, firm.id, granted_on=day, number=hnte_number(day.year))
    again = use_cases.refresh_firms(cast.officer, [firm.id], TODAY)
    assert (again.created, again.moved, again.closed) == (0, 0, 0)
    kept = db.session.get_one(Firm, firm.id)
    open_days = db.session.scalars(
        sa.select(Deadline.due_on).where(Deadline.firm_id == firm.id, Deadline.state == "open")
    ).all()
    assert kept.due_order == min(open_days, default=NO_DEADLINE)


@pytest.mark.both_databases
def test_what_was_done_stays_done_until_its_date_moves(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id, number="GR202333009012")
    due = one(firm.id, "certificate_expiry")
    use_cases.settle_done(cast.officer, due.id, done_on=TODAY, evidence="回执 12 号", today=TODAY)
    use_cases.refresh_firms(cast.officer, [firm.id], TODAY)
    assert one(firm.id, "certificate_expiry").state == "done"
    grant = GrantInput("hnte", date(2023, 12, 18), "GR202333009012")
    certifications.correct(cast.officer, row.id, grant, version=row.version, today=TODAY)
    moved = one(firm.id, "certificate_expiry")
    assert (moved.state, moved.due_on, moved.moved_from) == ("open", date(2026, 12, 18), date(2026, 12, 8))
    assert moved.evidence is None
    trace = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "deadline.move")).one()
    assert trace.before["state"] == "done"


def test_an_archived_firm_owes_nothing_and_owes_again_when_restored(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id)
    firms.archive_firm(cast.officer, firm.id, reason="迁出")
    due = one(firm.id, "certificate_expiry")
    assert (due.state, due.reason) == ("closed", "firm_archived")
    firms.restore_firm(cast.officer, firm.id, reason="误操作")
    assert one(firm.id, "certificate_expiry").state == "open"


def test_deadlines_long_past_are_not_opened(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id, granted_on=date(2017, 11, 13))
    assert db.session.scalars(sa.select(Deadline).where(Deadline.firm_id == firm.id)).all() == []


def test_annual_report_of_a_certificate_expiring_in_the_year_is_owed_once(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    make_certification(cast.officer, firm.id, granted_on=date(2022, 12, 24), today=date(2023, 1, 1))
    make_certification(cast.officer, firm.id, granted_on=date(2025, 12, 5), today=date(2026, 1, 1))
    periods = db.session.scalars(
        sa.select(Deadline.period).where(
            Deadline.firm_id == firm.id, Deadline.kind == "hnte_annual_report", Deadline.state == "open"
        )
    ).all()
    assert len(periods) == len(set(periods)) and "2026" in periods


def test_refreshing_many_firms_costs_the_same_statements_as_few(cast: Cast) -> None:
    few = [make_firm(cast.officer).id for _ in range(2)]
    many = [make_firm(cast.officer).id for _ in range(40)]
    rows = [GrantInput("hnte", date(2023, 12, 8), hnte_number(), firm_id=i) for i in few + many]
    certifications.record_many(cast.officer, rows, import_id=1, today=TODAY)
    with count_statements() as small:
        use_cases.refresh_firms(cast.officer, few, TODAY)
    with count_statements() as large:
        use_cases.refresh_firms(cast.officer, many, TODAY)
    assert len(small) == len(large)


def test_a_failing_change_takes_its_deadlines_with_it(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    with pytest.raises(RuntimeError), transaction():
        make_certification(cast.officer, firm.id)
        raise RuntimeError
    assert db.session.scalar(sa.select(Deadline.id).where(Deadline.firm_id == firm.id)) is None
    assert db.session.scalar(sa.select(Certification.id)) is None


def test_a_revoked_certificate_owes_nothing_from_that_day_on(cast: Cast) -> None:
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id)
    certifications.revoke(
        cast.officer, row.id, from_=TODAY - timedelta(days=5), reason="取消", version=row.version, today=TODAY
    )
    states = set(db.session.scalars(sa.select(Deadline.state).where(Deadline.firm_id == firm.id)))
    assert states == {"closed"}
