"""One record of each kind, all of one firm of 柯桥区; for tests that try every address."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from werkzeug.routing import Rule

from crm.accounts.queries import system_actor
from crm.activities.use_cases import ActivityInput, log_activity
from crm.clock import today, utc_now
from crm.database import db, transaction
from crm.deadlines.models import Deadline
from crm.exports import use_cases as exports
from crm.firms.use_cases import add_contact
from crm.imports import files as imported_files
from crm.imports.models import ImportBatch
from crm.mail.outbox import list_mails
from crm.reminders.models import Delivery, Reminder, ReminderPolicy
from crm.reminders.use_cases import dispatch
from crm.support_plans.use_cases import start_plan
from crm.territories.models import ReportingUnit
from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.factories.support_plans import make_plan


@dataclass(frozen=True)
class Everything:
    """Ids by the names that addresses give them."""

    firm_id: int
    contact_id: int
    certification_id: int
    deadline_id: int
    plan_id: int
    measure_id: int
    goal_id: int
    version_no: int
    activity_id: int
    import_id: int
    submission_id: int
    reminder_id: int
    delivery_id: int
    mail_id: str
    policy_id: int
    user_id: int
    territory_id: int
    unit_id: int
    profile: str = "hnte_holders"


# Addresses that give a thing another name.
OTHER_NAMES = {
    "batch_id": "import_id",
    "other_id": "submission_id",
    "earlier_id": "submission_id",
    "profile_name": "profile",
    "name": "profile",
}


def make_everything(cast: Cast) -> Everything:
    """The records, made by the officer of 柯桥区; a certificate ends in a week, so that reminders are due."""
    day = today()
    firm = make_firm(cast.officer, owner_id=cast.officer.user_id)
    contact = add_contact(
        cast.officer, firm.id, name="演示联系人", phone="0575-00000000", email="contact@example.test"
    )
    ends = day + timedelta(days=7)
    certification = make_certification(
        cast.officer, firm.id, granted_on=ends.replace(year=ends.year - 3, day=min(ends.day, 28)), today=day,
        valid_to=ends,
    )  # fmt: skip
    plan = make_plan(cast.officer, firm.id, "approved", chief=cast.chief)
    start_plan(cast.officer, plan.id)
    activity = log_activity(
        cast.officer, firm.id, ActivityInput("visit", day, "走访企业", next_step="回访", next_step_due=day)
    )
    dispatch(system_actor("test"), day)
    # Two, so that there is an earlier one to compare with.
    for purpose in ("测试报送一", "测试报送二"):
        submission = exports.write(cast.officer, "hnte_holders", day, purpose=purpose).submission
    deadline_id = _first(
        sa.select(Deadline.id).where(Deadline.firm_id == firm.id, Deadline.kind == "certificate_expiry")
    )
    mailed = Reminder.delivery_id.is_not(None)
    return Everything(
        firm_id=firm.id,
        contact_id=contact.id,
        certification_id=certification.id,
        deadline_id=deadline_id,
        plan_id=plan.id,
        measure_id=plan.measures[0].id,
        goal_id=plan.goals[0].id,
        version_no=1,
        activity_id=activity.id,
        import_id=_import_batch(cast),
        submission_id=submission.id,
        reminder_id=_first(sa.select(Reminder.id).where(Reminder.deadline_id == deadline_id, mailed)),
        delivery_id=_first(sa.select(Delivery.id)),
        mail_id=list_mails(current_app.config["CRM"].outbox_dir, 1, None)[0].id,
        policy_id=_first(sa.select(ReminderPolicy.id)),
        user_id=cast.colleague.user_id or 0,
        territory_id=cast.officer.territory_id,
        unit_id=_first(sa.select(ReportingUnit.id)),
    )


def _import_batch(cast: Cast) -> int:
    stored = imported_files.store(io.BytesIO("企业名称\n演示名单有限公司\n".encode()))
    batch = ImportBatch(
        kind="firms",
        state="checked",
        filename="演示名单.csv",
        stored_name=stored.name,
        sha256=stored.sha256,
        territory_id=cast.officer.territory_id,
        created_by=cast.officer.user_id,
        created_at=utc_now(),
        options={},
        counts={"rows": 0, "new": 0, "changed": 0, "same": 0, "refused": 0, "warnings": 0},
        problems=[],
    )
    with transaction():
        db.session.add(batch)
        db.session.flush()
    return batch.id


def _first(statement: sa.Select[tuple[int]]) -> int:
    found = db.session.scalars(statement.limit(1)).first()
    assert found is not None, statement
    return found


def values_for(rule: Rule, everything: Everything) -> dict[str, object]:
    """A value for each argument of the address.

    Raises LookupError for a name that Everything does not know: a new kind of record wants its line here.
    """
    known = {field.name: getattr(everything, field.name) for field in fields(everything)}
    values: dict[str, object] = {}
    for argument in rule.arguments:
        name = OTHER_NAMES.get(argument, argument)
        if name not in known:
            raise LookupError(f"{rule.rule}: tests/factories/everything.py has no value for <{argument}>")
        values[argument] = known[name]
    return values
