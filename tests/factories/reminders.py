"""Deadlines with people around them, and a relay that answers as told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from itertools import count

import sqlalchemy as sa

from crm.accounts.models import User
from crm.accounts.queries import system_actor
from crm.clock import utc_now
from crm.database import db, transaction
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.firms.models import Contact, Firm
from crm.mail.delivery import DeliveryError
from crm.reminders.models import Delivery, Reminder
from tests.factories.firms import make_firm

# A Wednesday, a working day.
DAY = date(2026, 11, 25)
_NUMBERS = count(1)


def make_deadline(
    due_on: date,
    *,
    firm: Firm | None = None,
    kind: str = "measure_due",
    owner: Actor | None = None,
    contact: str | None = None,
    source_id: int | None = None,
) -> Deadline:
    """An open deadline; its firm lies in 柯桥区 unless given. owner: of the firm; contact: mail address."""
    firm = firm or make_firm(system_actor("test"))
    with transaction():
        values = {"owner_id": owner.user_id} if owner else {}
        if values:
            db.session.execute(sa.update(Firm).where(Firm.id == firm.id).values(**values))
        if contact is not None:
            db.session.add(Contact(firm_id=firm.id, name="联系人", email=contact, is_primary=True))
        number = source_id or 1_000_000 + next(_NUMBERS)
        deadline = Deadline(
            firm_id=firm.id,
            kind=kind,
            source_type="measure" if kind == "measure_due" else "certification",
            source_id=number,
            period="",
            due_on=due_on,
            created_at=utc_now(),
        )
        db.session.add(deadline)
    return deadline


def change(model: type, key: int, **values: object) -> None:
    """Write columns of a row, as another feature would."""
    with transaction():
        db.session.execute(
            sa.update(model).where(model.id == key).values(**values)  # type: ignore[attr-defined]
        )


def user_key(actor: Actor) -> str:
    return f"user:{actor.user_id}"


def reminders() -> list[Reminder]:
    """All reminders, read anew."""
    db.session.rollback()
    return list(
        db.session.scalars(
            sa.select(Reminder).order_by(Reminder.id).execution_options(populate_existing=True)
        )
    )


def deliveries() -> list[Delivery]:
    """All deliveries, read anew."""
    db.session.rollback()
    return list(
        db.session.scalars(
            sa.select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)
        )
    )


def delivery() -> Delivery:
    """The one delivery there is."""
    (only,) = deliveries()
    return only


def user(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id)


class FakeRelay:
    """A channel that keeps mails and fails as told: answers maps an address to the error to raise."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, DeliveryError] = {}
        self.at_data: Callable[[], None] = lambda: None

    def send(
        self, message: EmailMessage, envelope_from: str, to: str, *, before_data: Callable[[], None]
    ) -> str:
        error = self.answers.get(to) or self.answers.get("*")
        if error is not None and error.phase != "data":
            raise error
        before_data()
        self.at_data()
        if error is not None:
            raise error
        self.mails.append(message)
        return f"2.0.0 Ok: queued as {len(self.mails)}"

    def check(self) -> str:
        return "fake"

    def close(self) -> None:
        pass

    def to(self) -> list[str]:
        return sorted(str(mail["To"]) for mail in self.mails)
