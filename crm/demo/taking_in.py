"""Firms, their people and their certificates come in; each by the officer of its county."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from crm.certifications.use_cases import GrantInput, record_many, revoke
from crm.demo.certificates import InventedGrant, certificates
from crm.demo.invention import InventedFirm
from crm.demo.office import OFFICERS, Office
from crm.firms.use_cases import add_contact, archive_firm, assign_owner, create_firm, edit_firm
from crm.firms.use_cases.mail_address import flag_address


def take_in_firms(office: Office, firms: Sequence[InventedFirm]) -> dict[int, int]:
    """Create the firms with former names and contacts; returns index of the invented firm -> id."""
    ids = {}
    for firm in firms:
        officer = office.officer(firm.county)
        values = {
            **firm.values,
            "district_id": office.county_ids[firm.county],
            "township_id": office.township_ids[firm.county, firm.township] if firm.township else None,
            "reporting_unit_id": office.unit_ids.get(firm.unit) if firm.unit else None,
        }
        first_name = firm.former[0] if firm.former else firm.name
        row = create_firm(officer, {**values, "name": first_name}, is_demo=True)
        ids[firm.index] = row.id
        if firm.former:
            edit_firm(
                officer, row.id, version=row.version, values={"name": firm.name}, renamed_on=firm.former[1]
            )
        for person in firm.contacts:
            contact = add_contact(officer, row.id, name=person.name, phone=person.phone, email=person.email)
            if person.bounced and person.email:
                flag_address(contact.id, person.email, "bounced")
    return ids


def hand_to_owners(office: Office, firms: Sequence[InventedFirm], ids: dict[int, int]) -> None:
    """Most firms get an owner; one in eight has none yet, and the lead of its county hears of it."""
    rng = random.Random("演示负责人")
    owned: dict[tuple[str, int], list[int]] = defaultdict(list)
    for firm in firms:
        owner = office.keeper(firm.county, firm.township)
        if owner.user_id is not None and rng.random() < 0.875:
            owned[firm.county, owner.user_id].append(ids[firm.index])
    for (county, owner_id), firm_ids in owned.items():
        assign_owner(office.officer(county), owner_id=owner_id, firm_ids=firm_ids, today=office.day)


def take_in_certificates(
    office: Office, firms: Sequence[InventedFirm], ids: dict[int, int], since: date
) -> int:
    """Record every grant as of the day the office is said to have begun; returns how many.

    since: so that this year's deadlines are all there, the old ones not.
    """
    counties: dict[str, list[InventedGrant]] = defaultdict(list)
    for firm in firms:
        counties[firm.county].extend(certificates(firm, office.day))
    for county in OFFICERS:
        grants = counties[county]
        rows = [
            GrantInput(g.scheme, g.granted_on, number=g.number, cohort=g.cohort, firm_id=ids[g.firm])
            for g in grants
        ]
        officer = office.officer(county)
        for grant, outcome in zip(grants, record_many(officer, rows, today=since), strict=True):
            if outcome.problem is not None:
                raise outcome.problem
            if grant.revoked and outcome.certification_id is not None:
                from_, reason = grant.revoked
                revoke(officer, outcome.certification_id, from_=from_, reason=reason, version=1, today=since)
    return sum(len(grants) for grants in counties.values())


def archive_those_gone(office: Office, firms: Sequence[InventedFirm], ids: dict[int, int]) -> None:
    """Firms that were closed or moved away."""
    for firm in firms:
        if firm.archive_reason:
            archive_firm(office.officer(firm.county), ids[firm.index], reason=firm.archive_reason)
