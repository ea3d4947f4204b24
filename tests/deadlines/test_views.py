"""The deadlines pages in the browser's eyes."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from crm.certifications import use_cases as certifications
from crm.certifications.grant_input import GrantInput
from crm.clock import today
from crm.database import db
from crm.deadlines.models import Deadline
from tests.factories.certifications import hnte_number, make_certification
from tests.factories.firms import make_firm
from tests.factories.people import Cast
from tests.statements import count_statements


@pytest.fixture
def due(cast: Cast) -> Deadline:
    """A certificate that ends in 13 days."""
    firm = make_firm(cast.officer, name="演示到期有限公司")
    end = today() + timedelta(days=13)
    make_certification(
        cast.officer, firm.id, granted_on=end - timedelta(days=1095), valid_to=end, today=today()
    )
    return db.session.scalars(sa.select(Deadline).where(Deadline.kind == "certificate_expiry")).one()


def test_month_shows_the_next_day_with_something_and_who_hears_of_it(
    cast: Cast, due: Deadline, sign_in
) -> None:  # type: ignore[no-untyped-def]
    page = sign_in(cast.officer).get("/deadlines").get_data(as_text=True)
    assert f"{due.due_on.month} 月 {due.due_on.day} 日" in page
    assert "演示到期有限公司" in page and "还有 13 天" in page
    assert "将提醒谁" in page and "负责人汇总" in page


def test_list_filters_by_what_the_address_says(cast: Cast, due: Deadline, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.city)

    def shown(query: str) -> bool:
        return "演示到期有限公司" in client.get(f"/deadlines?view=list&{query}").get_data(as_text=True)

    assert (
        shown("") and shown("kind=certificate_expiry") and shown(f"day={due.due_on}") and shown("owner=none")
    )
    assert not shown("state=done") and not shown("owner=mine") and not shown("kind=measure_due")
    assert not shown("state=overdue") and shown("state=all")
    assert shown("district=x&after=rubbish&month=2026-99&day=no")


def test_pages_of_the_list_follow_each_other_without_loss(cast: Cast, sign_in) -> None:  # type: ignore[no-untyped-def]
    rows = [
        GrantInput("hnte", today() - timedelta(days=900), hnte_number(), firm_id=make_firm(cast.officer).id)
        for _ in range(60)
    ]
    certifications.record_many(cast.officer, rows, import_id=1)
    client, seen, address = sign_in(cast.officer), [], "/deadlines?view=list"
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r'<tr id="d(\d+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    total = db.session.scalar(sa.select(sa.func.count(Deadline.id)).where(Deadline.state == "open"))
    assert len(seen) == len(set(seen)) == total
    assert total > 100


def test_settling_from_the_list_comes_back_to_it(cast: Cast, due: Deadline, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    answer = client.post(
        f"/deadlines/{due.id}/done",
        data={
            "done_on": today().isoformat(),
            "evidence": "回执",
            "version": "1",
            "next": "/deadlines?view=list",
        },
    )
    assert (answer.status_code, answer.location) == (303, "/deadlines?view=list")
    page = client.get(f"/deadlines/{due.id}").get_data(as_text=True)
    assert "已办结" in page and "回执" in page and "重新打开" in page
    assert client.post(f"/deadlines/{due.id}/reopen", data={"version": "2"}).status_code == 303


def test_a_refusal_keeps_what_was_typed(cast: Cast, due: Deadline, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    answer = client.post(f"/deadlines/{due.id}/done", data={"done_on": tomorrow, "evidence": "文号 7"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "在今天之后" in page and 'value="文号 7"' in page


def test_a_stranger_finds_nothing_and_a_reader_may_not_settle(cast: Cast, due: Deadline, sign_in) -> None:  # type: ignore[no-untyped-def]
    stranger = sign_in(cast.stranger)
    for path in (f"/deadlines/{due.id}", f"/firms/{due.firm_id}/deadlines"):
        assert stranger.get(path).status_code == 404
    data = {"reason": "x", "version": "1"}
    assert stranger.post(f"/deadlines/{due.id}/waive", data=data).status_code == 404
    assert "演示到期有限公司" not in stranger.get("/deadlines?view=list").get_data(as_text=True)
    viewer = sign_in(cast.viewer)
    assert viewer.get(f"/firms/{due.firm_id}/deadlines").status_code == 200
    assert viewer.post(f"/deadlines/{due.id}/waive", data=data).status_code == 403
    assert "标为办结" not in viewer.get("/deadlines?view=list").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/deadlines", "/deadlines?view=list&state=all"])
def test_pages_cost_the_same_statements_for_few_and_many(cast: Cast, sign_in, path: str) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)

    def add(number: int) -> None:
        rows = [
            GrantInput("hnte", date(2023, 12, 8), hnte_number(), firm_id=make_firm(cast.officer).id)
            for _ in range(number)
        ]
        certifications.record_many(cast.officer, rows, import_id=1)

    add(2)
    client.get(path)
    with count_statements() as few:
        client.get(path)
    add(60)
    with count_statements() as many:
        client.get(path)
    assert len(few) == len(many)


def test_empty_pages_say_what_to_do(cast: Cast, sign_in) -> None:  # type: ignore[no-untyped-def]
    client = sign_in(cast.officer)
    assert "这一天没有事项" in client.get("/deadlines").get_data(as_text=True)
    assert "没有待办的时限" in client.get("/deadlines?view=list").get_data(as_text=True)
