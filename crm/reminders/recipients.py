"""Who hears of a firm's deadlines today: its owner, else the territory's lead; the firm's contact by mail.

Judged anew when a mail is planned and again right before it goes out: people leave, move and change address.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm.accounts.models import User
from crm.database import db
from crm.domain.access import Role
from crm.domain.reminder_plan import CONTACT_MAIL
from crm.mail.addresses import address_problem
from crm.reminders.facts import DeadlineFacts
from crm.territories.queries import TerritoryTree, tree

NO_RECIPIENT = "no_recipient"
DEMO_CONTACT = "demo_contact"


@dataclass(frozen=True)
class Person:
    """An active user as a reader of mail; problem: why nothing can be sent there (ADDRESS_PROBLEMS)."""

    id: int
    name: str
    role: str
    address: str
    problem: str | None
    territory_path: str
    language: str

    @property
    def key(self) -> str:
        return f"user:{self.id}"


@dataclass(frozen=True)
class Recipient:
    """Key ("user:5", "contact:9") and address; problem: reason for which the mail cannot go, or None."""

    key: str
    name: str
    address: str
    problem: str | None = None
    language: str = "zh"


class Directory:
    """All active users and the territory tree, read once for a plan or a mail."""

    def __init__(self, *, demo_contacts: bool) -> None:
        """demo_contacts: False where invented firms' contacts must not be written to (a real relay)."""
        self._demo_contacts = demo_contacts
        self._tree: TerritoryTree = tree()
        columns = (User.id, User.display_name, User.role, User.email, User.territory_id, User.language)
        self._people: dict[int, Person] = {}
        for user in db.session.execute(sa.select(*columns).where(User.is_active).order_by(User.id)):
            path = self._tree.by_id[user.territory_id].path
            address = (user.email or "").strip()
            self._people[user.id] = Person(
                user.id, user.display_name, user.role, address, address_problem(address), path, user.language
            )
        self._leads: dict[tuple[int, int | None], Recipient] = {}

    def recipient(self, facts: DeadlineFacts, channel: str) -> Recipient | None:
        """Who hears of it by that channel; None where the firm has no mail address at all."""
        return self._contact(facts) if channel == CONTACT_MAIL else self._officer(facts)

    def _contact(self, facts: DeadlineFacts) -> Recipient | None:
        if facts.contact_id is None:
            return None
        address = (facts.contact_address or "").strip()
        problem = facts.contact_problem or address_problem(address)
        if problem is None and facts.is_demo and not self._demo_contacts:
            problem = DEMO_CONTACT
        return Recipient(f"contact:{facts.contact_id}", facts.contact_name or "", address, problem)

    def _officer(self, facts: DeadlineFacts) -> Recipient:
        for user_id in (facts.responsible_id, facts.owner_id):
            person = self._people.get(user_id) if user_id is not None else None
            if person and person.problem is None and self._answers_for(person, facts):
                return _as_recipient(person)
        place = (facts.district_id, facts.township_id)
        if place not in self._leads:
            self._leads[place] = self._lead(facts)
        return self._leads[place]

    def owner_name(self, facts: DeadlineFacts) -> str:
        """Who is to be called about the firm."""
        return self._officer(facts).name

    def _answers_for(self, person: Person, facts: DeadlineFacts) -> bool:
        """Whether the firm still lies in the person's territory (a liaison keeps firms without township)."""
        place = self._tree.by_id[facts.township_id or facts.district_id]
        if place.path.startswith(person.territory_path):
            return True
        return facts.township_id is None and person.territory_path.startswith(place.path)

    def _lead(self, facts: DeadlineFacts) -> Recipient:
        """Lead of township, county, city; else the officer longest there; never somebody without address."""
        candidates: list[Person] = []
        node = self._tree.by_id[facts.township_id or facts.district_id]
        while True:
            if node.lead_user_id in self._people:
                candidates.append(self._people[node.lead_user_id])
            if node.parent_id is None:
                break
            node = self._tree.by_id[node.parent_id]
        district = self._tree.by_id[facts.district_id].path
        officers = [p for p in self._people.values() if p.role == Role.COUNTY_OFFICER]
        candidates += [p for p in officers if p.territory_path == district]
        candidates += [
            p
            for p in self._people.values()
            if p.role == Role.CITY_OFFICER and district.startswith(p.territory_path)
        ]
        for person in candidates:
            if person.problem is None:
                return _as_recipient(person)
        if candidates:
            return _as_recipient(candidates[0])
        return Recipient(f"territory:{facts.district_id}", "", "", NO_RECIPIENT)


def _as_recipient(person: Person) -> Recipient:
    return Recipient(person.key, person.name, person.address, person.problem, person.language)
