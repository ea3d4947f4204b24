"""What can be done with a support plan, one verb a function."""

from crm.support_plans.plan_text import GoalText, MeasureText, PlanText
from crm.support_plans.use_cases.deciding import (
    approve_plan,
    close_plan,
    return_plan,
    revise_plan,
    start_plan,
    submit_plan,
)
from crm.support_plans.use_cases.drafting import create_plan, edit_plan
from crm.support_plans.use_cases.measures import may_progress, move_measure

__all__ = [
    "GoalText",
    "MeasureText",
    "PlanText",
    "approve_plan",
    "close_plan",
    "create_plan",
    "edit_plan",
    "may_progress",
    "move_measure",
    "return_plan",
    "revise_plan",
    "start_plan",
    "submit_plan",
]
