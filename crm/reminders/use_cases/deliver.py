"""Deliver what is due: claim, look once more, send, settle. No transaction is open while SMTP answers."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import CrmError, RefusedError
from crm.domain.reminder_plan import CONTACT_MAIL
from crm.firms.use_cases.mail_address import flag_address
from crm.mail.delivery import Channel, DeliveryError
from crm.mail.message import recipient as recipient_of
from crm.mail.transport import MailUrl, open_channel
from crm.reminders.use_cases import fenced
from crm.reminders.use_cases.claim import Claim, claim, sweep_lost
from crm.reminders.use_cases.fenced import LostClaimError
from crm.reminders.use_cases.prepare import Prepared, Surroundings, prepare, read_surroundings
from crm.reminders.use_cases.release import may_mail_from_here, pause
from crm.reminders.use_cases.retry import ATTEMPTS_MOST, PAUSE_MINUTES, in_doubt_values, wait_after
from crm.reminders.worker_name import host_name, this_worker

log = logging.getLogger(__name__)

_FRESH_SECONDS = 1.0


class NotReleasedError(CrmError):
    """This machine may not mail: the database was brought here from another one."""


@dataclass
class DeliveryRun:
    """Delivery ids by outcome (sent, deferred, refused, suppressed, in_doubt, paused, lost)."""

    outcomes: dict[int, str] = field(default_factory=dict)
    is_released: bool = True

    def counts(self) -> Counter[str]:
        """Outcome -> how many mails."""
        return Counter(self.outcomes.values())

    def require_release(self) -> None:
        """Raise NotReleasedError where nothing was sent because this machine may not."""
        if not self.is_released:
            raise NotReleasedError(f"{host_name()} mails nobody: run flask reminders release if it should")


def deliver_due(
    actor: Actor, *, today: date, seconds: float | None = None, most: int | None = None
) -> DeliveryRun:
    """Deliver until nothing is due, the channel pauses, or the time or number given is used up.

    today: the day the mails speak of ("3 days left"). Also takes back what dead workers held.
    """
    require(actor, Permission.SYSTEM_ADMIN)
    settings = current_app.config["CRM"]
    run = DeliveryRun()
    if not may_mail_from_here():
        run.is_released = False
        return run
    db.session.rollback()
    sweep_lost()
    url = MailUrl.parse(settings.mail_url)
    until = None if seconds is None else time.monotonic() + seconds
    around = _Fresh()
    with open_channel(url, outbox_dir=settings.outbox_dir) as channel:
        while (until is None or time.monotonic() < until) and (most is None or len(run.outcomes) < most):
            done = deliver_next(
                channel, this_worker(), today, paced=url.scheme != "outbox", surroundings=around.read
            )
            if done is None:
                break
            run.outcomes[done[0]] = done[1]
            if done[1] == "paused":
                break
    return run


class _Fresh:
    """People and policies of a run, read anew after a second: a burst of mails need not ask for each."""

    def __init__(self) -> None:
        self._read_at = 0.0
        self._value: Surroundings | None = None

    def read(self) -> Surroundings:
        if self._value is None or time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._value, self._read_at = read_surroundings(), time.monotonic()
        return self._value


def deliver_next(
    channel: Channel,
    worker: str,
    today: date,
    *,
    now: datetime | None = None,
    paced: bool = False,
    surroundings: Callable[[], Surroundings] = read_surroundings,
) -> tuple[int, str] | None:
    """Deliver one mail that is due; returns its id and how it ended, None where nothing is due."""
    claims = claim(now, 1, worker, paced=paced)
    if not claims:
        return None
    mine = claims[0]
    if mine.wait_seconds:
        time.sleep(mine.wait_seconds)
    try:
        return mine.delivery_id, _deliver(channel, mine, today, surroundings)
    except LostClaimError:
        log.warning("delivery %s was taken over by another worker", mine.delivery_id)
        return mine.delivery_id, "lost"


def _deliver(channel: Channel, mine: Claim, today: date, surroundings: Callable[[], Surroundings]) -> str:
    try:
        prepared = prepare(mine, today, surroundings())
    except SQLAlchemyError:
        raise
    except Exception as error:
        # One bad row says why and stops nobody: a name that breaks a header, a template's fault.
        log.exception("delivery %s cannot be written", mine.delivery_id)
        db.session.rollback()
        return _fail(mine, _fault_reason(error), "fault", permanent=isinstance(error, RefusedError))
    if prepared.message is None:
        return _nothing_left(mine, prepared)
    _begin(mine, prepared)
    is_at_data = False

    def enter_data() -> None:
        nonlocal is_at_data
        _enter_data(mine)
        is_at_data = True

    try:
        queue_text = channel.send(
            prepared.message, prepared.envelope_from, recipient_of(prepared.message), before_data=enter_data
        )
    except DeliveryError as error:
        return _settle_failure(mine, prepared, error)
    except (LostClaimError, SQLAlchemyError):
        raise
    except Exception as error:
        log.exception("delivery %s ended in a fault", mine.delivery_id)
        if is_at_data:
            doubt = DeliveryError("data", permanent=False, ours=False, code=None, text=_fault_reason(error))
            return _settle_failure(mine, prepared, doubt)
        return _fail(mine, _fault_reason(error), "fault", permanent=isinstance(error, RefusedError))
    return _settle_sent(mine, queue_text)


def _begin(mine: Claim, prepared: Prepared) -> None:
    """The attempt stands in the database before the socket opens."""
    assert prepared.text is not None
    with transaction():
        now = mine.now()
        fenced.write(
            mine,
            phase="connect",
            lease_until=_lease(now),
            address=prepared.address,
            subject=prepared.text.subject[:300],
            body_text=prepared.text.text,
            body_html=prepared.text.html,
        )
        fenced.suppress(prepared.stale)
        fenced.begin_attempt(mine, started_at=now, phase="connect")


def _enter_data(mine: Claim) -> None:
    """Committed before the final dot: from here on a crash leaves the mail in doubt."""
    with transaction():
        fenced.write(mine, phase="data", lease_until=_lease(mine.now()))
        fenced.note_attempt(mine, phase="data")


def _settle_sent(mine: Claim, queue_text: str) -> str:
    with transaction():
        now = mine.now()
        fenced.write(
            mine, state="sent", phase="done", queue_text=queue_text[:300], reason=None, sent_at=now,
            lease_until=None, claimed_by=None,
        )  # fmt: skip
        fenced.settle_reminders(mine, "sent")
        fenced.note_attempt(
            mine, phase="done", outcome="sent", finished_at=now, code=250, text=queue_text[:300]
        )
    return "sent"


def _settle_failure(mine: Claim, prepared: Prepared, error: DeliveryError) -> str:
    text = f"{error.code or ''} {error.text}".strip()
    if error.ours:
        return _pause(mine, text)
    if error.in_doubt:
        with transaction():
            now = mine.now()
            values = in_doubt_values(now + wait_after(mine.attempt))
            if mine.attempt >= ATTEMPTS_MOST:
                values = {"state": "in_doubt", "reason": "in_doubt"}
            fenced.write(mine, lease_until=None, claimed_by=None, **values)
            fenced.note_attempt(mine, outcome="in_doubt", finished_at=now, code=error.code, text=text[:300])
        return "in_doubt" if values["state"] == "in_doubt" else "deferred"
    outcome = _fail(mine, text, error.phase, permanent=error.permanent, code=error.code)
    if error.blames_address and mine.channel == CONTACT_MAIL:
        flag_address(int(mine.recipient.partition(":")[2]), prepared.address, "bounced")
    return outcome


def _fail(mine: Claim, text: str, phase: str, *, permanent: bool, code: int | None = None) -> str:
    """The mail surely did not go out: refused for good or after too many tries, else tried again later."""
    gave_up = not permanent and mine.attempt >= ATTEMPTS_MOST
    with transaction():
        now = mine.now()
        values: dict[str, Any] = {"state": "refused", "reason": text[:300]}
        if not permanent and not gave_up:
            values = {"state": "deferred", "reason": text[:300], "next_at": now + wait_after(mine.attempt)}
        fenced.write(mine, lease_until=None, claimed_by=None, **values)
        fenced.note_attempt(
            mine, outcome=values["state"], finished_at=now, code=code, text=text[:300], phase=phase[:8]
        )
        if values["state"] == "refused":
            fenced.settle_reminders(mine, "refused", text[:300])
    return str(values["state"])


def _pause(mine: Claim, text: str) -> str:
    """The relay refuses us: the mail is due as before, its attempt not spent; all wait."""
    with transaction():
        now = mine.now()
        fenced.write(
            mine, state="planned" if mine.attempt == 1 else "deferred", phase="none",
            attempts=mine.attempt - 1,
            next_at=now, lease_until=None, claimed_by=None,
        )  # fmt: skip
        fenced.forget_attempt(mine)
        pause(text, PAUSE_MINUTES)
    log.error("mail channel paused for %s minutes: %s", PAUSE_MINUTES, text)
    return "paused"


def _nothing_left(mine: Claim, prepared: Prepared) -> str:
    with transaction():
        fenced.write(mine, state="suppressed", reason="nothing_left", lease_until=None, claimed_by=None)
        fenced.suppress(prepared.stale)
    return "suppressed"


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=current_app.config["CRM"].lease_seconds)


def _fault_reason(error: Exception) -> str:
    if isinstance(error, RefusedError):
        return error.reason
    return f"{type(error).__name__}: {error}"
