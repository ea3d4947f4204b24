"""Plans and measures: the moves allowed, what is frozen, what is refused."""

import pytest

from crm.domain import support_plan
from crm.domain.errors import RefusedError


def test_plan_goes_from_draft_to_close():
    state = "draft"
    for action in ("submit", "approve", "start", "close"):
        state = support_plan.move(state, action)
    assert state == "closed"


def test_returned_plan_is_submitted_again():
    assert support_plan.move(support_plan.move("submitted", "return"), "submit") == "submitted"


@pytest.mark.parametrize("state", ["approved", "running"])
def test_change_of_approved_text_opens_a_draft_version(state):
    assert support_plan.move(state, "revise") == "draft"


@pytest.mark.parametrize("state", support_plan.PLAN_STATES)
@pytest.mark.parametrize("action", support_plan.ACTIONS)
def test_every_move_is_offered_or_refused(state, action):
    if action in support_plan.next_actions(state):
        assert support_plan.move(state, action) in support_plan.PLAN_STATES
        return
    with pytest.raises(RefusedError) as refused:
        support_plan.move(state, action)
    assert refused.value.reason == "plan_state"
    assert refused.value.values == {"state": state, "action": action}


def test_text_is_frozen_from_submission_on():
    free = {state for state in support_plan.PLAN_STATES if not support_plan.is_frozen(state)}
    assert free == {"draft", "returned"}


def test_return_and_close_ask_for_words():
    asking = {action for action in support_plan.ACTIONS if support_plan.needs_text(action)}
    assert asking == {"return", "close"}


def test_measure_done_by_mistake_is_taken_back():
    assert support_plan.move_measure("done", "running") == "running"


def test_cancelled_measure_is_not_done_at_once():
    with pytest.raises(RefusedError) as refused:
        support_plan.move_measure("cancelled", "done")
    assert refused.value.reason == "measure_state"


def test_measure_moves_stay_among_the_states():
    for state in support_plan.MEASURE_STATES:
        assert set(support_plan.next_measure_states(state)) <= set(support_plan.MEASURE_STATES)
