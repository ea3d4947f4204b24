"""The visit form and the firm's log in the browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.activities import use_cases
from crm.activities.models import Activity
from crm.activities.use_cases import ActivityInput
from crm.clock import today
from crm.database import db
from crm.firms import use_cases as firm_use_cases
from tests.factories.firms import make_firm
from tests.statements import count_statements


@pytest.fixture
def firm(cast):
    return make_firm(cast.officer, name="演示锦马自动化科技有限公司", township="330603T01")


def _html(answer) -> str:
    return answer.get_data(as_text=True)


def test_a_liaison_logs_a_visit_and_sending_twice_is_one_record(cast, firm, sign_in):
    client = sign_in(cast.liaison)
    address = f"/firms/{firm.id}/activities/new"
    page = _html(client.get(address))
    assert f'value="{today().isoformat()}"' in page and '="None"' not in page
    key = re.search(r'name="form_key"[^>]*value="(\w{32})"', page)
    assert key is not None
    data = {
        "form_key": key[1],
        "kind": "visit",
        "happened_on": today().isoformat(),
        "minutes": "40",
        "summary": "研发辅助账补到 9 月",
        "next_step": "回复口径",
        "next_step_due": (today() + timedelta(days=7)).isoformat(),
    }
    for _ in range(2):
        answer = client.post(address, data=data)
        assert answer.status_code == 303 and answer.location == f"/firms/{firm.id}/activities"
    assert db.session.scalar(sa.select(sa.func.count(Activity.id))) == 1
    log = _html(client.get(answer.location))
    assert "研发辅助账补到 9 月" in log and "还有 7 天" in log
    assert f'data-draft-saved="activity:{cast.liaison.user_id}:{firm.id}:new"' in log
    # Said once: a later draft of the same form must not be thrown away.
    assert 'data-draft-saved=""' in _html(client.get(answer.location))


def test_an_error_keeps_what_was_typed(cast, firm, sign_in):
    client = sign_in(cast.officer)
    data = {
        "kind": "call",
        "happened_on": "2026-02-30",
        "minutes": "半小时",
        "summary": "太短",
        "form_key": "k",
    }
    answer = client.post(f"/firms/{firm.id}/activities/new", data=data)
    page = _html(answer)
    assert answer.status_code == 422
    for text in ("半小时", "太短", "2026-02-30", "没有“2026-02-30”这一天", 'href="#minutes"'):
        assert text in page
    data |= {"happened_on": today().isoformat(), "minutes": ""}
    page = _html(client.post(f"/firms/{firm.id}/activities/new", data=data))
    assert "至少 4 个字" in page and 'id="summary-error"' in page
    assert re.search(r'<input checked[^>]*value="call"', page)


def test_own_records_are_corrected_and_steps_ticked_off(cast, firm, sign_in):
    said = ActivityInput("visit", today(), "研发辅助账补到 9 月", next_step="回复口径", next_step_due=today())
    row = use_cases.log_activity(cast.liaison, firm.id, said)
    client, officer = sign_in(cast.liaison), sign_in(cast.officer)
    assert officer.get(f"/activities/{row.id}/edit").status_code == 303
    page = _html(client.get(f"/activities/{row.id}/edit"))
    assert "研发辅助账补到 9 月" in page and "回复口径" in page
    data = {
        "kind": "visit",
        "happened_on": today().isoformat(),
        "summary": "研发辅助账补到 10 月",
        "next_step": "回复口径",
        "next_step_due": today().isoformat(),
    }
    stale = client.post(f"/activities/{row.id}/edit", data={**data, "version": "99"})
    assert stale.status_code == 409 and "研发辅助账补到 9 月" in _html(stale) and "10 月" in _html(stale)
    assert (
        client.post(f"/activities/{row.id}/edit", data={**data, "version": str(row.version)}).status_code
        == 303
    )
    done = officer.post(f"/activities/{row.id}/done", data={"next": "//evil.example/"})
    assert done.status_code == 303 and done.location == f"/firms/{firm.id}/activities"
    assert "已办结" in _html(officer.get(done.location))


def test_who_sees_and_who_may(cast, firm, sign_in):
    said = ActivityInput("visit", today(), "研发辅助账补到 9 月", next_step="回复", next_step_due=today())
    row = use_cases.log_activity(cast.officer, firm.id, said)
    elsewhere = make_firm(cast.officer)
    stranger, viewer, liaison = sign_in(cast.stranger), sign_in(cast.viewer), sign_in(cast.liaison)
    for address in (
        f"/firms/{firm.id}/activities",
        f"/firms/{firm.id}/activities/new",
        f"/activities/{row.id}/edit",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(f"/activities/{row.id}/done").status_code == 404
    assert liaison.get(f"/firms/{elsewhere.id}/activities/new").status_code == 404
    assert viewer.get(f"/firms/{firm.id}/activities").status_code == 200
    assert viewer.get(f"/firms/{firm.id}/activities/new").status_code == 403
    assert viewer.get("/activities/new").status_code == 403
    assert viewer.post(f"/activities/{row.id}/done").status_code == 403


def test_the_picker_finds_firms_of_the_own_territory(cast, firm, sign_in):
    make_firm(cast.stranger, name="演示锦马诸暨有限公司", district="330681")
    client = sign_in(cast.liaison)
    assert "还没有服务记录" in _html(client.get("/activities/new"))
    page = _html(client.get("/activities/new?q=锦马"))
    assert f"/firms/{firm.id}/activities/new" in page and "诸暨" not in page
    answer = client.get("/activities/new?q=锦马&go=1")
    assert answer.status_code == 302 and answer.location == f"/firms/{firm.id}/activities/new"
    assert "没有找到企业" in _html(client.get("/activities/new?q=不存在的企业"))
    use_cases.log_activity(cast.liaison, firm.id, ActivityInput("visit", today(), "研发辅助账"))
    assert firm.name in _html(client.get("/activities/new"))


def test_an_archived_firm_gets_no_more_services(cast, firm, sign_in):
    firm_use_cases.archive_firm(cast.officer, firm.id, reason="已迁出")
    client = sign_in(cast.officer)
    data = {"kind": "visit", "happened_on": today().isoformat(), "summary": "谈了迁出的事"}
    answer = client.post(f"/firms/{firm.id}/activities/new", data=data)
    assert answer.status_code == 422 and "企业已归档" in _html(answer)


def test_the_log_costs_the_same_for_more(cast, firm, sign_in):
    client = sign_in(cast.officer)
    counts = []
    for number in (10, 50):
        for _ in range(number):
            use_cases.log_activity(cast.officer, firm.id, ActivityInput("call", today(), "电话问辅助账"))
        with count_statements() as found:
            client.get(f"/firms/{firm.id}/activities")
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_form_sent_after_the_session_ended_leads_back_to_it(cast, firm, sign_in, app):
    address = f"/firms/{firm.id}/activities/new"
    answer = app.test_client().post(address, data={}, headers={"Referer": f"http://localhost{address}"})
    assert answer.status_code == 302 and answer.location == f"/sign-in?next={address}"
    answer = app.test_client().post(address, data={}, headers={"Referer": "http://evil.example/x"})
    assert answer.location == "/sign-in"
