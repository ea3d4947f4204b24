"""Leads of territories, units of reporting, townships as lists name them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import NotAllowedError, NotFoundError, RefusedError
from crm.territories import queries, use_cases
from crm.territories.models import ReportingUnit
from crm.territories.queries import tree


def newest(action: str) -> AuditEntry:
    found = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
    ).first()
    assert found is not None
    return found


def keqiao() -> int:
    node = tree().by_code("330603")
    assert node is not None
    return node.id


@pytest.mark.both_databases
def test_a_lead_is_set_and_the_trail_says_who_before(cast):
    use_cases.set_lead(cast.administrator, keqiao(), cast.officer.user_id)
    use_cases.set_lead(cast.administrator, keqiao(), cast.colleague.user_id)
    assert tree().by_id[keqiao()].lead_user_id == cast.colleague.user_id
    entry = newest("territory.lead")
    assert entry.before["lead_user_id"] == cast.officer.user_id
    assert entry.after["lead_user_id"] == cast.colleague.user_id


def test_a_lead_may_be_taken_away(cast):
    use_cases.set_lead(cast.administrator, keqiao(), cast.officer.user_id)
    use_cases.set_lead(cast.administrator, keqiao(), None)
    assert tree().by_id[keqiao()].lead_user_id is None


@pytest.mark.parametrize("name", ["stranger", "liaison", "viewer"])
def test_who_cannot_see_the_whole_territory_cannot_lead_it(cast, name):
    with pytest.raises(RefusedError, match="lead_unknown"):
        use_cases.set_lead(cast.administrator, keqiao(), getattr(cast, name).user_id)


def test_the_city_may_lead_a_county(cast):
    use_cases.set_lead(cast.administrator, keqiao(), cast.city.user_id)
    assert tree().by_id[keqiao()].lead_user_id == cast.city.user_id


def test_a_retired_code_has_no_lead(cast):
    retired = next(node for node in tree().by_id.values() if node.is_retired)
    with pytest.raises(NotFoundError):
        use_cases.set_lead(cast.administrator, retired.id, cast.city.user_id)


def test_an_officer_may_not_set_leads(cast):
    with pytest.raises(NotAllowedError):
        use_cases.set_lead(cast.officer, keqiao(), cast.officer.user_id)


def test_the_province_is_above_the_city_administrator(cast):
    province = tree().by_code("330000")
    assert province is not None
    with pytest.raises(NotFoundError):
        use_cases.set_lead(cast.administrator, province.id, cast.city.user_id)


@pytest.mark.both_databases
def test_a_unit_is_added_changed_and_retired(cast):
    unit = use_cases.save_reporting_unit(
        cast.administrator, None, code="kq-2", name="柯桥科创园", parent_codes="330603"
    )
    assert unit.code == "KQ-2"
    use_cases.save_reporting_unit(
        cast.administrator, unit.id, code="KQ-2", name="柯桥科创园", parent_codes="330603", is_active=False
    )
    assert unit.id not in {u.id for u in queries.reporting_units()}
    assert unit.id in {u.id for u in queries.units_within(cast.administrator)}
    assert newest("reporting_unit.update").after["is_active"] is False


def test_a_retired_county_code_becomes_its_successor(cast):
    unit = use_cases.save_reporting_unit(
        cast.administrator, None, code="SX", name="绍兴县旧区", parent_codes="330621 330604"
    )
    assert unit.parent_codes == "330603 330604"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "柯"}, "code"),
        ({"code": "KQ"}, "code"),
        ({"name": "柯桥经开区"}, "name"),
        ({"name": "区"}, "name"),
        ({"parent_codes": "330100"}, "parent_codes"),
        ({"parent_codes": ""}, "parent_codes"),
    ],
)
def test_a_unit_that_cannot_stand_is_refused(cast, values, field):
    given = {"code": "NEW", "name": "新城", "parent_codes": "330603", **values}
    with pytest.raises(RefusedError) as refused:
        use_cases.save_reporting_unit(cast.administrator, None, **given)
    assert refused.value.field == field


def test_an_officer_may_not_change_units(cast):
    unit = db.session.scalars(sa.select(ReportingUnit)).first()
    with pytest.raises(NotAllowedError):
        use_cases.managed_unit(cast.officer, unit.id)


def test_retired_codes_stand_beside_their_successor(cast):
    lines = {line.node.code: line for line in queries.outline(cast.administrator)}
    assert [(old.code, str(day)) for old, day in lines["330603"].retired] == [("330621", "2013-10-17")]
    assert "330621" not in lines
    assert lines["330603T01"].depth == lines["330603"].depth + 1 == 2
