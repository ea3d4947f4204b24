"""Long lists go to the worker: claimed once, taken up after a crash, stopped on demand."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.accounts.models import User
from crm.clock import utc_now
from crm.database import db, transaction
from crm.firms.models import Firm
from crm.imports import use_cases
from crm.imports.models import ImportBatch
from crm.imports.use_cases import performing

pytestmark = pytest.mark.both_databases


@pytest.fixture
def waiting(app, cast, monkeypatch):
    """A list handed to the worker, which has not answered yet: a message was lost."""
    monkeypatch.setattr("crm.imports.use_cases.batches.IN_WORKER_ABOVE", 3)
    lines = ["企业名称,所在区县", *(f"演示长名单{n}有限公司,柯桥区" for n in range(6))]
    data = "\n".join(lines).encode()
    batch = use_cases.receive(cast.city, "firms", "长名单.csv", io.BytesIO(data))
    return use_cases.check_batch(cast.city, batch.id)


def again(batch):
    return db.session.get_one(ImportBatch, batch.id, populate_existing=True)


def count():
    return db.session.scalar(sa.select(sa.func.count()).select_from(Firm))


def leave(batch, **values):
    with transaction():
        db.session.execute(sa.update(ImportBatch).where(ImportBatch.id == batch.id).values(**values))


def test_the_sweep_checks_and_writes_what_a_lost_message_left(waiting, cast):
    assert waiting.state == "checking"
    assert use_cases.sweep() == 1
    assert again(waiting).state == "checked" and again(waiting).counts["new"] == 6
    assert count() == 0
    assert use_cases.apply_batch(cast.city, waiting.id).state == "applying"
    assert use_cases.sweep() == 1
    assert again(waiting).state == "applied" and count() == 6
    assert use_cases.sweep() == 0


def test_what_somebody_works_on_is_left_alone_until_the_lease_ends(waiting):
    leave(waiting, lease_until=utc_now() + timedelta(minutes=1), attempt=1)
    assert not use_cases.work_on(waiting.id)
    leave(waiting, lease_until=utc_now() - timedelta(seconds=1))
    assert use_cases.work_on(waiting.id)
    assert again(waiting).state == "checked"


def test_a_worker_thought_dead_writes_nothing_any_more(waiting, cast):
    use_cases.sweep()
    use_cases.apply_batch(cast.city, waiting.id)
    leave(waiting, attempt=7)
    performing.perform(cast.city, waiting.id, 6)
    assert count() == 0 and again(waiting).state == "applying"


def test_a_stop_is_heard_before_anything_is_written(waiting, cast):
    use_cases.sweep()
    use_cases.apply_batch(cast.city, waiting.id)
    leave(waiting, lease_until=utc_now() + timedelta(minutes=1), attempt=9)
    use_cases.cancel_batch(cast.city, waiting.id)
    assert again(waiting).state == "applying"
    performing.perform(cast.city, waiting.id, 9)
    assert again(waiting).state == "cancelled" and count() == 0


def test_a_stop_is_immediate_where_no_worker_answers(waiting, cast):
    assert use_cases.cancel_batch(cast.city, waiting.id).state == "cancelled"
    assert use_cases.sweep() == 0


def test_the_person_left_meanwhile(waiting, cast):
    with transaction():
        db.session.execute(sa.update(User).where(User.id == cast.city.user_id).values(is_active=False))
    use_cases.sweep()
    assert again(waiting).state == "failed" and again(waiting).error["reason"] == "import_person_gone"


def test_a_list_that_kills_its_worker_is_given_up(waiting):
    leave(waiting, attempt=5)
    use_cases.sweep()
    assert again(waiting).error["reason"] == "import_gave_up"
