"""People: rights change, sessions end, passwords follow the policy."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm.accounts import use_cases
from crm.accounts.models import User
from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import ChangedMeanwhileError, NotAllowedError, NotFoundError, RefusedError
from tests.factories.people import Cast


def _change(actor, user, **values):
    kept = {
        "version": user.version,
        "display_name": user.display_name,
        "role": user.role,
        "territory_code": user.territory.code,
        "email": user.email,
        "is_active": user.is_active,
    }
    return use_cases.change_user(actor, user.id, **{**kept, **values})


def _user(name):
    return db.session.scalar(sa.select(User).where(User.name == name))


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "values",
    [{"is_active": False}, {"role": "viewer"}, {"territory_code": "330681"}],
    ids=["deactivated", "role", "territory"],
)
def test_a_change_of_rights_ends_the_sessions_at_the_next_click(app, cast, sign_in, values):
    client = sign_in(cast.officer)
    assert client.get("/account").status_code == 200
    _change(cast.administrator, _user("officer"), **values)
    assert client.get("/account").status_code == 302


def test_a_password_change_ends_every_other_session(app, cast, sign_in):
    here, there = sign_in(cast.officer), sign_in(cast.officer)
    data = {"old_password": Cast.PASSWORD, "password": "another long one", "again": "another long one"}
    assert here.post("/account/password", data=data).status_code == 303
    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 302


def test_an_officer_may_not_touch_people(app, cast):
    with pytest.raises(NotAllowedError):
        _change(cast.officer, _user("colleague"), display_name="x")


def test_an_administrator_of_a_county_finds_no_one_elsewhere(app, cast):
    from dataclasses import replace

    there = _user("stranger")
    local = replace(
        cast.administrator, territory_id=cast.officer.territory_id, territory_path=cast.officer.territory_path
    )
    with pytest.raises(NotFoundError):
        _change(local, there, display_name="x")


def test_the_second_of_two_editors_is_told(app, cast):
    user = _user("officer")
    first = user.version
    _change(cast.administrator, user, display_name="新名")
    with pytest.raises(ChangedMeanwhileError):
        _change(cast.administrator, user, version=first, display_name="别名")


def test_an_administrator_cannot_lock_himself_out(app, cast):
    with pytest.raises(RefusedError, match="user_self"):
        _change(cast.administrator, _user("administrator"), is_active=False)


def test_a_change_leaves_before_and_after(app, cast):
    _change(cast.administrator, _user("officer"), email="new@example.test")
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.before, entry.after) == (
        "user.update",
        {"email": "officer@example.test"},
        {"email": "new@example.test"},
    )


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "password_short"),
        ("officer-officer", "password_guessable"),
        ("1234567890", "password_guessable"),
    ],
)
def test_a_weak_password_is_refused(app, cast, password, reason):
    with pytest.raises(RefusedError, match=reason):
        use_cases.change_own_password(cast.officer, Cast.PASSWORD, password, policy="asvs")


def test_dengbao_wants_three_kinds_of_characters(app, cast):
    with pytest.raises(RefusedError, match="password_simple"):
        use_cases.change_own_password(cast.officer, Cast.PASSWORD, "onlylowercaseletters", policy="dengbao3")


def test_demo_sign_ins_are_refused_off_this_machine(app, cast):
    user = _user("officer")
    user.is_demo = True
    db.session.commit()
    with pytest.raises(RefusedError, match="sign_in_demo_refused"):
        use_cases.sign_in("officer", Cast.PASSWORD, source="10.0.0.9", user_agent="", demo_allowed=False)
