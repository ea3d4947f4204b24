"""A copy of the database started on another machine mails nobody until a person releases it there."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from crm.audit import use_cases as audit
from crm.clock import utc_now
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.mail.transport import MailUrl
from crm.reminders.models import MailChannel
from crm.reminders.worker_name import host_name

_MOST_TEXT = 200


def may_mail_from_here() -> bool:
    """Whether this machine may send: into the outbox always; the first to use a relay releases itself."""
    if MailUrl.parse(current_app.config["CRM"].mail_url).scheme == "outbox":
        return True
    released = db.session.scalar(sa.select(MailChannel.released_for).where(MailChannel.id == 1))
    if released is None:
        with transaction():
            db.session.execute(
                sa.update(MailChannel)
                .where(MailChannel.id == 1, MailChannel.released_for.is_(None))
                .values(released_for=host_name())
            )
            released = db.session.scalar(sa.select(MailChannel.released_for).where(MailChannel.id == 1))
    return host_name() in (released or "").split()


def release(actor: Actor) -> list[str]:
    """Let this machine send and end a pause; returns all machines released. Audited."""
    require(actor, Permission.SYSTEM_ADMIN)
    with transaction():
        channel = db.session.scalars(
            sa.select(MailChannel).where(MailChannel.id == 1).with_for_update()
        ).one()
        before = {"released_for": channel.released_for, "paused_until": channel.paused_until}
        hosts = (channel.released_for or "").split()
        if host_name() not in hosts:
            hosts.append(host_name())
        if len(" ".join(hosts)) > _MOST_TEXT:
            raise RefusedError(None, "release_too_many", hosts=hosts)
        channel.released_for, channel.paused_until, channel.pause_reason = " ".join(hosts), None, None
        after = {"released_for": channel.released_for, "paused_until": None}
        audit.record(
            actor, "reminder.release", subject_type="mail_channel", subject_id=1, before=before, after=after
        )
    return hosts


def pause(reason: str, minutes: int) -> None:
    """Stop all sending for a while: the relay refuses us. Inside the caller's transaction."""
    db.session.execute(
        sa.update(MailChannel)
        .where(MailChannel.id == 1)
        .values(paused_until=utc_now() + timedelta(minutes=minutes), pause_reason=reason[:300])
    )
