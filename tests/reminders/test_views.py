"""Pages of reminders: within the territory, for the role, at a fixed cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.accounts.queries import system_actor
from crm.audit.models import AuditEntry
from crm.clock import today
from crm.database import db
from crm.mail.delivery import DeliveryError
from crm.reminders.day_view import preview_for_day
from crm.reminders.models import Delivery, ReminderPolicy
from crm.reminders.queries import mails
from crm.reminders.use_cases import deliver_due, plan_day
from tests.factories.people import Cast
from tests.factories.reminders import (
    DAY,
    FakeRelay,
    change,
    delivery,
    make_deadline,
    reminders,
    user_key,
)
from tests.statements import count_statements

Run = Callable[..., list[str]]
NOBODY = DeliveryError("rcpt", True, False, 550, "5.1.1 No such user")


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.get_data(as_text=True)


@pytest.mark.both_databases
def test_the_day_shows_who_will_hear_what_and_writes_nothing(cast: Cast, sign_in) -> None:
    deadline = make_deadline(today() + timedelta(days=30), kind="certificate_expiry", owner=cast.officer)
    client = sign_in("officer")

    text = page(client, f"/reminders?day={today()}")

    assert "officer" in text and deadline.firm.name in text
    assert reminders() == []


def test_the_next_days_stage_is_shown_before_it_happens(cast: Cast) -> None:
    make_deadline(DAY + timedelta(days=8), owner=cast.officer)

    assert preview_for_day(cast.officer, DAY, DAY).mails == 0
    tomorrow = preview_for_day(cast.officer, DAY + timedelta(days=1), DAY)
    assert [(row.key, row.count, row.late) for row in tomorrow.digests] == [(user_key(cast.officer), 1, 0)]


def test_what_was_found_after_todays_digest_is_shown_for_the_next_day(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)
    run()
    make_deadline(DAY + timedelta(days=2), owner=cast.officer)

    assert [row.count for row in preview_for_day(cast.officer, DAY + timedelta(days=1), DAY).digests] == [1]
    assert preview_for_day(cast.officer, DAY + timedelta(days=2), DAY).digests[0].late == 0


@pytest.mark.both_databases
def test_a_mail_is_seen_by_those_whose_territory_holds_all_its_firms(
    cast: Cast, relay: FakeRelay, run: Run, sign_in
) -> None:
    make_deadline(DAY, owner=cast.officer)
    run()
    address = f"/reminders/mails/{delivery().id}"

    for name in ("officer", "colleague", "city", "viewer"):
        assert sign_in(name).get(address).status_code == 200, name
    for path in (address, f"{address}/html"):
        assert sign_in("stranger").get(path).status_code == 404
    assert sign_in("stranger").post(f"{address}/dismiss", data={"note": "x"}).status_code == 404
    assert mails(cast.stranger) == []


def test_the_mail_is_shown_as_sent_in_a_frame_that_runs_nothing(
    cast: Cast, relay: FakeRelay, run: Run, sign_in
) -> None:
    make_deadline(DAY, owner=cast.officer)
    run()
    client = sign_in("officer")
    address = f"/reminders/mails/{delivery().id}"

    assert delivery().message_id.strip("<>") in page(client, address)
    frame = client.get(f"{address}/html")
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "script-src" not in frame.headers["Content-Security-Policy"]
    assert "您好" in frame.get_data(as_text=True)


def test_a_contacts_address_is_masked(cast: Cast, relay: FakeRelay, run: Run, sign_in) -> None:
    due_on = DAY + timedelta(days=30)
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="wangli@firm.test")
    run()

    text = page(sign_in("officer"), "/reminders/sent")
    assert "w***@firm.test" in text
    assert "wangli@firm.test" not in text


def test_a_person_settles_what_was_refused_with_an_audit_entry(
    cast: Cast, relay: FakeRelay, run: Run, sign_in
) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": NOBODY}
    run()
    client = sign_in("officer")
    address = f"/reminders/mails/{delivery().id}"

    assert "550 5.1.1 No such user" in page(client, "/reminders/waiting")
    assert client.post(f"{address}/dismiss", data={"note": " "}).status_code == 303
    assert delivery().state == "refused"
    client.post(f"{address}/dismiss", data={"note": "已电话通知"})
    assert (delivery().state, reminders()[0].state) == ("suppressed", "suppressed")
    actions = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.subject_type == "delivery"))
    assert list(actions) == ["reminder.dismiss"]


def test_sending_again_keeps_the_message_id(cast: Cast, relay: FakeRelay, run: Run, sign_in) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": NOBODY}
    run()
    before = delivery().message_id
    relay.answers = {}
    sign_in("officer").post(f"/reminders/mails/{delivery().id}/resend")

    assert run(plan=False) == ["sent"]
    assert relay.mails[0]["Message-ID"] == before


def test_a_held_mail_waits_for_a_person(cast: Cast, relay: FakeRelay, run: Run, sign_in) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    sign_in("officer").post(f"/reminders/mails/{delivery().id}/hold")

    assert run(plan=False) == []
    assert (delivery().state, delivery().reason) == ("refused", "held")


@pytest.mark.parametrize("name", ["viewer", "auditor", "liaison"])
def test_those_who_only_read_may_not_settle(cast: Cast, sign_in, name: str) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)

    assert sign_in(name).post(f"/reminders/mails/{delivery().id}/resend").status_code == 403


def test_the_outbox_shows_only_mails_of_the_own_territory(app: Flask, cast: Cast, sign_in) -> None:
    due_on = DAY + timedelta(days=30)
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="wangli@firm.test")
    plan_day(system_actor("test"), DAY)
    deliver_due(system_actor("test"), today=DAY)
    (mail_file, _) = sorted(app.config["CRM"].outbox_dir.iterdir())
    own, foreign = sign_in("officer"), sign_in("stranger")

    text = page(own, "/outbox")
    assert "officer@example.test" in text and "w***@firm.test" in text and "wangli@" not in text
    assert "officer@example.test" not in page(foreign, "/outbox")
    for path in (f"/outbox/{mail_file.stem}", f"/outbox/{mail_file.stem}/html"):
        assert own.get(path).status_code == 200
        assert foreign.get(path).status_code == 404
    assert "wangli@" not in page(own, f"/outbox/{mail_file.stem}")
    assert own.get("/outbox/..%2f..%2fcrm.db").status_code == 404


def test_there_is_no_outbox_page_beside_a_relay(app: Flask, cast: Cast, sign_in) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mail_url="smtp://127.0.0.1:9")
    assert sign_in("city").get("/outbox").status_code == 404


def test_a_new_lead_that_would_be_late_for_some_asks_before_it_is_saved(cast: Cast, sign_in) -> None:
    for _ in range(3):
        make_deadline(today() + timedelta(days=50), kind="hnte_annual_report", contact="li@firm.test")
    of_mail = (ReminderPolicy.kind == "hnte_annual_report", ReminderPolicy.channel == "contact_mail")
    policy = db.session.scalars(sa.select(ReminderPolicy).where(*of_mail)).one()
    client, address = sign_in("chief"), f"/reminders/policies/{policy.id}"
    typed = {"leads": "60，55、15 5", "is_active": "y", "version": policy.version}

    asked = client.post(address, data=typed)
    assert asked.status_code == 422
    assert "3 条提醒已经过了应发日" in asked.get_data(as_text=True)
    assert client.post(address, data=typed | {"reach": "from_today"}).status_code == 303
    assert "55" in page(client, "/reminders/policies")


def test_leads_that_make_no_sense_are_refused_beside_the_field(cast: Cast, sign_in) -> None:
    policy = db.session.scalars(sa.select(ReminderPolicy)).first()
    assert policy is not None
    client = sign_in("chief")
    for leads in ("thirty", "", "9999", "7, 7"):
        answer = client.post(
            f"/reminders/policies/{policy.id}",
            data={"leads": leads, "is_active": "y", "version": policy.version},
        )
        assert answer.status_code == 422, leads


def test_only_the_chief_and_the_administrator_change_policies(cast: Cast, sign_in) -> None:
    assert sign_in("city").get("/reminders/policies/1").status_code == 403
    assert sign_in("city").get("/reminders/policies").status_code == 200
    assert sign_in("administrator").get("/reminders/policies/1").status_code == 200


@pytest.mark.parametrize("address", [f"/reminders?day={DAY}", "/reminders/sent", "/reminders/waiting"])
def test_a_page_costs_the_same_statements_for_ten_as_for_two_hundred(
    cast: Cast, sign_in, address: str
) -> None:
    client = sign_in("officer")
    first = make_deadline(DAY + timedelta(days=30), kind="certificate_expiry", contact="li@firm.test")
    plan_day(system_actor("test"), DAY)
    client.get(address)
    with count_statements() as few:
        client.get(address)
    for _ in range(200):
        make_deadline(DAY + timedelta(days=30), kind="certificate_expiry", firm=first.firm)
    plan_day(system_actor("test"), DAY)
    change(Delivery, delivery_ids()[0], state="refused")
    with count_statements() as many:
        client.get(address)

    assert len(many) <= len(few) + 1


def delivery_ids() -> list[int]:
    return list(db.session.scalars(sa.select(Delivery.id).order_by(Delivery.id)))
