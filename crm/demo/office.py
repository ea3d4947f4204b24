"""The office of the demo data: its townships, its people, who leads where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.accounts.queries import actor_named
from crm.accounts.use_cases import create_demo_people
from crm.clock import today as office_today
from crm.demo.words import TOWNSHIPS
from crm.domain.access import Actor
from crm.territories.queries import reporting_units, tree
from crm.territories.use_cases import ensure_township, set_lead

SOURCE = "demo load"
# County code -> its officer; the two of the sign-in page first.
OFFICERS = {
    "330624": "demo-county",
    "330603": "demo-county-2",
    "330602": "demo-county-3",
    "330604": "demo-county-4",
    "330681": "demo-county-5",
    "330683": "demo-county-6",
}
LIAISONS = {("330624", "七星街道"): "demo-township", ("330603", "钱清街道"): "demo-township-2"}
OTHERS = ("demo-city", "demo-chief", "demo-chief-2", "demo-admin")


@dataclass(frozen=True)
class Office:
    """Who acts. day: what counts as today; done_by: the last day on which something can have been done."""

    system: Actor
    people_made: int
    people: dict[str, Actor]
    county_ids: dict[str, int]
    township_ids: dict[tuple[str, str], int]
    unit_ids: dict[str, int]
    day: date
    done_by: date

    def officer(self, county: str) -> Actor:
        """The county's officer."""
        return self.people[OFFICERS[county]]

    def keeper(self, county: str, township: str | None) -> Actor:
        """Who knows a firm: the liaison where the township has one, else the county's officer."""
        name = LIAISONS.get((county, township or ""))
        return self.people[name] if name else self.officer(county)

    def chief(self, county: str) -> Actor:
        """Who approves the county's plans."""
        return self.people["demo-chief-2" if county == "330624" else "demo-chief"]


def open_office(system: Actor, day: date) -> Office:
    """Townships, people and leads, inside the caller's transaction."""
    county_ids, township_ids = {}, {}
    for code, townships in TOWNSHIPS.items():
        county = tree().by_code(code)
        assert county is not None
        county_ids[code] = county.id
        for name in townships:
            township_ids[code, name] = ensure_township(system, county.id, name).id
    people_made = create_demo_people(system)
    names = {*OFFICERS.values(), *LIAISONS.values(), *OTHERS}
    people = {name: actor_named(name, source=SOURCE) for name in names}
    admin = people["demo-admin"]
    for code, name in OFFICERS.items():
        set_lead(admin, county_ids[code], people[name].user_id)
    for place, name in LIAISONS.items():
        set_lead(admin, township_ids[place], people[name].user_id)
    set_lead(admin, admin.territory_id, people["demo-city"].user_id)
    return Office(
        system=system,
        people_made=people_made,
        people=people,
        county_ids=county_ids,
        township_ids=township_ids,
        unit_ids={unit.name: unit.id for unit in reporting_units()},
        day=day,
        # Services and measures are dated by people, who cannot date them in the future.
        done_by=min(day, office_today()),
    )
