"""What can be done with a support plan, one verb a function."""

from crm.support_plans.use_cases.deciding import (
    approve_plan,
    close_plan,
    return_plan,
    revise_plan,
    start_plan,
    submit_plan,
)
from crm.support_plans.use_cases.drafting import create_plan, edit_plan
from crm.support_plans.use_cases.measures import move_measure

__all__ = [
    "approve_plan",
    "close_plan",
    "create_plan",
    "edit_plan",
    "move_measure",
    "return_plan",
    "revise_plan",
    "start_plan",
    "submit_plan",
]
