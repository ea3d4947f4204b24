"""Once a day: what the rules demand must be final or scheduled; what is neither is an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from crm.clock import utc_now
from crm.database import db
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import CrmError
from crm.domain.reminder_plan import OWNER_DIGEST
from crm.reminders.demand import demand
from crm.reminders.models import Delivery
from crm.reminders.use_cases.plan_day import digest_key

_STUCK_AFTER = timedelta(hours=1)


class ReconciliationError(CrmError):
    """Demanded reminders without a row, or rows that nobody works off."""


@dataclass(frozen=True)
class Reconciliation:
    """demanded = final + scheduled + waiting + missing.

    waiting: demanded after the person's digest of the day had gone, so due in the next. stuck: mails due
    for an hour that no worker took. refused, in_doubt: mails that wait for a person.
    """

    day: date
    demanded: int
    final: int
    scheduled: int
    waiting: int
    missing: int
    stuck: int
    refused: int
    in_doubt: int

    def require_agreement(self) -> None:
        """Raise ReconciliationError where something demanded is neither final nor scheduled."""
        if self.missing or self.stuck:
            raise ReconciliationError(
                f"{self.day}: demanded {self.demanded} = final {self.final} + scheduled {self.scheduled}"
                f" + waiting {self.waiting} + missing {self.missing}; stuck mails {self.stuck}"
            )


def reconcile(actor: Actor, day: date) -> Reconciliation:
    """Compare a day's demand with the rows; reads only."""
    require(actor, Permission.SYSTEM_ADMIN)
    wanted = demand(day, ignore_known=True)
    known = [wanted.known.get(reminder.key) for reminder in wanted.planned]
    final = sum(row is not None and row.state != "planned" for row in known)
    scheduled = sum(row is not None and row.state == "planned" for row in known)
    absent = [r for r, row in zip(wanted.planned, known, strict=True) if row is None]
    digests = {digest_key(r.recipient, day) for r in absent if r.channel == OWNER_DIGEST}
    out = set(
        db.session.scalars(
            sa.select(Delivery.natural_key).where(
                Delivery.channel == OWNER_DIGEST, Delivery.day == day, Delivery.state != "planned"
            )
        )
    )
    waiting = sum(r.channel == OWNER_DIGEST and digest_key(r.recipient, day) in digests & out for r in absent)
    late = utc_now() - _STUCK_AFTER
    states = {
        state: count
        for state, count in db.session.execute(
            sa.select(Delivery.state, sa.func.count())
            .where(Delivery.state.in_(("refused", "in_doubt")))
            .group_by(Delivery.state)
        )
    }
    stuck = db.session.scalar(
        sa.select(sa.func.count()).where(
            sa.or_(
                sa.and_(Delivery.state.in_(("planned", "deferred")), Delivery.next_at < late),
                sa.and_(Delivery.state == "claimed", Delivery.lease_until < late),
            )
        )
    )
    return Reconciliation(
        day, len(known), final, scheduled, waiting, len(absent) - waiting, stuck or 0,
        states.get("refused", 0), states.get("in_doubt", 0),
    )  # fmt: skip
