"""The chain of renewals within one firm and scheme: which certification renews which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from crm.domain.certification import Grant

# A new recognition follows within a year of the expiry (supplementary filings come as late as May);
# after a longer gap it is a new start, and the old certificate simply expired.
LONGEST_GAP = timedelta(days=366)


def renewals(grants: Iterable[Grant]) -> dict[int, int | None]:
    """Certification id -> id of the one it renews, or None; for the grants of one firm and one scheme.

    Follows from the dates alone, so that lists may come in any order. Two of the same first day do not
    renew each other, and nothing renews a certificate that was revoked before it began.
    """
    held = sorted(grants, key=lambda grant: (grant.valid_from, grant.id or 0))
    found: dict[int, int | None] = {}
    taken: set[int] = set()
    for index, grant in enumerate(held):
        former = next((g for g in reversed(held[:index]) if may_renew(g, grant)), None)
        former_id = former.id if former is not None and former.id not in taken else None
        if former_id is not None:
            taken.add(former_id)
        found[grant.id or 0] = former_id
    return found


def may_renew(former: Grant, grant: Grant) -> bool:
    """Whether grant takes the place of former."""
    if former.valid_from >= grant.valid_from:
        return False
    if former.revoked_from is not None and former.revoked_from <= grant.valid_from:
        return False
    return former.valid_to is None or grant.valid_from <= former.valid_to + LONGEST_GAP
