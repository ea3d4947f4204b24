"""Pages of firms: who may, what is shown, what is masked, what survives a second editor."""

from __future__ import annotations

import json

import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db
from crm.firms import queries, use_cases
from crm.firms.models import Firm
from tests.factories.firms import make_firm


def form_of(firm: Firm, **changes: str) -> dict[str, str]:
    """What the browser sends for the firm's form."""
    from crm.firms.forms import texts_of

    texts = texts_of(firm)
    return {**texts, "version": str(firm.version), "seen": json.dumps(texts), **changes}


def test_the_list_shows_own_firms_and_marks_a_hit(cast, sign_in):
    make_firm(cast.officer, name="绍兴演示锦马有限公司")
    make_firm(cast.city, name="诸暨演示锦马有限公司", district="330681")
    page = sign_in(cast.officer).get("/firms?q=锦马").get_data(as_text=True)
    assert "绍兴演示<mark>锦马</mark>有限公司" in page and "诸暨演示" not in page
    box = sign_in(cast.officer).get("/firms/find?q=锦马").get_data(as_text=True)
    assert "<mark>锦马</mark>" in box and "诸暨演示" not in box


def test_a_page_without_a_firm_says_what_to_do(cast, sign_in):
    client = sign_in(cast.officer)
    assert "还没有企业" in client.get("/firms").get_data(as_text=True)
    assert "没有符合条件的企业" in client.get("/firms?rung=3").get_data(as_text=True)


def test_a_stranger_gets_404_and_a_viewer_403(cast, sign_in):
    firm = make_firm(cast.officer)
    contact = use_cases.add_contact(cast.officer, firm.id, name="演示", phone="13800001234", email=None)
    stranger, viewer = sign_in(cast.stranger), sign_in(cast.viewer)
    assert stranger.get(f"/firms/{firm.id}").status_code == 404
    assert stranger.get(f"/firms/{firm.id}/edit").status_code == 404
    assert stranger.post(f"/firms/{firm.id}/archive", data={"reason": "x"}).status_code == 404
    assert stranger.post(f"/contacts/{contact.id}/reveal").status_code == 404
    assert viewer.get(f"/firms/{firm.id}").status_code == 200
    assert viewer.get("/firms/new").status_code == 403
    assert viewer.post("/firms/assign", data={"firm": firm.id, "owner_to": "none"}).status_code == 403
    assert viewer.post(f"/contacts/{contact.id}/reveal").status_code == 403


def test_phone_and_mail_are_masked_until_revealed(cast, sign_in):
    firm = make_firm(cast.officer)
    contact = use_cases.add_contact(
        cast.officer, firm.id, name="演示", phone="13800001234", email="lianxi@example.cn"
    )
    client = sign_in(cast.officer)
    page = client.get(f"/firms/{firm.id}").get_data(as_text=True)
    assert "138****1234" in page and "13800001234" not in page and "lianxi@" not in page
    shown = client.post(f"/contacts/{contact.id}/reveal", headers={"HX-Request": "true"})
    assert "13800001234" in shown.get_data(as_text=True)
    assert (
        db.session.scalar(sa.select(AuditEntry.actor_name).where(AuditEntry.action == "contact.reveal"))
        == "officer"
    )
    edited = client.get(f"/contacts/{contact.id}").get_data(as_text=True)
    assert "13800001234" not in edited


def test_a_taken_code_keeps_the_typed_text_and_links_the_other_firm(cast, sign_in):
    firm = make_firm(cast.officer)
    data = {
        "name": "绍兴演示新来有限公司",
        "code": firm.code,
        "district_id": str(firm.district_id),
        "industry": "轴承",
    }
    answer = sign_in(cast.officer).post("/firms/new", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"/firms/{firm.id}" in page and 'value="轴承"' in page and firm.name in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Firm)) == 1


def test_two_editors_lose_nothing(cast, sign_in):
    firm = make_firm(cast.officer, industry="纺织")
    first, second = form_of(firm, industry="轴承"), form_of(firm, note="已走访", name="绍兴演示改名有限公司")
    assert sign_in(cast.officer).post(f"/firms/{firm.id}/edit", data=first).status_code == 303
    client = sign_in(cast.colleague)
    answer = client.post(f"/firms/{firm.id}/edit", data=second)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'name="theirs" value="industry"' in page and "<strong>轴承</strong>" in page
    assert "已走访" in page and "绍兴演示改名有限公司" in page
    db.session.expire_all()
    stored = queries.firm_for(cast.officer, firm.id)
    again = {**second, "version": str(stored.version), "seen": form_of(stored)["seen"], "theirs": "industry"}
    assert client.post(f"/firms/{firm.id}/edit", data=again).status_code == 303
    db.session.expire_all()
    stored = queries.firm_for(cast.officer, firm.id)
    assert (stored.industry, stored.note, stored.name) == ("轴承", "已走访", "绍兴演示改名有限公司")


def test_bulk_assignment_tells_its_counts(cast, sign_in):
    firms = [make_firm(cast.officer) for _ in range(3)]
    client = sign_in(cast.officer)
    data = {
        "firm": [f.id for f in firms[:2]],
        "owner_to": str(cast.colleague.user_id),
        "next": "/firms?owner=none",
    }
    answer = client.post("/firms/assign", data=data)
    assert answer.headers["Location"] == "/firms?owner=none"
    assert "已改负责人 2 家" in client.get("/firms").get_data(as_text=True)
    client.post(
        "/firms/assign", data={"everything": "1", "owner": "none", "owner_to": str(cast.officer.user_id)}
    )
    db.session.expire_all()
    assert db.session.get(Firm, firms[2].id).owner_id == cast.officer.user_id


def test_an_archived_firm_leaves_the_list_and_comes_back(cast, sign_in):
    firm = make_firm(cast.officer)
    client = sign_in(cast.officer)
    client.post(f"/firms/{firm.id}/archive", data={"reason": "已注销"})
    assert "可随时恢复" in client.get(f"/firms/{firm.id}").get_data(as_text=True)
    assert firm.name not in client.get("/firms").get_data(as_text=True)
    assert firm.name in client.get("/firms?state=archived").get_data(as_text=True)
    client.post(f"/firms/{firm.id}/restore", data={"reason": "误操作"})
    assert "已恢复" in client.get(f"/firms/{firm.id}").get_data(as_text=True)
