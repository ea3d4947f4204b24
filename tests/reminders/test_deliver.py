"""A mail goes out once, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crm.accounts.models import User
from crm.accounts.queries import system_actor
from crm.clock import utc_now
from crm.database import db
from crm.deadlines.models import Deadline
from crm.firms.models import Contact, Firm
from crm.mail.delivery import DeliveryError
from crm.reminders.models import Delivery, DeliveryAttempt, MailChannel, Reminder
from crm.reminders.use_cases import claim, deliver_due, deliver_next, plan_day, release, sweep_lost
from crm.reminders.use_cases.retry import wait_after
from crm.reminders.worker_name import is_surely_dead, this_worker
from tests.factories.people import Cast
from tests.factories.reminders import (
    DAY,
    FakeRelay,
    change,
    deliveries,
    delivery,
    make_deadline,
    reminders,
    user_key,
)

pytestmark = pytest.mark.both_databases
Run = Callable[..., list[str]]

LATER = DeliveryError("rcpt", False, False, 451, "4.3.0 Try again later")
NOBODY = DeliveryError("rcpt", True, False, 550, "5.1.1 No such user")
NO_LOGIN = DeliveryError("login", False, True, 535, "5.7.8 Authentication failed")
NO_ANSWER = DeliveryError("data", False, False, None, "timed out")


def test_a_mail_is_sent_once_and_a_second_run_finds_nothing(cast: Cast, relay: FakeRelay, run: Run) -> None:
    make_deadline(DAY, owner=cast.officer)

    assert run() == ["sent"]
    assert run() == []
    assert len(relay.mails) == 1
    sent = delivery()
    assert (sent.state, sent.phase, sent.attempts, sent.queue_text) == (
        "sent",
        "done",
        1,
        "2.0.0 Ok: queued as 1",
    )
    assert relay.mails[0]["Message-ID"] == sent.message_id
    assert [r.state for r in reminders()] == ["sent"]


def test_the_attempt_and_the_phase_stand_in_the_database_before_the_final_dot(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)
    seen: list[tuple[str, str, str | None]] = []

    def look() -> None:
        assert not db.session().in_transaction()
        with db.engine.connect() as other:
            row = other.execute(
                sa.select(Delivery.state, Delivery.phase, DeliveryAttempt.outcome).join(
                    DeliveryAttempt, DeliveryAttempt.delivery_id == Delivery.id
                )
            ).one()
            seen.append((row[0], row[1], row[2]))

    relay.at_data = look
    run()

    assert seen == [("claimed", "data", None)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "done"}, "deadline_done"),
        ({"state": "closed", "reason": "source_ended"}, "deadline_closed"),
        ({"due_on": DAY + timedelta(days=400)}, "deadline_moved"),
    ],
)
def test_what_changed_between_plan_and_delivery_is_not_said(
    cast: Cast, relay: FakeRelay, run: Run, changes: dict[str, object], reason: str
) -> None:
    deadline = make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(Deadline, deadline.id, **changes)

    assert run(plan=False) == ["suppressed"]
    assert relay.mails == []
    assert [(r.state, r.reason) for r in reminders()] == [("suppressed", reason)]


def test_an_owner_deactivated_on_the_day_gets_nothing_and_the_lead_does(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.colleague)
    plan_day(system_actor("test"), DAY)
    change(User, cast.colleague.user_id, is_active=False)

    assert run(plan=False) == ["suppressed"]
    assert run() == ["sent"]
    assert relay.to() == ["officer@example.test"]


def test_an_archived_firm_is_not_spoken_of(cast: Cast, relay: FakeRelay, run: Run) -> None:
    deadline = make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(Firm, deadline.firm_id, is_archived=True)

    assert run(plan=False) == ["suppressed"]
    assert reminders()[0].reason == "firm_archived"


def test_one_refused_and_one_busy_address_stop_nobody(cast: Cast, relay: FakeRelay, run: Run) -> None:
    due_on = DAY + timedelta(days=30)
    for name in ("bad", "busy", "good"):
        make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact=f"{name}@firm.test")
    relay.answers = {"bad@firm.test": NOBODY, "busy@firm.test": LATER}

    assert sorted(run()) == ["deferred", "refused", "sent", "sent"]
    by_address = {d.address: d for d in deliveries()}
    assert by_address["bad@firm.test"].reason == "550 5.1.1 No such user"
    busy = by_address["busy@firm.test"]
    assert timedelta(seconds=50) < busy.next_at - utc_now() <= timedelta(minutes=1)
    problems = dict(db.session.execute(sa.select(Contact.email, Contact.email_problem)).all())
    assert problems["bad@firm.test"] == "bounced"
    assert problems["busy@firm.test"] is None


def test_a_deferred_mail_goes_out_later_with_the_same_message_id(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": LATER}
    run()
    before = delivery().message_id
    relay.answers = {}

    assert run(plan=False) == []
    change(Delivery, delivery().id, next_at=utc_now())
    assert run(plan=False) == ["sent"]
    assert relay.mails[0]["Message-ID"] == before
    assert delivery().attempts == 2


def test_after_twelve_attempts_a_person_is_asked(cast: Cast, relay: FakeRelay, run: Run) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": LATER}
    outcomes = run()
    for _ in range(11):
        change(Delivery, delivery().id, next_at=utc_now())
        outcomes += run(plan=False)

    assert outcomes == ["deferred"] * 11 + ["refused"]
    assert reminders()[0].state == "refused"


def test_waiting_grows_to_two_hours() -> None:
    assert [wait_after(n).total_seconds() / 60 for n in range(1, 8)] == [1, 5, 15, 30, 60, 120, 120]


def test_a_login_refused_pauses_the_channel_and_spends_no_attempt(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": NO_LOGIN}

    assert run() == ["paused"]
    assert (delivery().state, delivery().attempts) == ("planned", 0)
    channel = db.session.get_one(MailChannel, 1, populate_existing=True)
    assert channel.paused_until and channel.pause_reason == "535 5.7.8 Authentication failed"
    relay.answers = {}
    assert run(plan=False) == []
    change(MailChannel, 1, paused_until=None)
    assert run(plan=False) == ["sent"]


def test_no_answer_after_the_final_dot_sends_again_and_says_so(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": NO_ANSWER}
    assert run() == ["deferred"]
    relay.answers = {}
    change(Delivery, delivery().id, next_at=utc_now())

    assert run(plan=False) == ["sent"]
    (mail,) = relay.mails
    assert mail["X-Possible-Repeat"] == "yes"
    assert "可能已送达过一次" in mail.get_body(("plain",)).get_content()
    outcomes = db.session.scalars(sa.select(DeliveryAttempt.outcome).order_by(DeliveryAttempt.attempt)).all()
    assert outcomes == ["in_doubt", "sent"]


def test_no_answer_after_the_final_dot_may_be_held_for_a_person(
    app: Flask, cast: Cast, relay: FakeRelay, run: Run
) -> None:
    app.config["CRM"] = replace(app.config["CRM"], in_doubt_policy="hold")
    make_deadline(DAY, owner=cast.officer)
    relay.answers = {"*": NO_ANSWER}

    assert run() == ["in_doubt"]
    assert delivery().state == "in_doubt"
    assert run() == []


@pytest.mark.parametrize(("phase", "is_repeat"), [("none", False), ("connect", False), ("data", True)])
def test_a_claim_whose_lease_is_over_is_due_again(
    cast: Cast, relay: FakeRelay, run: Run, phase: str, is_repeat: bool
) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    (held,) = claim(None, 1, "elsewhere|1|1|1")
    change(Delivery, held.delivery_id, phase=phase)

    assert sweep_lost() == 0
    assert sweep_lost(utc_now() + timedelta(seconds=901)) == 1
    change(Delivery, held.delivery_id, next_at=utc_now())
    run(plan=False)
    assert len(relay.mails) == 1
    assert delivery().is_repeat is is_repeat


def test_a_worker_that_slept_through_its_lease_changes_nothing(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    make_deadline(DAY, owner=cast.officer)

    def sleep_through_the_lease() -> None:
        relay.at_data = lambda: None
        change(Delivery, delivery().id, phase="connect")
        sweep_lost(utc_now() + timedelta(seconds=901))
        change(Delivery, delivery().id, next_at=utc_now())
        assert deliver_next(relay, "other|1|1|1", DAY) == (delivery().id, "sent")

    relay.at_data = sleep_through_the_lease

    assert run() == ["lost"]
    assert (delivery().state, delivery().attempts) == ("sent", 2)


def test_two_workers_never_claim_the_same_mail(cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)

    assert len(claim(None, 5, "a")) == 1
    assert claim(None, 5, "b") == []


def test_only_a_process_of_this_machine_that_is_gone_counts_as_dead() -> None:
    here = this_worker()
    host, namespace, _, _ = here.split("|")
    assert not is_surely_dead(here)
    assert is_surely_dead(f"{host}|{namespace}|999999999|1")
    assert not is_surely_dead(f"elsewhere|{namespace}|999999999|1")
    assert not is_surely_dead(None)


def test_the_pace_makes_workers_wait_their_turn(app: Flask, cast: Cast) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mails_per_minute=6)
    for owner in (cast.officer, cast.colleague, cast.city):
        make_deadline(DAY, owner=owner)
    plan_day(system_actor("test"), DAY)
    now = utc_now()

    waits = [claim(now, 1, "a", paced=True)[0].wait_seconds for _ in range(3)]

    # ten seconds' worth, one mail of six a minute, goes at once
    assert [round(wait) for wait in waits] == [0, 0, 10]


def test_a_copy_on_another_machine_mails_nobody_until_released(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mail_url="smtp://127.0.0.1:9")
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(MailChannel, 1, released_for="production")

    run = deliver_due(system_actor("test"), today=DAY)
    assert (run.is_released, run.outcomes) == (False, {})

    release(system_actor("test"))
    assert deliver_due(system_actor("test"), today=DAY).is_released
    assert db.session.get_one(MailChannel, 1, populate_existing=True).released_for.startswith("production ")


def test_the_outbox_is_exempt_and_the_first_sender_releases_itself(app: Flask, cast: Cast) -> None:
    make_deadline(DAY, owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    change(MailChannel, 1, released_for="production")

    assert deliver_due(system_actor("test"), today=DAY).counts() == {"sent": 1}

    change(MailChannel, 1, released_for=None)
    app.config["CRM"] = replace(app.config["CRM"], mail_url="smtp://127.0.0.1:9")
    assert deliver_due(system_actor("test"), today=DAY).is_released


def test_one_bad_row_says_why_and_stops_nobody(cast: Cast, relay: FakeRelay, run: Run) -> None:
    due_on = DAY + timedelta(days=30)
    bad = make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="bad@firm.test")
    make_deadline(due_on, kind="certificate_expiry", owner=cast.officer, contact="good@firm.test")
    change(Firm, bad.firm_id, name="演示\x07企业")

    assert sorted(run()) == ["refused", "sent", "sent"]
    assert [d.reason for d in deliveries() if d.state == "refused"] == ["header_line_break"]


def test_after_an_outage_one_mail_holds_what_was_left_without_older_stages(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    moving = make_deadline(DAY + timedelta(days=7), owner=cast.officer)
    plan_day(system_actor("test"), DAY)
    make_deadline(DAY + timedelta(days=8), owner=cast.officer)
    plan_day(system_actor("test"), DAY + timedelta(days=1))
    later = DAY + timedelta(days=7)

    assert run(later) == ["sent"]
    (mail,) = relay.mails
    text = mail.get_body(("plain",)).get_content()
    assert "补发" in text
    told = [
        (r.deadline_id, r.lead_days, r.state, r.reason) for r in reminders() if r.deadline_id == moving.id
    ]
    assert told == [(moving.id, 7, "suppressed", "newer_stage"), (moving.id, 0, "sent", None)]


def test_test_mode_sends_to_one_mailbox_and_names_the_intended(
    app: Flask, cast: Cast, relay: FakeRelay, run: Run
) -> None:
    app.config["CRM"] = replace(app.config["CRM"], mail_only_to="test@example.test")
    make_deadline(DAY, owner=cast.officer)
    run()

    assert relay.to() == ["test@example.test"]
    assert "officer@example.test" in relay.mails[0].get_body(("plain",)).get_content()


def test_a_digest_lists_two_hundred_lines_and_links_to_the_rest(
    cast: Cast, relay: FakeRelay, run: Run
) -> None:
    first = make_deadline(DAY, owner=cast.officer)
    firm = db.session.get_one(Firm, first.firm_id)
    for _ in range(204):
        make_deadline(DAY, firm=firm)
    run()

    text = relay.mails[0].get_body(("plain",)).get_content()
    assert text.count(f"/firms/{firm.id}/deadlines") == 200
    assert "另有 5 项未列出" in text
    assert user_key(cast.officer) == delivery().recipient
    assert db.session.scalar(sa.select(sa.func.count()).where(Reminder.state == "sent")) == 205
