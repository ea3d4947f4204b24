"""Support plans for tests, made the way the product makes them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm.clock import today
from crm.domain.access import Actor
from crm.support_plans import use_cases
from crm.support_plans.models import SupportPlan
from crm.support_plans.plan_text import GoalText, MeasureText, PlanText


def goal(
    indicator: str = "研发费用占销售收入比例",
    *,
    id: int | None = None,
    due_on: date | None = None,
    **values: Any,
) -> GoalText:
    """A goal from 3.2 % to 5 %, due at the end of next year unless said otherwise."""
    given = {"unit": "%", "value_from": "3.2", "value_to": "5", **values}
    return GoalText(id, indicator, due_on=due_on or date(today().year + 1, 12, 31), **given)


def measure(
    title: str = "研发费用辅助账辅导",
    *,
    id: int | None = None,
    kind: str = "research_accounting",
    responsible_id: int | None = None,
    due_on: date | None = None,
    amount: Decimal | None = Decimal("15.5"),
) -> MeasureText:
    """A measure due in 30 days unless said otherwise."""
    due = due_on or today() + timedelta(days=30)
    return MeasureText(id, kind, title, responsible_id, "", "县科技局", due, amount)


def plan_text(actor: Actor, **values: Any) -> PlanText:
    """A complete text with one goal and one measure, for the actor himself."""
    given: dict[str, Any] = {
        "target_rung": 2,
        "target_year": today().year + 1,
        "summary": "研发费用归集不规范",
        "goals": (goal(),),
        "measures": (measure(responsible_id=actor.user_id),),
        **values,
    }
    return PlanText(**given)


def make_plan(
    actor: Actor, firm_id: int, state: str = "draft", *, chief: Actor | None = None, **values: Any
) -> SupportPlan:
    """A plan in the wanted state; chief approves where the state needs it."""
    plan = use_cases.create_plan(actor, firm_id, plan_text(actor, **values))
    if state == "draft":
        return plan
    plan = use_cases.submit_plan(actor, plan.id)
    if state == "submitted":
        return plan
    assert chief is not None
    if state == "returned":
        return use_cases.return_plan(chief, plan.id, "请补充现状数据")
    plan = use_cases.approve_plan(chief, plan.id)
    if state == "approved":
        return plan
    plan = use_cases.start_plan(actor, plan.id)
    return use_cases.close_plan(actor, plan.id, "目标已达到") if state == "closed" else plan
