"""Load the demo data: all of it in one transaction, every row by the use case a person would use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app

from crm.certifications.use_cases import refresh_rungs
from crm.database import transaction
from crm.deadlines.use_cases import refresh_all
from crm.demo.invention import DEFAULT_FIRMS, MOST_FIRMS, invent
from crm.demo.office import open_office
from crm.demo.papers import bring_in_a_list, send_to_the_province
from crm.demo.queries import has_real_firms, is_loaded
from crm.demo.serving import log_services, make_plans, settle_what_fell_due
from crm.demo.taking_in import archive_those_gone, hand_to_owners, take_in_certificates, take_in_firms
from crm.demo.words import CURATED
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError


@dataclass(frozen=True)
class LoadCounts:
    """What was loaded; all 0 where demo data was there already."""

    already_there: bool = False
    people: int = 0
    firms: int = 0
    certifications: int = 0
    deadlines_settled: int = 0
    plans: int = 0
    activities: int = 0
    submissions: int = 0


def load(
    actor: Actor, *, firms: int = DEFAULT_FIRMS, day: date, outside_embedded: bool = False
) -> LoadCounts:
    """Load that many invented firms with all that belongs to them, as it would stand on the day.

    The same for the same number and day. outside_embedded: also into a database that CRM_DATABASE_URL
    names, for a trial or for figures; demo sign-ins are refused there all the same.
    Raises RefusedError demo_in_production, demo_beside_real_firms, demo_firm_count.
    """
    require(actor, Permission.SYSTEM_ADMIN)
    if not len(CURATED) <= firms <= MOST_FIRMS:
        raise RefusedError("firms", "demo_firm_count", least=len(CURATED), most=MOST_FIRMS)
    if not current_app.config["CRM"].embedded and not outside_embedded:
        raise RefusedError(None, "demo_in_production")
    with transaction():
        if has_real_firms():
            raise RefusedError(None, "demo_beside_real_firms")
        if is_loaded():
            return LoadCounts(already_there=True)
        return _load(actor, firms, day)


def _load(actor: Actor, count: int, day: date) -> LoadCounts:
    office = open_office(actor, day)
    firms = list(invent(count, day))
    ids = take_in_firms(office, firms)
    hand_to_owners(office, firms, ids)
    # As if the office had begun with this year: its deadlines are there from January on.
    certifications = take_in_certificates(office, firms, ids, since=date(day.year, 1, 1))
    archive_those_gone(office, firms, ids)
    refresh_rungs(day)
    refresh_all(actor, day)
    settled = settle_what_fell_due(office, firms, ids)
    plans = make_plans(office, firms, ids)
    activities = log_services(office, firms, ids)
    imported = sum(bring_in_a_list(office, firms, county) for county in ("330624", "330603"))
    submissions = send_to_the_province(office)
    return LoadCounts(
        people=office.people_made,
        firms=len(ids),
        certifications=certifications + imported,
        deadlines_settled=settled,
        plans=plans,
        activities=activities,
        submissions=submissions,
    )
