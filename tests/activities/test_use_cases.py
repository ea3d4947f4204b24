"""Services logged once, corrected by who wrote them, ticked off; who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from crm.activities import queries, use_cases
from crm.activities.models import Activity
from crm.activities.use_cases import ActivityInput
from crm.audit.models import AuditEntry
from crm.clock import today
from crm.database import db
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from crm.firms.models import Firm
from tests.factories.firms import make_firm

pytestmark = pytest.mark.both_databases


@pytest.fixture
def firm(cast):
    return make_firm(cast.officer, township="330603T01")


def _visit(**values) -> ActivityInput:
    return replace(ActivityInput("visit", today(), "研发辅助账补到 9 月"), **values)


def test_a_visit_is_recorded_audited_and_noted_on_the_firm(cast, firm):
    due = today() + timedelta(days=7)
    row = use_cases.log_activity(
        cast.liaison, firm.id, _visit(minutes=40, next_step="回复口径", next_step_due=due)
    )
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "activity.record")).one()
    assert (entry.subject_id, entry.firm_id, entry.after["summary"]) == (row.id, firm.id, row.summary)
    last = db.session.scalar(
        sa.select(Firm.last_activity_on).where(Firm.id == firm.id).execution_options(populate_existing=True)
    )
    assert last == today()
    assert [step.next_step for step in queries.open_next_steps(cast.liaison)] == ["回复口径"]
    assert queries.open_next_steps(cast.officer) == []
    assert len(queries.open_next_steps(cast.officer, firm_id=firm.id)) == 1
    assert [found.user for found in queries.recent(firm.id)] == ["liaison"]


def test_a_form_sent_twice_is_one_record(cast, firm):
    first = use_cases.log_activity(cast.officer, firm.id, _visit(), form_key="k1")
    again = use_cases.log_activity(cast.officer, firm.id, _visit(), form_key="k1")
    assert first.id == again.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Activity)) == 1
    assert use_cases.log_activity(cast.officer, firm.id, _visit(), form_key="k2").id != first.id


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kind": "fax"}, "activity_kind"),
        ({"summary": " 谈过了 "}, "activity_summary_short"),
        ({"happened_on": date(2199, 1, 1)}, "activity_in_future"),
        ({"happened_on": date(1999, 12, 31)}, "activity_too_old"),
        ({"minutes": 0}, "activity_minutes"),
        ({"next_step": "回复口径"}, "activity_step_without_day"),
        ({"next_step_due": date(2199, 1, 1)}, "activity_day_without_step"),
        ({"next_step": "回复口径", "next_step_due": date(2001, 1, 1)}, "activity_step_before"),
    ],
)
def test_what_cannot_stand_is_refused_by_name(cast, firm, values, reason):
    with pytest.raises(RefusedError, match=reason):
        use_cases.log_activity(cast.officer, firm.id, _visit(**values))
    use_cases.log_activity(cast.officer, firm.id, _visit(summary="谈了政策"))


def test_only_the_writer_corrects_and_only_the_version_seen(cast, firm):
    row = use_cases.log_activity(cast.officer, firm.id, _visit())
    with pytest.raises(RefusedError, match="activity_not_own"):
        use_cases.correct_activity(cast.colleague, row.id, _visit(summary="别人改的"), version=row.version)
    seen = row.version
    use_cases.correct_activity(cast.officer, row.id, _visit(summary="研发辅助账补到 10 月"), version=seen)
    with pytest.raises(ChangedMeanwhileError):
        use_cases.correct_activity(cast.officer, row.id, _visit(summary="第二个标签页"), version=seen)
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "activity.update")).one()
    assert entry.before == {"summary": "研发辅助账补到 9 月"}
    assert entry.after == {"summary": "研发辅助账补到 10 月"}


def test_a_next_step_is_done_once(cast, firm):
    row = use_cases.log_activity(cast.liaison, firm.id, _visit(next_step="回复口径", next_step_due=today()))
    for _ in range(2):
        assert use_cases.finish_next_step(cast.officer, row.id, today()).next_step_done_on == today()
    assert queries.open_next_steps(cast.liaison) == []
    steps = sa.select(sa.func.count()).where(AuditEntry.action == "activity.step_done")
    assert db.session.scalar(steps) == 1
    plain = use_cases.log_activity(cast.officer, firm.id, _visit())
    with pytest.raises(RefusedError, match="activity_no_step"):
        use_cases.finish_next_step(cast.officer, plain.id, today())


def test_stranger_viewer_and_another_township(cast, firm):
    row = use_cases.log_activity(cast.officer, firm.id, _visit(next_step="回复", next_step_due=today()))
    elsewhere = make_firm(cast.officer)
    for person, firm_id in ((cast.stranger, firm.id), (cast.liaison, elsewhere.id)):
        with pytest.raises(NotFoundError):
            use_cases.log_activity(person, firm_id, _visit())
    with pytest.raises(NotFoundError):
        use_cases.finish_next_step(cast.stranger, row.id, today())
    for person in (cast.viewer, cast.auditor, cast.administrator):
        with pytest.raises(NotAllowedError):
            use_cases.log_activity(person, firm.id, _visit())
    assert queries.page_of_activities(cast.stranger, firm.id).total == 0


def test_pages_of_a_firm_follow_each_other(cast, firm):
    for back in (3, 1, 1, 2, 0):
        use_cases.log_activity(cast.officer, firm.id, _visit(happened_on=today() - timedelta(days=back)))
    use_cases.log_activity(cast.officer, firm.id, _visit(kind="call"))
    seen, after = [], None
    while True:
        page = queries.page_of_activities(cast.officer, firm.id, kind="visit", after=after, size=2)
        assert page.total == 5
        seen += [(today() - row.happened_on).days for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == [0, 1, 1, 2, 3]
    assert queries.page_of_activities(cast.officer, firm.id, after="nonsense").total == 6


def test_two_sendings_at_the_same_moment_are_one_record(cast, firm, monkeypatch):
    first = use_cases.log_activity(cast.officer, firm.id, _visit(), form_key="k1")
    look = use_cases._by_key
    blind = iter([True])
    # The second sending looked before the first had committed.
    monkeypatch.setattr(use_cases, "_by_key", lambda *a: None if next(blind, False) else look(*a))
    assert use_cases.log_activity(cast.officer, firm.id, _visit(), form_key="k1").id == first.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Activity)) == 1
