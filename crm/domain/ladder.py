"""The ladder 梯度: the rung of a firm on any day, with its reason, and its steps over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from crm.domain.certification import Grant, in_force, schemes


@dataclass(frozen=True)
class RungResult:
    """rung: 0 none, 1 technology SME, 2 HNTE, 3 leading; because: the grants in force that give it."""

    rung: int
    because: tuple[Grant, ...]


@dataclass(frozen=True)
class Step:
    """A stretch of days, both ends inclusive, on one rung."""

    from_: date
    to: date
    rung: int


def rung_on(grants: Iterable[Grant], on: date, *, is_branch: bool = False) -> RungResult:
    """The highest rung with a certification in force that day, and all such of that rung, newest first.

    The ladder is not nested: a leading title counts without the two below it. A branch, being no legal
    person, has rung 0 whatever a list gave it.
    """
    if is_branch:
        return RungResult(0, ())
    holding: dict[int, list[Grant]] = {}
    for grant in grants:
        rung = _rung_of(grant)
        if rung and in_force(grant, on):
            holding.setdefault(rung, []).append(grant)
    if not holding:
        return RungResult(0, ())
    rung = max(holding)
    newest_first = sorted(holding[rung], key=lambda grant: (grant.valid_from, grant.id or 0), reverse=True)
    return RungResult(rung, tuple(newest_first))


def steps(grants: Iterable[Grant], first: date, last: date, *, is_branch: bool = False) -> tuple[Step, ...]:
    """The rung from first to last without a gap, in stretches whose neighbours differ; empty if last < first.

    Each day's rung is the one rung_on gives, for days to come as well.
    """
    if last < first:
        return ()
    held = tuple(grants)
    changes = {first}
    for grant in held:
        ends = [grant.valid_from, grant.revoked_from]
        ends.append(grant.valid_to + timedelta(days=1) if grant.valid_to else None)
        changes.update(day for day in ends if day is not None and first < day <= last)
    days = sorted(changes)
    found: list[Step] = []
    for index, day in enumerate(days):
        end = days[index + 1] - timedelta(days=1) if index + 1 < len(days) else last
        rung = rung_on(held, day, is_branch=is_branch).rung
        if found and found[-1].rung == rung:
            found[-1] = Step(found[-1].from_, end, rung)
        else:
            found.append(Step(day, end, rung))
    return tuple(found)


def _rung_of(grant: Grant) -> int | None:
    scheme = schemes().get(grant.scheme)
    return scheme.rung if scheme else None
