"""Nothing lost, nothing doubled: worker killed, two of everything, Redis gone for a while."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.accounts.queries import system_actor
from crm.celery_app import make_celery
from crm.clock import today
from crm.database import db
from crm.firms.models import Firm
from crm.reminders.models import Delivery
from crm.reminders.use_cases import plan_day
from tests.factories.people import Cast
from tests.factories.reminders import make_deadline
from tests.worker.conftest import Celery, Redis, Sink, until

pytestmark = pytest.mark.worker


def plan_mails(cast: Cast, number: int) -> None:
    """So many mails to a firm's contact, and a digest beside them, due now."""
    due_on = today() + timedelta(days=30)
    first = make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="li@firm.test")
    firm = db.session.get_one(Firm, first.firm_id)
    for _ in range(number - 1):
        make_deadline(due_on, kind="certificate_expiry", firm=firm)
    plan_day(system_actor("test"), today())
    db.session.remove()


def states() -> Counter[str]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Delivery.state, sa.func.count()).group_by(Delivery.state))
    found = Counter({state: count for state, count in rows})
    db.session.remove()
    return found


def all_sent() -> bool:
    return set(states()) == {"sent"}


def planned_ids() -> set[str]:
    return set(db.session.scalars(sa.select(Delivery.message_id)))


@pytest.mark.both_databases
def test_a_worker_killed_amid_two_hundred_loses_none_and_repeats_at_most_the_one_in_flight(
    cast: Cast, celery: Celery, sink: Sink
) -> None:
    plan_mails(cast, 200)
    worker = celery.worker()
    celery.beat()
    until(lambda: sink.count() >= 70, 30, "seventy mails are out")

    celery.kill(worker)
    before = states()
    assert before["claimed"] <= 1
    assert before["sent"] < 200
    celery.worker()
    until(all_sent, 40, "all mails are out after the restart")

    accepted = sink.message_ids()
    assert set(accepted) == planned_ids()
    repeated = [count for count in accepted.values() if count > 1]
    assert repeated in ([], [2])


def test_two_workers_two_beats_and_repeated_messages_send_each_mail_once(
    app: Flask, cast: Cast, celery: Celery, broker: Redis, sink: Sink
) -> None:
    plan_mails(cast, 60)
    app.config["CRM"] = replace(app.config["CRM"], redis_url=broker.server.url)
    queue = make_celery(app)
    for _ in range(6):
        queue.send_task("crm.reminders.send_due")
    for start in (celery.worker, celery.worker, celery.beat, celery.beat):
        start()
    until(all_sent, 40, "all mails are out")
    sent = sink.count()
    for _ in range(4):
        queue.send_task("crm.reminders.send_due")
    until(lambda: queue.connection().default_channel.client.llen("crm") == 0, 20, "the messages are taken")

    assert sink.message_ids() == Counter(planned_ids())
    assert sink.count() == sent


def test_a_worker_goes_on_by_itself_after_redis_was_gone(
    cast: Cast, celery: Celery, broker: Redis, sink: Sink
) -> None:
    plan_mails(cast, 3)
    celery.worker()
    celery.beat()
    until(all_sent, 30, "the first mails are out")

    broker.stop()
    plan_mails(cast, 5)
    assert not all_sent()
    broker.start()
    until(all_sent, 60, "the worker takes tasks again without a hand")

    assert sink.message_ids() == Counter(planned_ids())
