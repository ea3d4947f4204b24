"""Reminders, the mails that carry them, and every attempt: the rows are the queue.

A reminder (natural key: deadline, due date it speaks of, lead, recipient, channel) belongs to one
delivery: a digest of a person's day, or a single mail. The delivery is what a worker claims.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.database import BigId, JsonText, UtcDateTime, db
from crm.deadlines.models import Deadline


class ReminderPolicy(db.Model):
    """Which leads (days before; negative is after) a kind of deadline has, and by which channel."""

    __tablename__ = "reminder_policies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(20))  # owner_digest, contact_mail
    leads: Mapped[Any] = mapped_column(JsonText)  # [90, 30, 7, 1, -1]
    # A stage whose day lies before this is not sent: a new lead must not blast old deadlines.
    effective_from: Mapped[date]
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.UniqueConstraint("kind", "channel"),)


class Delivery(db.Model):
    """One mail to one person.

    state: planned, claimed, sent, deferred, refused, suppressed, in_doubt. phase: none, connect, data, done.
    Each write after the claim names the attempt, so that a paused old worker cannot overwrite a new one.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    natural_key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    channel: Mapped[str] = mapped_column(sa.String(20))
    recipient: Mapped[str] = mapped_column(sa.String(40), index=True)  # user:5, contact:9
    address: Mapped[str | None] = mapped_column(sa.String(200))
    day: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    phase: Mapped[str] = mapped_column(sa.String(8), default="none")
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(sa.String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    queue_text: Mapped[str | None] = mapped_column(sa.String(300))
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    is_repeat: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    subject: Mapped[str | None] = mapped_column(sa.String(300))  # as sent
    body_text: Mapped[str | None] = mapped_column(sa.Text)
    body_html: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    reminders: Mapped[list[Reminder]] = relationship(back_populates="delivery")

    __table_args__ = (
        sa.Index("ix_deliveries_state_next_at_id", "state", "next_at", "id"),
        sa.Index("ix_deliveries_day_id", "day", "id"),
    )


class Reminder(db.Model):
    """One person told of one deadline at one lead. state: planned, sent, suppressed, refused."""

    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey("deadlines.id"))
    due_on: Mapped[date]
    lead_days: Mapped[int]
    recipient: Mapped[str] = mapped_column(sa.String(40))
    channel: Mapped[str] = mapped_column(sa.String(20))
    send_on: Mapped[date]
    is_late: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    deadline: Mapped[Deadline] = relationship()
    delivery: Mapped[Delivery | None] = relationship(back_populates="reminders")

    __table_args__ = (sa.UniqueConstraint("deadline_id", "due_on", "lead_days", "recipient", "channel"),)


class DeliveryAttempt(db.Model):
    """One try: written before the socket opens, settled after. Its time allows partitioning later."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    attempt: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str] = mapped_column(sa.String(80))
    phase: Mapped[str] = mapped_column(sa.String(8))
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    code: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(sa.String(300))

    __table_args__ = (sa.UniqueConstraint("delivery_id", "attempt"),)


class MailChannel(db.Model):
    """State of the way out (one row): paused by a fault of ours; which host may send; the pace."""

    __tablename__ = "mail_channel"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_reason: Mapped[str | None] = mapped_column(sa.String(300))
    # A copy of the database started on another host mails nobody until released there.
    released_for: Mapped[str | None] = mapped_column(sa.String(200))
    next_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
