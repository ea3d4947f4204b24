"""A plan's way from draft to close, its versions, its measures; who may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.clock import today
from crm.database import db
from crm.deadlines.models import Deadline
from crm.deadlines.use_cases import refresh_firms
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from crm.support_plans import queries, use_cases
from crm.support_plans.models import PlanVersion
from tests.factories.firms import make_firm
from tests.factories.support_plans import goal, make_plan, measure, plan_text

pytestmark = pytest.mark.both_databases


@pytest.fixture
def firm(cast):
    return make_firm(cast.officer, township="330603T01")


def _entries(plan_id: int) -> list[AuditEntry]:
    statement = sa.select(AuditEntry).where(
        AuditEntry.subject_type == "support_plan", AuditEntry.subject_id == plan_id
    )
    return list(db.session.scalars(statement.order_by(AuditEntry.id)))


def _open_deadlines(firm_id: int) -> list[tuple[int, object]]:
    statement = sa.select(Deadline.source_id, Deadline.due_on).where(
        Deadline.firm_id == firm_id, Deadline.kind == "measure_due", Deadline.state == "open"
    )
    return [tuple(row) for row in db.session.execute(statement)]


def test_a_plan_goes_from_draft_to_close_and_each_step_is_audited(cast, firm):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    only = plan.measures[0]
    assert _open_deadlines(firm.id) == [(only.id, only.due_on)]
    use_cases.move_measure(cast.officer, plan.id, only.id, "running")
    use_cases.move_measure(cast.officer, plan.id, only.id, "done", done_on=today(), evidence="辅助账 2026-1")
    assert _open_deadlines(firm.id) == []
    plan = use_cases.close_plan(cast.officer, plan.id, "研发占比达 5%，转入申报")
    assert (plan.state, plan.result) == ("closed", "研发占比达 5%，转入申报")
    assert [entry.action.removeprefix("support_plan.") for entry in _entries(plan.id)] == [
        "create", "submit", "approve", "start", "measure", "measure", "close",
    ]  # fmt: skip
    assert all(entry.firm_id == firm.id for entry in _entries(plan.id))


def test_a_firm_has_one_plan_for_a_rung_and_year(cast, firm):
    make_plan(cast.officer, firm.id)
    with pytest.raises(RefusedError, match="plan_exists"):
        make_plan(cast.officer, firm.id)
    assert make_plan(cast.officer, firm.id, target_rung=3).id


def test_closing_ends_the_deadlines_of_what_was_not_done(cast, firm):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    assert len(_open_deadlines(firm.id)) == 1
    use_cases.close_plan(cast.officer, plan.id, "企业已迁出")
    assert _open_deadlines(firm.id) == []


def test_an_incomplete_plan_is_not_submitted(cast, firm):
    plan = make_plan(cast.officer, firm.id, goals=(), measures=())
    with pytest.raises(RefusedError, match="plan_no_goal"):
        use_cases.submit_plan(cast.officer, plan.id)
    use_cases.edit_plan(
        cast.officer, plan.id, plan_text(cast.officer, measures=(measure("创新券"),)), version=None
    )
    with pytest.raises(RefusedError) as refusal:
        use_cases.submit_plan(cast.officer, plan.id)
    assert (refusal.value.reason, refusal.value.values) == ("plan_measure_incomplete", {"title": "创新券"})


def test_approval_freezes_the_text_and_a_revision_leaves_it_alone(cast, firm):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    with pytest.raises(RefusedError, match="plan_frozen"):
        use_cases.edit_plan(cast.officer, plan.id, plan_text(cast.officer, goals=()), version=None)
    plan = use_cases.revise_plan(cast.officer, plan.id)
    assert (plan.state, plan.version_no) == ("draft", 2)
    text = queries.text_of(plan)
    later = today() + timedelta(days=90)
    changed = replace(
        text,
        goals=(replace(text.goals[0], value_to="6"), goal("Ⅰ类知识产权", unit="件")),
        measures=(replace(text.measures[0], due_on=later),),
    )
    use_cases.edit_plan(cast.officer, plan.id, changed, version=plan.version)
    # The version approved last is in force until the new one is: its date is still the one due.
    refresh_firms(cast.officer, [firm.id], today())
    assert _open_deadlines(firm.id) == [(text.measures[0].id, text.measures[0].due_on)]
    assert queries.measure_facts([firm.id])[firm.id][0].due_on == text.measures[0].due_on
    use_cases.submit_plan(cast.officer, plan.id)
    use_cases.approve_plan(cast.chief, plan.id)
    assert _open_deadlines(firm.id) == [(text.measures[0].id, later)]
    first, second = queries.frozen_text(plan.id, 1), queries.frozen_text(plan.id, 2)
    assert first.goals == text.goals and first.measures[0].due_on == text.measures[0].due_on
    assert first.firm is not None and first.firm.name == firm.name
    assert [g.value_to for g in second.goals] == ["6", "5"]
    assert len(list(db.session.scalars(sa.select(PlanVersion)))) == 2


def test_the_submitter_does_not_approve_while_another_chief_could(cast, firm):
    plan = make_plan(cast.chief, firm.id, "submitted")
    plan = use_cases.approve_plan(cast.chief, plan.id)
    assert _entries(plan.id)[-1].after["own_submission"] is True
    _second_chief()
    own = make_plan(cast.chief, firm.id, "submitted", target_rung=3)
    with pytest.raises(RefusedError, match="plan_own_submission"):
        use_cases.approve_plan(cast.chief, own.id)
    assert queries.plans_to_decide(cast.chief) == []


def _second_chief() -> None:
    from crm.accounts.models import User
    from crm.database import transaction

    with transaction():
        first = db.session.scalars(sa.select(User).where(User.name == "chief")).one()
        columns = {column.name: getattr(first, column.name) for column in User.__table__.columns}
        del columns["id"]
        db.session.add(User(**{**columns, "name": "chief2", "email": "chief2@example.test"}))


def test_a_returned_plan_keeps_its_reason_until_it_is_submitted_again(cast, firm):
    plan = make_plan(cast.officer, firm.id, "submitted")
    with pytest.raises(RefusedError, match="plan_reason_missing"):
        use_cases.return_plan(cast.chief, plan.id, " 不行 ")
    plan = use_cases.return_plan(cast.chief, plan.id, "请补充现状数据")
    assert (plan.state, plan.return_reason) == ("returned", "请补充现状数据")
    use_cases.edit_plan(cast.officer, plan.id, plan_text(cast.officer), version=None)
    assert use_cases.submit_plan(cast.officer, plan.id).return_reason is None


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("draft", "approve"),
        ("draft", "start"),
        ("submitted", "submit"),
        ("submitted", "revise"),
        ("approved", "return"),
        ("running", "start"),
        ("closed", "revise"),
    ],
)
def test_steps_out_of_order_are_refused(cast, firm, state, step):
    plan = make_plan(cast.officer, firm.id, state, chief=cast.chief)
    steps = {
        "submit": lambda: use_cases.submit_plan(cast.officer, plan.id),
        "approve": lambda: use_cases.approve_plan(cast.chief, plan.id),
        "return": lambda: use_cases.return_plan(cast.chief, plan.id, "理由写在这里"),
        "start": lambda: use_cases.start_plan(cast.officer, plan.id),
        "revise": lambda: use_cases.revise_plan(cast.officer, plan.id),
    }
    with pytest.raises(RefusedError, match="plan_state"):
        steps[step]()
    assert queries.plan_for(cast.officer, plan.id).state == state


def test_a_measure_needs_date_and_evidence_to_be_done(cast, firm):
    plan = make_plan(cast.officer, firm.id, "approved", chief=cast.chief)
    only = plan.measures[0].id
    with pytest.raises(RefusedError, match="plan_not_running"):
        use_cases.move_measure(cast.officer, plan.id, only, "running")
    use_cases.start_plan(cast.officer, plan.id)
    tomorrow = today() + timedelta(days=1)
    for wrong, reason in (
        ({}, "measure_done_on_missing"),
        ({"done_on": today()}, "measure_evidence_missing"),
        ({"done_on": tomorrow, "evidence": "合同"}, "measure_done_in_future"),
    ):
        with pytest.raises(RefusedError, match=reason):
            use_cases.move_measure(cast.officer, plan.id, only, "done", **wrong)
    done = use_cases.move_measure(cast.officer, plan.id, only, "done", done_on=today(), evidence="合同")
    assert (done.state, done.done_on, done.evidence) == ("done", today(), "合同")
    use_cases.revise_plan(cast.officer, plan.id)
    with pytest.raises(RefusedError, match="measure_done_kept"):
        use_cases.edit_plan(cast.officer, plan.id, plan_text(cast.officer), version=None)


def test_progress_goes_on_while_a_new_version_is_written(cast, firm):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    promised = plan.measures[0].id
    plan = use_cases.revise_plan(cast.officer, plan.id)
    text = queries.text_of(plan)
    plan = use_cases.edit_plan(
        cast.officer, plan.id, replace(text, measures=(*text.measures, measure("新措施"))), version=None
    )
    assert use_cases.move_measure(cast.officer, plan.id, promised, "running").state == "running"
    with pytest.raises(RefusedError, match="plan_not_running"):
        use_cases.move_measure(cast.officer, plan.id, plan.measures[1].id, "running")


def test_the_second_saver_is_told_and_nothing_is_written(cast, firm):
    plan = make_plan(cast.officer, firm.id)
    seen = plan.version
    use_cases.edit_plan(cast.officer, plan.id, plan_text(cast.officer, summary="第一人"), version=seen)
    with pytest.raises(ChangedMeanwhileError):
        use_cases.edit_plan(cast.colleague, plan.id, plan_text(cast.officer, summary="第二人"), version=seen)
    assert queries.plan_for(cast.officer, plan.id).summary == "第一人"


def test_a_change_of_one_goal_moves_the_version_and_names_the_field(cast, firm):
    plan = make_plan(cast.officer, firm.id)
    text, seen = queries.text_of(plan), plan.version
    changed = replace(text, goals=(replace(text.goals[0], value_to="7"),))
    plan = use_cases.edit_plan(cast.officer, plan.id, changed, version=seen)
    assert plan.version == seen + 1
    entry = _entries(plan.id)[-1]
    key = f"goal {text.goals[0].id}"
    assert (entry.before, entry.after) == ({key: {"value_to": "5"}}, {key: {"value_to": "7"}})
    count = len(_entries(plan.id))
    use_cases.edit_plan(cast.officer, plan.id, queries.text_of(plan), version=None)
    assert len(_entries(plan.id)) == count


def test_stranger_viewer_and_liaison(cast, firm):
    plan = make_plan(cast.officer, firm.id, "submitted")
    with pytest.raises(NotFoundError):
        queries.plan_for(cast.stranger, plan.id)
    with pytest.raises(NotFoundError):
        use_cases.create_plan(cast.stranger, firm.id, plan_text(cast.stranger, target_rung=3))
    with pytest.raises(NotFoundError):
        use_cases.edit_plan(cast.stranger, plan.id, plan_text(cast.stranger), version=None)
    for person in (cast.viewer, cast.auditor, cast.administrator, cast.liaison):
        with pytest.raises(NotAllowedError):
            use_cases.create_plan(person, firm.id, plan_text(cast.officer, target_rung=3))
    with pytest.raises(NotAllowedError):
        use_cases.approve_plan(cast.officer, plan.id)
    with pytest.raises(RefusedError, match="person_unknown"):
        use_cases.create_plan(
            cast.officer,
            firm.id,
            plan_text(cast.officer, target_rung=3, measures=(measure(responsible_id=cast.stranger.user_id),)),
        )


def test_branches_archived_firms_and_odd_targets_get_no_plan(cast, firm):
    branch = make_firm(cast.officer, name="演示企业有限公司柯桥分公司", is_branch=True)
    with pytest.raises(RefusedError, match="plan_branch"):
        make_plan(cast.officer, branch.id)
    for values, reason in (
        ({"target_rung": 4}, "plan_rung"),
        ({"target_year": 1999}, "plan_year"),
        ({"goals": (goal(value_to=""),)}, "goal_incomplete"),
        ({"measures": (measure(kind="padding"),)}, "measure_kind_unknown"),
    ):
        with pytest.raises(RefusedError, match=reason):
            make_plan(cast.officer, firm.id, **values)


def test_what_other_features_ask(cast, firm):
    other = make_firm(cast.stranger, district="330681")
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    make_plan(cast.stranger, other.id, "running", chief=cast.chief)
    waiting = make_plan(cast.officer, firm.id, "submitted", target_rung=3)
    assert [m.firm_id for m in queries.open_measures(cast.officer)] == [firm.id]
    assert [m.plan_id for m in queries.open_measures(cast.officer, mine=True)] == [plan.id]
    assert queries.open_measures(cast.colleague, mine=True) == []
    assert len(queries.open_measures(cast.city)) == 2
    assert [p.id for p in queries.plans_to_decide(cast.chief)] == [waiting.id]
    assert queries.plans_to_decide(cast.officer) == []
    state = queries.plan_state_of([firm.id, other.id])[other.id]
    assert (state.state, state.done, state.total) == ("running", 0, 1)
    assert [len(facts) for facts in queries.measure_facts([firm.id, other.id]).values()] == [1, 1]
