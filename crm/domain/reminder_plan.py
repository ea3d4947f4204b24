"""Reminders 提醒: who is to hear of which deadline on a day, as a pure function of rules and calendar.

A policy gives the stages of a deadline (90, 30, 7, 1 days before, 1 after). On a day at most the newest
stage speaks, and it speaks until the next one takes over: so nothing is lost when the service was down,
and nobody gets four mails about one thing when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from crm.domain.deadlines import KINDS
from crm.domain.errors import RefusedError
from crm.domain.strict_yaml import read_file
from crm.domain.working_days import WorkingCalendar

OWNER_DIGEST = "owner_digest"
CONTACT_MAIL = "contact_mail"
CHANNELS = (OWNER_DIGEST, CONTACT_MAIL)
LAST_STAGE_OPEN_DAYS = 30
EARLIEST_LEAD_DAYS, LATEST_LEAD_DAYS = 730, -30

ReminderKey = tuple[int, date, int, str, str]


@dataclass(frozen=True)
class Policy:
    """When one kind of deadline is spoken of by one channel.

    leads: days before the due date, a negative one after it. effective_from: stages that were to be sent
    before that day are not made up for, so a stage added today does not reach back.
    Raises RefusedError: "policy_kind", "policy_channel", "policy_leads_empty", "policy_leads_repeated",
    "policy_lead_range" (lead, earliest, latest).
    """

    id: int | None
    kind: str
    leads: tuple[int, ...]
    channel: str
    effective_from: date

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise RefusedError("kind", "policy_kind", kind=self.kind)
        if self.channel not in CHANNELS:
            raise RefusedError("channel", "policy_channel", channel=self.channel)
        if not self.leads:
            raise RefusedError("leads", "policy_leads_empty")
        if len(set(self.leads)) != len(self.leads):
            raise RefusedError("leads", "policy_leads_repeated")
        for lead in self.leads:
            if not LATEST_LEAD_DAYS <= lead <= EARLIEST_LEAD_DAYS:
                bounds = {"earliest": EARLIEST_LEAD_DAYS, "latest": LATEST_LEAD_DAYS}
                raise RefusedError("leads", "policy_lead_range", lead=lead, **bounds)


@dataclass(frozen=True)
class DueDeadline:
    """A deadline as the plan sees it.

    owner: account that answers for the firm today; contact: the firm's mail address; None reaches nobody.
    state: only "open" ones are spoken of.
    """

    id: int
    kind: str
    due_on: date
    owner: str | None
    contact: str | None
    state: str = "open"


@dataclass(frozen=True)
class PlannedReminder:
    """One reminder to write down before it is sent; late: its day had passed when it was planned."""

    deadline_id: int
    due_on: date
    lead_days: int
    recipient: str
    channel: str
    send_on: date
    late: bool

    @property
    def key(self) -> ReminderKey:
        """The natural key that makes it unique: a moved date or another recipient is another reminder."""
        return self.deadline_id, self.due_on, self.lead_days, self.recipient, self.channel


def plan(
    deadlines: Iterable[DueDeadline],
    policies: Iterable[Policy],
    calendar: WorkingCalendar,
    day: date,
    already: Set[ReminderKey] = frozenset(),
) -> tuple[PlannedReminder, ...]:
    """What is to be planned on a day and is not in `already`, at most one a deadline, recipient and channel.

    Chosen is the newest stage whose send day has come, as long as no later one has, and the last one for
    LAST_STAGE_OPEN_DAYS. Digests are planned on working days only. Policies of the same kind and channel
    add up; a lead in two of them counts from the earlier effective_from.
    The answer is sorted by channel, recipient, due date and deadline.
    """
    stages = _stages_by_kind(policies)
    is_working_day = calendar.is_working_day(day)
    newest: dict[tuple[str, str, date], tuple[int, date] | None] = {}  # cohorts share their due date
    planned: list[PlannedReminder] = []
    for deadline in deadlines:
        if deadline.state != "open":
            continue
        for channel, leads in stages.get(deadline.kind, {}).items():
            recipient = deadline.owner if channel == OWNER_DIGEST else deadline.contact
            if not recipient or (channel == OWNER_DIGEST and not is_working_day):
                continue
            where = (deadline.kind, channel, deadline.due_on)
            if where not in newest:
                newest[where] = _newest_open_stage(deadline.due_on, leads, calendar, day)
            if (stage := newest[where]) is None:
                continue
            lead, send_on = stage
            reminder = PlannedReminder(
                deadline.id, deadline.due_on, lead, recipient, channel, send_on, late=send_on < day
            )
            if reminder.key not in already:
                planned.append(reminder)
    return tuple(sorted(planned, key=lambda r: (r.channel, r.recipient, r.due_on, r.deadline_id)))


def outlook(
    deadlines: Iterable[DueDeadline],
    policies: Iterable[Policy],
    calendar: WorkingCalendar,
    first: date,
    last: date,
    already: Set[ReminderKey] = frozenset(),
) -> Iterator[tuple[date, PlannedReminder]]:
    """Who will hear what from first to last, day by day, if all goes as planned."""
    known, rules, told = tuple(deadlines), tuple(policies), set(already)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for reminder in plan(known, rules, calendar, day, told):
            told.add(reminder.key)
            yield day, reminder


def late_if_reaching_back(
    deadlines: Iterable[DueDeadline],
    policies: Iterable[Policy],
    added: Policy,
    calendar: WorkingCalendar,
    day: date,
    already: Set[ReminderKey] = frozenset(),
) -> tuple[PlannedReminder, ...]:
    """The late reminders that a policy added to those in force would bring at once if it reached back.

    For the administrator who decides whether it should; as it stands, with its effective_from, it does not.
    """
    known, rules = tuple(deadlines), tuple(policies)
    without = {r.key for r in plan(known, (*rules, added), calendar, day, already)}
    reaching_back = replace(added, effective_from=date.min)
    found = plan(known, (*rules, reaching_back), calendar, day, already)
    return tuple(r for r in found if r.late and r.key not in without)


def send_day(due_on: date, lead_days: int, calendar: WorkingCalendar) -> date:
    """The day on which a stage is sent: its calendar day, or else the last working day before it.

    A stage after the due date never slips to a day on which the date had not passed yet: where only
    days off lie between, it goes out on the next working day.
    """
    send_on = calendar.last_working_day(due_on - timedelta(days=lead_days))
    if lead_days < 0 and send_on <= due_on:
        send_on = due_on - timedelta(days=lead_days)
        while not calendar.is_working_day(send_on):
            send_on += timedelta(days=1)
    return send_on


@cache
def default_policies() -> tuple[Policy, ...]:
    """The policies a new installation starts with, from data/reminder_policies.yaml, without ids."""
    return read_policies(Path(__file__).parent / "data" / "reminder_policies.yaml")


def read_policies(path: Path) -> tuple[Policy, ...]:
    """Policies from a file, one for each channel named.

    Raises DataFileError with file and place for an unknown key, kind, channel or a lead out of range.
    """
    file = read_file(path)
    policies: list[Policy] = []
    for record in file.records("policies"):
        kind, leads, effective_from = (
            record.text("kind"),
            record.numbers("leads"),
            record.day("effective_from"),
        )
        record.text("note")
        for channel in record.texts("channels"):
            try:
                policies.append(Policy(None, kind, leads, channel, effective_from))
            except RefusedError as error:
                raise record.refuse(error.field, f"{error.reason} {error.values}") from error
        record.done()
    file.done()
    return tuple(policies)


def _stages_by_kind(policies: Iterable[Policy]) -> Mapping[str, Mapping[str, Mapping[int, date]]]:
    """kind -> channel -> lead -> first day from which it counts."""
    stages: dict[str, dict[str, dict[int, date]]] = {}
    for policy in policies:
        leads = stages.setdefault(policy.kind, {}).setdefault(policy.channel, {})
        for lead in policy.leads:
            leads[lead] = min(policy.effective_from, leads.get(lead, date.max))
    return stages


def _newest_open_stage(
    due_on: date, leads: Mapping[int, date], calendar: WorkingCalendar, day: date
) -> tuple[int, date] | None:
    """Lead and send day of the stage that speaks on that day, or None."""
    coming = False
    # latest stage first: of two that fall on one day the one nearer to the end is the newer
    for lead in sorted(leads):
        send_on = send_day(due_on, lead, calendar)
        if send_on < leads[lead]:
            continue
        if send_on <= day:
            is_open = coming or (day - send_on).days < LAST_STAGE_OPEN_DAYS
            return (lead, send_on) if is_open else None
        coming = True
    return None
