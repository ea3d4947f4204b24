"""The firm's certificates in the browser's eyes."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa

from crm.certifications.models import Certification
from crm.database import db
from crm.firms.models import Firm
from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.statements import count_statements

FORM = {"scheme": "hnte", "number": "GR202333009012", "granted_on": "2023-12-08"}


@pytest.fixture
def firm(cast: Cast) -> Firm:
    return make_firm(cast.officer)


def text(answer) -> str:  # type: ignore[no-untyped-def]
    return str(answer.get_data(as_text=True))


def test_recording_shows_rung_timeline_and_table(cast: Cast, firm: Firm, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    assert "还没有资质证书" in text(client.get(f"/firms/{firm.id}/certifications"))
    answer = client.post(f"/firms/{firm.id}/certifications/new", data={**FORM, "granted_on": "2023年12月8日"})
    assert (answer.status_code, answer.location) == (303, f"/firms/{firm.id}/certifications")
    page = text(client.get(answer.location))
    assert "已登记" in page and "GR202333009012" in page and "2026-12-08" in page
    assert "l-stair" in page and "高新技术企业" in page
    # no attribute that the content security policy would drop
    assert not re.search(r'\sstyle="', page)


def test_a_warning_is_said_and_a_refusal_keeps_what_was_typed(cast: Cast, firm: Firm, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    client.post(f"/firms/{firm.id}/certifications/new", data={**FORM, "number": "浙高12"})
    assert "与常见格式" in text(client.get(f"/firms/{firm.id}/certifications"))
    other = make_firm(cast.officer, name="演示另一家有限公司")
    make_certification(cast.officer, other.id, number="GR202333009012")
    answer = client.post(f"/firms/{firm.id}/certifications/new", data={**FORM, "cohort": "2023 第一批"})
    page = text(answer)
    assert answer.status_code == 422
    assert "演示另一家有限公司" in page and 'value="2023 第一批"' in page
    answer = client.post(f"/firms/{firm.id}/certifications/new", data={"granted_on": "2023年2月30日"})
    assert answer.status_code == 422 and "2023年2月30日" in text(answer)


def test_renew_correct_revoke_and_restore(cast: Cast, firm: Firm, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    old = make_certification(cast.officer, firm.id, number="GR202333009012")
    data = {**FORM, "number": "GR202633000001", "granted_on": "2026-11-20"}
    assert "GR202333009012" in text(client.get(f"/certifications/{old.id}/renew"))
    assert client.post(f"/certifications/{old.id}/renew", data=data).status_code == 303
    new = db.session.scalars(sa.select(Certification).where(Certification.renews_id == old.id)).one()
    page = text(client.get(f"/firms/{firm.id}/certifications"))
    assert "已换证" in page and "换为" in page

    version = {"version": str(new.version)}
    assert client.post(
        f"/certifications/{new.id}/edit", data={**data, **version, "cohort": "第二批"}
    ).status_code == 303  # fmt: skip
    clash = client.post(f"/certifications/{new.id}/edit", data={**data, **version, "cohort": "第三批"})
    assert clash.status_code == 409 and "第三批" in text(clash) and "别人已经修改" in text(clash)

    seen = db.session.get_one(Certification, new.id, populate_existing=True).version
    answer = client.post(
        f"/certifications/{new.id}/revoke",
        data={"revoked_from": "2026-11-24", "reason": "文号 1", "version": str(seen)},
    )
    assert answer.status_code == 303
    page = text(client.get(f"/firms/{firm.id}/certifications"))
    assert "已撤销" in page and "文号 1" in page
    seen = db.session.get_one(Certification, new.id, populate_existing=True).version
    assert client.post(f"/certifications/{new.id}/restore", data={"version": str(seen)}).status_code == 303
    assert "已撤销" not in text(client.get(f"/firms/{firm.id}/certifications"))


def test_a_branch_is_not_offered_the_ladder(cast: Cast, sign_in) -> None:  # type: ignore[no-untyped-def]
    branch = make_firm(cast.officer, name="演示科技有限公司柯桥分公司")
    client = sign_in(cast.officer)
    page = text(client.get(f"/firms/{branch.id}/certifications/new"))
    assert 'value="hnte"' not in page and 'value="technology_centre_zhejiang"' in page
    answer = client.post(f"/firms/{branch.id}/certifications/new", data=FORM)
    assert answer.status_code == 422


def test_a_stranger_finds_nothing_and_a_reader_may_not_write(cast: Cast, firm: Firm, sign_in) -> None:  # type: ignore[no-untyped-def]
    row = make_certification(cast.officer, firm.id)
    paths = [f"/firms/{firm.id}/certifications/new"]
    paths += [f"/certifications/{row.id}/{verb}" for verb in ("renew", "edit", "revoke")]
    stranger, viewer = sign_in(cast.stranger), sign_in(cast.viewer)
    assert stranger.get(f"/firms/{firm.id}/certifications").status_code == 404
    assert viewer.get(f"/firms/{firm.id}/certifications").status_code == 200
    assert "登记资质" not in text(viewer.get(f"/firms/{firm.id}/certifications"))
    for path in paths:
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, data=FORM).status_code == 404
        assert viewer.post(path, data=FORM).status_code == 403
    assert stranger.post(f"/certifications/{row.id}/restore", data={"version": "1"}).status_code == 404


def test_the_page_costs_the_same_statements_for_one_and_many(cast: Cast, firm: Firm, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    path = f"/firms/{firm.id}/certifications"
    make_certification(cast.officer, firm.id)
    client.get(path)
    with count_statements() as few:
        client.get(path)
    for year in range(2018, 2027):
        number = f"{year}330603A8000001"
        make_certification(
            cast.officer, firm.id, scheme="tech_sme_national", granted_on=date(year, 6, 5), number=number
        )
    with count_statements() as many:
        client.get(path)
    assert len(few) == len(many)
