"""Reads of support plans for pages and for other features, always within the actor's territory."""

from crm.support_plans.queries.deciding import (
    PlanToDecide,
    other_approvers,
    plans_to_decide,
    possible_people,
    to_be_decided_by,
)
from crm.support_plans.queries.measures import (
    IN_FORCE,
    UNDER_REVISION,
    OpenMeasure,
    measure_facts,
    open_measure,
    open_measures,
    overdue_on,
)
from crm.support_plans.queries.plans import basics_of, plan_for, plan_locked, text_of
from crm.support_plans.queries.states import PlanState, plan_state_of, plans_of_firm
from crm.support_plans.queries.versions import PlanEvent, VersionLine, events_of, frozen_text, versions_of

__all__ = [
    "IN_FORCE",
    "UNDER_REVISION",
    "OpenMeasure",
    "PlanEvent",
    "PlanState",
    "PlanToDecide",
    "VersionLine",
    "basics_of",
    "events_of",
    "frozen_text",
    "measure_facts",
    "open_measure",
    "open_measures",
    "other_approvers",
    "overdue_on",
    "plan_for",
    "plan_locked",
    "plan_state_of",
    "plans_of_firm",
    "plans_to_decide",
    "possible_people",
    "text_of",
    "to_be_decided_by",
    "versions_of",
]
