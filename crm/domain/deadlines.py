"""Deadlines 时限: what a firm's certifications and its plan's measures make due, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from crm.domain.certification import Grant, schemes

KINDS = ("certificate_expiry", "hnte_annual_report", "hnte_reapplication", "sme_update", "measure_due")
STATES = ("open", "done", "waived", "closed")
GRACE_DAYS = 31
SOON_DAYS = 14

_ANNUAL_REPORT_DUE = (5, 31)  # 国科发火〔2016〕32号 第十三条
_MEASURE_SETTLED = frozenset({"done", "cancelled"})


@dataclass(frozen=True)
class MeasureFacts:
    """What a deadline needs to know of a measure 帮扶措施; state is one of support_plan.MEASURE_STATES."""

    id: int
    due_on: date | None
    state: str


@dataclass(frozen=True)
class DerivedDeadline:
    """One thing due.

    period: tells apart the deadlines of one kind and source, the due year of an annual report; else "".
    A date that moves keeps its key, so the stored deadline moves with it.
    """

    kind: str
    source_type: Literal["certification", "measure"]
    source_id: int
    period: str
    due_on: date

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What a stored deadline is found by."""
        return self.kind, self.source_type, self.source_id, self.period


def derive(grants: Iterable[Grant], measures: Iterable[MeasureFacts]) -> tuple[DerivedDeadline, ...]:
    """All deadlines of one firm over the whole lifetime of its grants, by date.

    grants: every stored grant of the firm, also those renewed or revoked; measures: those of plans in
    force. The clock has no part in it: a stored deadline that is no longer derived has lost its reason.
    A renewed grant (superseded, or followed by a later one of its scheme) has no expiry of its own, a
    revoked one owes nothing that falls due from the day of revocation on.
    Raises ValueError for a grant without id.
    Source: 国科发火〔2016〕32号 第九条, 第十三条, 第十九条; 国科发政〔2017〕115号 第十二条.
    """
    held = tuple(grants)
    found = [*_of_single_grants(held), *_annual_reports(held)]
    for measure in measures:
        if measure.due_on is not None and measure.state not in _MEASURE_SETTLED:
            found.append(DerivedDeadline("measure_due", "measure", measure.id, "", measure.due_on))
    return tuple(sorted(found, key=lambda deadline: (deadline.due_on, deadline.key)))


def worth_creating(deadline: DerivedDeadline, today: date) -> bool:
    """Whether a deadline not stored yet should be: past ones only up to GRACE_DAYS back.

    So an import of old certificates does not open years of reports that nobody will hand in any more.
    """
    return (today - deadline.due_on).days <= GRACE_DAYS


def tone(due_on: date, today: date, state: str) -> str:
    """Colour of a deadline: "ok" done, "late" passed, "soon" within SOON_DAYS, "none" far off or settled."""
    if state == "done":
        return "ok"
    if state != "open":
        return "none"
    if due_on < today:
        return "late"
    return "soon" if (due_on - today).days <= SOON_DAYS else "none"


def _of_single_grants(held: tuple[Grant, ...]) -> Iterable[DerivedDeadline]:
    for grant in held:
        scheme = schemes().get(grant.scheme)
        if scheme is None or grant.revoked_from is not None or _is_renewed(grant, held):
            continue
        if "sme_update" in scheme.obligations and grant.update_due is not None:
            yield _deadline("sme_update", grant, grant.update_due)
        if grant.valid_to is None:
            continue
        if "expiry" in scheme.obligations:
            yield _deadline("certificate_expiry", grant, grant.valid_to)
        if "hnte_reapplication" in scheme.obligations:
            due_on = scheme.reapplication_due(grant.valid_to.year)
            if due_on is not None:
                yield _deadline("hnte_reapplication", grant, due_on)


def _is_renewed(grant: Grant, held: tuple[Grant, ...]) -> bool:
    """Whether a later grant of the scheme took its place, marked as a chain or not.

    A technology SME holding a number of a later year has updated, even if that number was revoked since.
    """
    if grant.superseded_by is not None:
        return True
    if grant.valid_to is None:
        return False
    return any(
        other.scheme == grant.scheme
        and (other.revoked_from is None or grant.update_due is not None)
        and other.valid_from > grant.valid_from
        and (other.valid_to is None or other.valid_to > grant.valid_to)
        for other in held
    )


def _annual_reports(held: tuple[Grant, ...]) -> Iterable[DerivedDeadline]:
    """One report for each year in which a certificate was in force, due in the year after.

    Where two certificates touch a year, the later one owes its report: a firm reports once. If that one
    has been revoked by then, nobody does.
    """
    owed_by: dict[tuple[str, int], Grant] = {}
    for grant in sorted(held, key=lambda grant: (grant.valid_from, grant.id or 0)):
        scheme = schemes().get(grant.scheme)
        if scheme is None or "hnte_annual_report" not in scheme.obligations or grant.valid_to is None:
            continue
        for year in range(grant.valid_from.year + 1, grant.valid_to.year + 2):
            owed_by[grant.scheme, year] = grant
    for (_, year), grant in owed_by.items():
        due_on = date(year, *_ANNUAL_REPORT_DUE)
        if grant.revoked_from is None or due_on < grant.revoked_from:
            yield _deadline("hnte_annual_report", grant, due_on, period=str(year))


def _deadline(kind: str, grant: Grant, due_on: date, period: str = "") -> DerivedDeadline:
    if grant.id is None:
        raise ValueError(f"a grant of {grant.scheme} without id has no deadlines yet")
    return DerivedDeadline(kind, "certification", grant.id, period, due_on)
