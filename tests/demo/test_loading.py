"""Loading demo data: everything through the use cases, once, and never beside real firms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
import sqlalchemy as sa

from crm.accounts import passwords
from crm.accounts.demo_people import DEMO_PASSWORD, PEOPLE, demo_sign_ins
from crm.accounts.models import User
from crm.accounts.queries import system_actor
from crm.activities.models import Activity
from crm.audit.models import AuditEntry
from crm.audit.use_cases import verify
from crm.clock import today
from crm.database import db
from crm.deadlines.models import Deadline
from crm.demo.loading import load
from crm.demo.queries import is_loaded
from crm.domain.access import Role
from crm.domain.errors import NotAllowedError, RefusedError
from crm.domain.support_plan import PLAN_STATES
from crm.exports.models import Submission
from crm.firms import tallies
from crm.firms.models import Firm
from crm.imports.models import ImportBatch
from crm.support_plans.models import SupportPlan
from crm.territories.queries import tree
from tests.factories.firms import make_firm

FEW = 70


_hashed_once = cache(passwords.hash_password)


@pytest.fixture(autouse=True)
def hashed_once(monkeypatch):
    """One password for all: its slow hash is computed once a run, not for each person of each test."""
    monkeypatch.setattr("crm.accounts.use_cases.hash_password", _hashed_once)


@pytest.fixture
def loaded(app):
    return load(system_actor("test"), firms=FEW, day=today())


def distinct(column):
    return set(db.session.scalars(sa.select(column).distinct()))


@pytest.mark.both_databases
def test_every_screen_has_something_to_show(loaded):
    assert loaded.firms == db.session.scalar(sa.select(sa.func.count()).select_from(Firm)) == FEW
    assert distinct(Firm.is_demo) == {True}
    assert distinct(Firm.rung) == {0, 1, 2, 3}
    assert {tree().name(i) for i in distinct(Firm.district_id)} == {n.name for n in tree().counties()}
    assert distinct(SupportPlan.state) == set(PLAN_STATES)
    assert {"open", "done", "waived"} <= distinct(Deadline.state)
    assert db.session.scalar(sa.select(sa.func.count()).where(Activity.next_step_done_on.is_not(None)))
    assert loaded.certifications > FEW
    assert loaded.submissions == db.session.scalar(sa.select(sa.func.count()).select_from(Submission)) == 3
    lists = db.session.scalars(sa.select(ImportBatch)).all()
    assert [(batch.state, batch.counts["refused"]) for batch in lists] == [("applied", 2)] * 2
    assert tallies.mend() == 0


@pytest.mark.both_databases
def test_the_trail_is_whole_and_names_those_who_acted(loaded):
    assert verify().ok
    by = dict(
        db.session.execute(
            sa.select(AuditEntry.action, sa.func.min(AuditEntry.actor_name)).group_by(AuditEntry.action)
        ).all()
    )
    assert by["firm.create"].startswith("demo-county")
    assert by["support_plan.approve"].startswith("demo-chief")
    assert by["territory.lead"] == "demo-admin"


def test_there_is_one_demo_person_for_each_role(loaded):
    assert {person.role for person in demo_sign_ins()} == set(Role)
    people = db.session.scalars(sa.select(User).where(User.is_demo)).all()
    assert len(people) == len(PEOPLE) == loaded.people
    assert all(person.email and person.email.endswith(".test") for person in people)
    assert all(node.lead_user_id for node in tree().counties())


def test_a_demo_person_signs_in_and_is_told_what_is_invented(app, loaded):
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": "demo-county", "password": DEMO_PASSWORD})
    assert answer.status_code == 303
    assert "演示数据" in client.get("/").get_data(as_text=True)


def test_loading_again_adds_nothing(app, loaded):
    again = load(system_actor("test"), firms=FEW, day=today())
    assert again.already_there and again.firms == again.people == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Firm)) == FEW


def test_real_firms_keep_it_out(cast):
    make_firm(cast.officer, name="绍兴某某有限公司")
    with pytest.raises(RefusedError, match="demo_beside_real_firms"):
        load(system_actor("test"), firms=FEW, day=today())
    assert not is_loaded()


def test_a_database_of_production_keeps_it_out(app):
    app.config["CRM"] = replace(app.config["CRM"], embedded=False)
    with pytest.raises(RefusedError, match="demo_in_production"):
        load(system_actor("test"), firms=FEW, day=today())
    assert load(system_actor("test"), firms=FEW, day=today(), outside_embedded=True).firms == FEW
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": "demo-county", "password": DEMO_PASSWORD})
    assert answer.status_code != 303


def test_only_who_keeps_the_machine_may_load(cast):
    with pytest.raises(NotAllowedError):
        load(cast.officer, firms=FEW, day=today())


def test_a_number_out_of_bounds_is_refused(app):
    with pytest.raises(RefusedError, match="demo_firm_count"):
        load(system_actor("test"), firms=3, day=today())


def test_a_load_that_breaks_leaves_nothing(app, monkeypatch):
    from crm.demo import loading

    def broken(*_args):
        raise OSError("disk full")

    monkeypatch.setattr(loading, "make_plans", broken)
    with pytest.raises(OSError):
        load(system_actor("test"), firms=FEW, day=today())
    assert not is_loaded()


def test_the_day_may_lie_ahead(app):
    counts = load(system_actor("test"), firms=FEW, day=date(today().year + 1, 2, 9))
    assert counts.firms == FEW


def test_the_command_prints_one_document(app):
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["demo", "load", "--firms", str(FEW), "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["firms"] == FEW
    again = runner.invoke(args=["demo", "load", "--firms", str(FEW), "--json"])
    assert again.exit_code == 0
    assert json.loads(again.stdout)["firms"] == 0


def test_the_command_refuses_in_one_line(app, cast):
    make_firm(cast.officer, name="绍兴某某有限公司")
    answer = app.test_cli_runner().invoke(args=["demo", "load", "--json"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1
