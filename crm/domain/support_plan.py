"""Support plans 帮扶方案: how a plan moves from draft to close, when its text is frozen, and its measures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crm.domain.errors import RefusedError

PLAN_STATES = ("draft", "submitted", "approved", "returned", "running", "closed")
ACTIONS = ("submit", "approve", "return", "start", "close", "revise")
MEASURE_STATES = ("planned", "running", "done", "cancelled")
MEASURE_KINDS = (
    "research_accounting",  # 研发费用归集
    "ip_creation",  # 知识产权创造
    "research_institution",  # 研发机构建设
    "university_cooperation",  # 产学研合作
    "expert_team",  # 专家团队
    "innovation_voucher",  # 科技创新券
    "patent_pledge_loan",  # 专利权质押贷款
    "ip_management_standard",  # 知识产权贯标
    "talent",  # 人才
    "training",  # 培训
    "financing",  # 融资
    "application_coaching",  # 申报辅导
)

# An approved plan may be closed before it starts: the firm has moved away or been deregistered.
_MOVES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "draft": {"submit": "submitted"},
        "submitted": {"approve": "approved", "return": "returned"},
        "returned": {"submit": "submitted"},
        "approved": {"start": "running", "revise": "draft", "close": "closed"},
        "running": {"close": "closed", "revise": "draft"},
        "closed": {},
    }
)

# A slip of the hand can be taken back: done and cancelled are not the end.
_MEASURE_MOVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "planned": ("running", "done", "cancelled"),
        "running": ("planned", "done", "cancelled"),
        "done": ("running",),
        "cancelled": ("planned",),
    }
)

_OPEN_TO_EDIT = frozenset({"draft", "returned"})
_NEEDS_TEXT = frozenset({"return", "close"})


def next_actions(state: str) -> tuple[str, ...]:
    """The actions a plan in that state allows, the usual one first; none for an unknown state."""
    return tuple(_MOVES.get(state, ()))


def move(state: str, action: str) -> str:
    """The state after an action.

    "revise" answers "draft", the state of the new version that it opens; the version revised keeps its
    own text and is no longer the plan's newest.
    Raises RefusedError(field="state", reason="plan_state", state, action) where the state does not allow it.
    """
    try:
        return _MOVES[state][action]
    except KeyError as error:
        raise RefusedError("state", "plan_state", state=state, action=action) from error


def needs_text(action: str) -> bool:
    """Whether a person must write down something with the action: why it is returned, what came of it."""
    return action in _NEEDS_TEXT


def is_frozen(state: str) -> bool:
    """Whether the plan's text must not change any more.

    From submission on, so that what the chief approves is what he read; a change is then a new version.
    Progress of measures (state, evidence, money) is no text of the plan and goes on.
    """
    return state not in _OPEN_TO_EDIT


def next_measure_states(state: str) -> tuple[str, ...]:
    """The states a measure may go to from here."""
    return _MEASURE_MOVES.get(state, ())


def move_measure(state: str, to: str) -> str:
    """The new state of a measure.

    Raises RefusedError(field="state", reason="measure_state", state, to) for a move that makes no sense.
    """
    if to not in next_measure_states(state):
        raise RefusedError("state", "measure_state", state=state, to=to)
    return to
