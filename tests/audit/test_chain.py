"""The chain: an edit, a gap, a removal, a cut tail and a change of order are found, on both databases."""

from __future__ import annotations

import re
import threading

import pytest
import sqlalchemy as sa

from crm.audit import labels, use_cases
from crm.audit.models import AuditEntry, AuditSeal
from crm.database import db, transaction
from crm.settings import ROOT
from tests.factories.firms import make_firm

pytestmark = pytest.mark.both_databases


@pytest.fixture
def trail(app, cast):
    for number in range(4):
        make_firm(cast.officer, name=f"演示链条{number}有限公司")
    report = use_cases.verify()
    assert report.ok and report.entries >= 4
    return list(db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)))


def _run(statement):
    db.session.execute(statement)
    db.session.commit()


def test_an_edit_is_found_and_named(trail):
    _run(sa.update(AuditEntry).where(AuditEntry.id == trail[1]).values(actor_name="someone else"))
    report = use_cases.verify()
    assert (report.ok, report.first_bad) == (False, trail[1])


def test_a_changed_value_before_or_after_is_found(trail):
    _run(sa.update(AuditEntry).where(AuditEntry.id == trail[2]).values(after={"name": "改过"}))
    assert use_cases.verify().first_bad == trail[2]


def test_a_removal_is_found(trail):
    _run(sa.delete(AuditEntry).where(AuditEntry.id == trail[1]))
    assert use_cases.verify().first_bad == trail[1]


def test_a_removal_with_its_seal_leaves_a_gap(trail):
    _run(sa.delete(AuditSeal).where(AuditSeal.entry_id == trail[1]))
    _run(sa.delete(AuditEntry).where(AuditEntry.id == trail[1]))
    assert not use_cases.verify().ok


def test_a_cut_tail_is_found_by_the_head(trail):
    _run(sa.delete(AuditSeal).where(AuditSeal.entry_id == trail[-1]))
    _run(sa.delete(AuditEntry).where(AuditEntry.id == trail[-1]))
    assert not use_cases.verify().ok


def test_a_change_of_order_is_found(trail):
    first, second = trail[0], trail[1]
    for old, new in ((first, -1), (second, first), (-1, second)):
        _run(sa.update(AuditSeal).where(AuditSeal.entry_id == old).values(entry_id=new))
    assert not use_cases.verify().ok


def test_an_entry_stands_in_the_transaction_of_its_change(app, cast):
    before = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    with pytest.raises(ZeroDivisionError), transaction():
        make_firm(cast.officer, name="演示回滚有限公司")
        1 / 0  # noqa: B018
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == before


def test_two_writers_do_not_wait_for_each_other_s_entries(app, cast):
    """One has written its entry and is not done yet; the other writes, commits and seals meanwhile."""
    if db.engine.dialect.name == "sqlite":
        return  # SQLite has one writer at a time; what matters there is that the wait is short
    done = threading.Event()

    def other() -> None:
        with app.app_context():
            make_firm(cast.stranger, name="演示并行有限公司", district="330681")
            db.session.remove()
        done.set()

    with transaction():
        make_firm(cast.officer, name="演示慢写有限公司")
        thread = threading.Thread(target=other)
        thread.start()
        finished_meanwhile = done.wait(10)
    thread.join()
    assert finished_meanwhile
    report = use_cases.verify()
    assert report.ok
    sealed = db.session.scalar(sa.select(sa.func.count()).select_from(AuditSeal))
    assert report.entries == sealed


def test_entries_written_during_the_walk_are_no_fault(trail, app, cast, monkeypatch):
    """Somebody writes between the sealing and the walk, and again between its statements."""
    write = use_cases._outside
    sealed = use_cases.seal()

    def write_now(*_: object) -> int:
        with app.app_context():
            make_firm(cast.officer)
            db.session.remove()
        return sealed

    monkeypatch.setattr(use_cases, "seal", write_now)
    monkeypatch.setattr(use_cases, "_seal_now", lambda: None)
    monkeypatch.setattr(use_cases, "_outside", lambda: write())
    assert use_cases.verify().ok


def test_an_old_entry_without_seal_is_found(trail, monkeypatch):
    _run(sa.text("DELETE FROM audit_seals"))
    _run(sa.text("UPDATE audit_head SET seal_no = 0, hash = ''"))
    monkeypatch.setattr(use_cases, "_sealed_floor", lambda: trail[-1])
    report = use_cases.verify()
    assert (report.ok, report.first_bad, report.fault) == (False, trail[0], "outside")


def test_the_nightly_walk_leaves_its_fault_where_the_administrator_looks(trail):
    from crm.audit import queries
    from crm.audit.tasks import verify_chain

    verify_chain()
    db.session.rollback()  # the task had a session of its own
    assert queries.nightly_run().error is None
    _run(sa.update(AuditEntry).where(AuditEntry.id == trail[1]).values(actor_name="someone else"))
    with pytest.raises(use_cases.ChainBrokenError):
        verify_chain()
    db.session.rollback()
    assert f"entry {trail[1]} was changed" in queries.nightly_run().error


def test_every_action_in_the_code_has_its_words():
    pattern = re.compile(
        r'"((?:account|activity|certification|contact|deadline|export|firm|import|reminder|reporting_unit'
        r'|support_plan|territory|user)\.[a-z_]+)"'
    )
    used = {
        action
        for path in (ROOT / "crm").rglob("*.py")
        if path.parent.name != "audit"
        for action in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert used - labels.ACTIONS.keys() == set()
