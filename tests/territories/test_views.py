"""The page of territories, for the administrator alone."""

from __future__ import annotations

import sqlalchemy as sa

from crm.database import db
from crm.territories.models import ReportingUnit, Territory
from crm.territories.queries import tree
from tests.statements import count_statements


def test_the_page_shows_the_tree_and_the_units(sign_in):
    page = sign_in("administrator").get("/territories").get_data(as_text=True)
    for words in ("柯桥区", "330603", "330621", "2013-10-17", "安昌街道", "杭州湾上虞经开区"):
        assert words in page


def test_an_officer_is_refused(sign_in):
    assert sign_in("officer").get("/territories").status_code == 403


def test_a_lead_is_saved_from_the_page(cast, sign_in):
    county = tree().by_code("330603")
    client = sign_in("administrator")
    answer = client.post(f"/territories/{county.id}/lead", data={"user_id": cast.officer.user_id})
    assert answer.status_code == 303
    stored = db.session.scalar(sa.select(Territory.lead_user_id).where(Territory.id == county.id))
    assert stored == cast.officer.user_id


def test_a_lead_from_elsewhere_is_refused_in_words(cast, sign_in):
    county = tree().by_code("330603")
    client = sign_in("administrator")
    page = client.post(
        f"/territories/{county.id}/lead", data={"user_id": cast.stranger.user_id}, follow_redirects=True
    )
    assert "区域负责人须是" in page.get_data(as_text=True)


def test_a_territory_that_is_none_answers_404(sign_in):
    client = sign_in("administrator")
    assert client.post("/territories/99999/lead", data={}).status_code == 404
    assert client.get("/territories/units/99999").status_code == 404


def test_a_unit_is_added_and_changed_in_forms(sign_in):
    client = sign_in("administrator")
    data = {"name": "柯桥科创园", "code": "KC", "parent_codes": ["330603"], "is_active": "y"}
    assert client.post("/territories/units/new", data=data).status_code == 303
    unit = db.session.scalars(sa.select(ReportingUnit).where(ReportingUnit.code == "KC")).one()
    page = client.get(f"/territories/units/{unit.id}").get_data(as_text=True)
    assert 'value="柯桥科创园"' in page
    del data["is_active"]
    assert client.post(f"/territories/units/{unit.id}", data=data).status_code == 303
    active = db.session.scalar(sa.select(ReportingUnit.is_active).where(ReportingUnit.id == unit.id))
    assert active is False


def test_typed_text_survives_an_error(sign_in):
    client = sign_in("administrator")
    answer = client.post("/territories/units/new", data={"name": "柯桥科创园", "code": "KQ"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "柯桥科创园" in page


def test_the_page_costs_the_same_for_many_townships(app, cast, sign_in):
    from crm.territories.use_cases import ensure_township

    client = sign_in("administrator")
    with count_statements() as few:
        client.get("/territories")
    county = tree().by_code("330603")
    for number in range(40):
        ensure_township(cast.officer, county.id, f"试验{number}镇")
    with count_statements() as many:
        client.get("/territories")
    assert len(many) == len(few)
