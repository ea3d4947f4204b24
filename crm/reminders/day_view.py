"""Who will hear what on a day: what stands in the rows and what the rules will add, as one picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from crm.database import db
from crm.deadlines.models import Deadline
from crm.domain.access import Actor
from crm.domain.reminder_plan import CONTACT_MAIL, OWNER_DIGEST, PlannedReminder
from crm.domain.working_days import official_calendar
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from crm.reminders.demand import demand
from crm.reminders.facts import DeadlineFacts
from crm.reminders.models import Delivery, Reminder
from crm.reminders.queries import recipient_names

LINES_A_PAGE = 50
# Key of the row of firms that no mail reaches.
UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Entry:
    """One reminder of a day; delivery_id, state: None while only foreseen; problem: why it cannot go.

    lead_days: None for a firm that nobody can write to, whatever the lead.
    """

    channel: str
    recipient: str
    firm_id: int
    firm: str
    kind: str
    due_on: date
    lead_days: int | None
    is_late: bool
    state: str | None = None
    delivery_id: int | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of the picture: a person's digest, or the mails to firms of one kind and lead.

    key: "user:5", or "contact:certificate_expiry:30"; states: state -> mails or, of a digest, its own.
    """

    key: str
    channel: str
    name: str
    kind: str | None
    lead_days: int | None
    count: int
    late: int
    states: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DayView:
    """A day's reminders in the actor's territory.

    lines: of the row chosen, one page. unreachable: firms with something due whose contact gets no mail.
    """

    day: date
    is_working_day: bool
    is_known_year: bool
    digests: tuple[Row, ...]
    contacts: tuple[Row, ...]
    chosen: Row | None
    lines: tuple[Entry, ...]
    unreachable: int

    @property
    def mails(self) -> int:
        return len(self.digests) + sum(row.count for row in self.contacts)


def preview_for_day(
    actor: Actor, day: date, today: date, *, chosen: str | None = None, page: int = 1
) -> DayView:
    """The picture of a day, a fixed number of statements.

    A day gone by shows what was planned then; today what stands and what will be added; a day to come what
    has its turn then if all before goes as planned.
    """
    entries = list(_written(actor, day))
    unreachable: list[Entry] = []
    if day >= today:
        foreseen, unreachable = _foreseen(actor, day, today)
        entries += foreseen
    calendar = official_calendar()
    names = recipient_names(sorted({e.recipient for e in entries if e.channel == OWNER_DIGEST}))
    digests = _rows((e for e in entries if e.channel == OWNER_DIGEST), names)
    contacts = _rows((e for e in entries if e.channel == CONTACT_MAIL), {})
    rows = [*digests, *contacts, *_unreachable_row(unreachable)]
    picked = next((row for row in rows if row.key == chosen), rows[0] if rows else None)
    lines = [e for e in (*entries, *unreachable) if picked and _key(e) == picked.key]
    lines.sort(key=lambda e: (e.due_on, e.firm_id))
    start = (max(page, 1) - 1) * LINES_A_PAGE
    return DayView(
        day=day,
        is_working_day=calendar.is_working_day(day),
        is_known_year=calendar.is_known(day),
        digests=tuple(digests),
        contacts=tuple(contacts),
        chosen=picked,
        lines=tuple(lines[start : start + LINES_A_PAGE]),
        unreachable=len(unreachable),
    )


def _written(actor: Actor, day: date) -> Iterable[Entry]:
    shown = sa.case((Reminder.state == "planned", Delivery.state), else_=Reminder.state)
    statement = (
        sa.select(
            Reminder.channel, Reminder.recipient, Firm.id, Firm.name, Deadline.kind, Reminder.due_on,
            Reminder.lead_days, Reminder.is_late, shown, Delivery.id, Reminder.reason,
        )
        .select_from(Delivery)
        .join(Reminder, Reminder.delivery_id == Delivery.id)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Firm, Firm.id == Deadline.firm_id)
        .where(Delivery.day == day, in_scope(actor))
    )  # fmt: skip
    return [Entry(*row) for row in db.session.execute(statement)]


def _foreseen(actor: Actor, day: date, today: date) -> tuple[list[Entry], list[Entry]]:
    """What the rules will add that day, and the firms that get no mail.

    What should have been said before a day to come will have been by then, so it is not shown again; but
    where today's digest is out already, the next one says what was found since.
    """
    wanted = demand(day, actor)
    is_next = day > today and _next_working_day(today) == day
    told_today = _digests_under_way(today) if is_next else None
    entries = []
    for reminder in wanted.planned:
        if day > today and reminder.late and not _is_left_for_next(reminder, today, told_today):
            continue
        facts = wanted.facts[reminder.deadline_id]
        entries.append(
            Entry(
                reminder.channel, reminder.recipient, facts.firm_id, facts.firm_name, facts.kind,
                reminder.due_on, reminder.lead_days, reminder.late,
                problem=wanted.recipient(reminder).problem,
            )
        )  # fmt: skip
    return entries, [_cannot_reach(facts, problem) for facts, problem in wanted.unreachable]


def _cannot_reach(facts: DeadlineFacts, problem: str) -> Entry:
    return Entry(
        CONTACT_MAIL, UNREACHABLE, facts.firm_id, facts.firm_name, facts.kind, facts.due_on, None, False,
        problem=problem,
    )  # fmt: skip


def _unreachable_row(entries: list[Entry]) -> list[Row]:
    if not entries:
        return []
    return [Row(UNREACHABLE, CONTACT_MAIL, "", None, None, len(entries), 0, ())]


def _is_left_for_next(reminder: PlannedReminder, today: date, told_today: frozenset[str] | None) -> bool:
    if told_today is None:
        return False
    if not official_calendar().is_working_day(today):
        return True
    return reminder.channel == OWNER_DIGEST and reminder.recipient in told_today


def _digests_under_way(today: date) -> frozenset[str]:
    """Recipients whose digest of today takes nothing more."""
    statement = sa.select(Delivery.recipient).where(
        Delivery.channel == OWNER_DIGEST, Delivery.day == today, Delivery.state != "planned"
    )
    return frozenset(db.session.scalars(statement))


def _next_working_day(day: date) -> date:
    calendar = official_calendar()
    day += timedelta(days=1)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def _key(entry: Entry) -> str:
    if entry.channel == OWNER_DIGEST or entry.recipient == UNREACHABLE:
        return entry.recipient
    return f"contact:{entry.kind}:{entry.lead_days}"


def _rows(entries: Iterable[Entry], names: dict[str, str]) -> list[Row]:
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(_key(entry), []).append(entry)
    rows = []
    for key, members in grouped.items():
        first = members[0]
        is_digest = first.channel == OWNER_DIGEST
        states: dict[str, int] = {}
        for member in members:
            held_back = member.problem is not None and member.delivery_id is None
            state = "held_back" if held_back else member.state or "foreseen"
            states[state] = states.get(state, 0) + 1
        rows.append(
            Row(
                key=key,
                channel=first.channel,
                name=names.get(first.recipient, "") if is_digest else "",
                kind=None if is_digest else first.kind,
                lead_days=None if is_digest else first.lead_days,
                count=len(members),
                late=sum(member.is_late for member in members),
                states=tuple(sorted(states.items())),
            )
        )
    return sorted(rows, key=lambda row: (-row.count, row.key))
