"""Plan pages: rows without script, a clash that loses nothing, steps, who sees what, how many statements."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.clock import today
from crm.database import db
from crm.support_plans import queries, use_cases
from crm.support_plans.models import SupportPlan
from tests.factories.firms import make_firm
from tests.factories.support_plans import goal, make_plan, measure, plan_text
from tests.statements import count_statements


@pytest.fixture
def firm(cast):
    return make_firm(cast.officer, name="演示锦马自动化科技有限公司", township="330603T01")


def _html(answer) -> str:
    return answer.get_data(as_text=True)


def _fields(html: str) -> dict[str, str]:
    """What a browser would send back of the plan form."""
    form = html[html.index('<form id="plan-form"') :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = body.strip()
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_plan_is_written_with_rows_added_without_script(cast, firm, sign_in):
    client = sign_in(cast.officer)
    address = f"/firms/{firm.id}/plans/new"
    fields = _fields(_html(client.get(address)))
    fields |= {
        "summary": "委外合同缺 2 份",
        "goals-0-indicator": "研发费用占比",
        "goals-0-value_to": "5",
        "goals-0-due_on": "2027年12月31日",
        "measures-0-kind": "research_accounting",
        "measures-0-title": "研发费用辅助账",
        "measures-0-responsible_id": str(cast.officer.user_id),
        "measures-0-due_on": "2027-03-05",
        "measures-0-amount": "1,234.5",
    }
    answer = client.post(address, data={**fields, "step": "add-measures"})
    assert answer.status_code == 200 and db.session.scalar(sa.select(sa.func.count(SupportPlan.id))) == 0
    fields = _fields(_html(answer))
    assert fields["measures-0-title"] == "研发费用辅助账" and fields["measures-1-title"] == ""
    assert fields["goals-0-due_on"] == "2027年12月31日"
    fields |= {"measures-1-kind": "talent", "measures-1-title": "引进博士"}
    answer = client.post(address, data={**fields, "step": "add-goals"})
    answer = client.post(address, data={**_fields(_html(answer)), "step": "save"})
    assert answer.status_code == 303
    plan = db.session.scalars(sa.select(SupportPlan)).one()
    # The goal row left empty counts as none.
    assert [(g.indicator, str(g.due_on)) for g in plan.goals] == [("研发费用占比", "2027-12-31")]
    assert [(m.title, m.amount) for m in plan.measures] == [("研发费用辅助账", 1234.5), ("引进博士", None)]
    page = _html(client.get(answer.location))
    assert "一、企业基本情况" in page and page.index("三、培育目标") < page.index("四、帮扶措施")
    assert f"plan:{cast.officer.user_id}:{firm.id}:new" in page


def test_a_row_button_answers_htmx_with_the_form_alone(cast, firm, sign_in):
    client = sign_in(cast.officer)
    answer = client.post(
        f"/firms/{firm.id}/plans/new", data={"step": "add-goals"}, headers={"HX-Request": "true"}
    )
    assert _html(answer).lstrip().startswith("<form") and "goals-0-indicator" in _html(answer)


def test_errors_stand_beside_the_field_and_nothing_typed_is_lost(cast, firm, sign_in):
    client = sign_in(cast.officer)
    data = {
        "target_rung": "2",
        "target_year": "明年",
        "goals-0-indicator": "研发费用占比",
        "goals-0-due_on": "2027-02-30",
        "measures-0-title": "没有类别",
        "measures-0-amount": "十万",
        "step": "save",
    }
    answer = client.post(f"/firms/{firm.id}/plans/new", data=data)
    page = _html(answer)
    assert answer.status_code == 422
    for field in ("goals-0-value_to", "goals-0-due_on", "measures-0-kind"):
        assert f'href="#{field}"' in page
    assert "2027-02-30" in page and "十万" in page and "明年" in page
    assert 'value="None"' not in page and '="None"' not in page
    data |= {
        "goals-0-value_to": "5",
        "goals-0-due_on": "",
        "measures-0-kind": "talent",
        "measures-0-amount": "",
    }
    page = _html(client.post(f"/firms/{firm.id}/plans/new", data=data))
    assert "目标年份请填" in page


def test_the_second_saver_compares_and_loses_nothing(cast, firm, sign_in):
    plan = make_plan(cast.officer, firm.id, goals=(goal(), goal("Ⅰ类知识产权")))
    mine, theirs = sign_in(cast.officer), sign_in(cast.colleague)
    address = f"/plans/{plan.id}/edit"
    typed = _fields(_html(mine.get(address)))
    other = _fields(_html(theirs.get(address)))
    other |= {"goals-0-value_to": "8"}
    other = _fields(_html(theirs.post(address, data={**other, "step": "add-measures"})))
    other |= {"measures-1-kind": "training", "measures-1-title": "对方加的培训"}
    # The colleague strikes the second goal out; the officer was just changing it.
    other = {name: value for name, value in other.items() if not name.startswith("goals-1-")}
    assert theirs.post(address, data={**other, "step": "save"}).status_code == 303
    typed |= {"goals-0-value_to": "6", "goals-1-value_to": "3", "summary": "我写的短板"}
    answer = mine.post(address, data={**typed, "step": "save"})
    page = _html(answer)
    assert answer.status_code == 409 and "现在已保存的" in page and "您填写的" in page
    assert 'class="diff"' in page
    merged = _fields(page)
    assert (merged["goals-0-value_to"], merged["summary"]) == ("6", "我写的短板")
    assert merged["measures-1-title"] == "对方加的培训"
    assert mine.post(address, data={**merged, "step": "save"}).status_code == 303
    db.session.expire_all()
    text = queries.text_of(queries.plan_for(cast.officer, plan.id))
    assert [g.value_to for g in text.goals] == ["6", "3"]
    assert [m.title for m in text.measures] == ["研发费用辅助账辅导", "对方加的培训"]


def test_the_chief_decides_and_a_refused_step_keeps_its_text(cast, firm, sign_in):
    plan = make_plan(cast.officer, firm.id, "submitted")
    chief = sign_in(cast.chief)
    assert "演示锦马自动化科技有限公司" in _html(chief.get("/plans?view=decide"))
    version = {"version": str(plan.version)}
    answer = chief.post(f"/plans/{plan.id}/decision", data={"action": "return", "said": "不行", **version})
    assert answer.status_code == 422 and "请写明退回的理由" in _html(answer) and ">不行<" in _html(answer)
    officer = sign_in(cast.officer)
    assert (
        officer.post(f"/plans/{plan.id}/decision", data={"action": "approve", **version}).status_code == 403
    )
    assert officer.post(f"/plans/{plan.id}/moves", data={"action": "approve", **version}).status_code == 422
    stale = {"version": str(plan.version - 1)}
    assert chief.post(f"/plans/{plan.id}/decision", data={"action": "approve", **stale}).status_code == 422
    assert chief.post(f"/plans/{plan.id}/decision", data={"action": "approve", **version}).status_code == 303
    page = _html(chief.get(f"/plans/{plan.id}/versions/1"))
    assert "文本已固定" in page and "研发费用占销售收入比例" in page
    assert chief.get(f"/plans/{plan.id}/versions/2").status_code == 404
    assert officer.get(f"/plans/{plan.id}/edit").status_code == 303


def test_versions_stand_side_by_side(cast, firm, sign_in):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    plan = use_cases.revise_plan(cast.officer, plan.id)
    only = queries.text_of(plan).goals[0]
    changed = plan_text(
        cast.officer, goals=(goal(id=only.id, value_to="6", due_on=only.due_on),), measures=()
    )
    use_cases.edit_plan(cast.officer, plan.id, changed, version=None)
    page = _html(sign_in(cast.viewer).get(f"/plans/{plan.id}/compare?from=1"))
    assert "2 处不同" in page and "is-changed" in page and "is-removed" in page
    assert sign_in(cast.viewer).get(f"/plans/{plan.id}/compare?from=7").status_code == 404


def test_progress_of_a_measure_in_the_browser(cast, firm, sign_in):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    client = sign_in(cast.officer)
    address = f"/plans/{plan.id}/measures/{plan.measures[0].id}"
    version = re.search(r'name="version"[^>]*value="(\d+)"', _html(client.get(address)))
    assert version is not None
    data = {"state": "done", "done_on": today().isoformat(), "version": version[1]}
    answer = client.post(address, data=data)
    assert answer.status_code == 422 and "请写完成的依据" in _html(answer)
    assert client.post(address, data={**data, "evidence": "辅助账 1-9 月"}).status_code == 303
    assert "辅助账 1-9 月" in _html(client.get(f"/plans/{plan.id}"))


def test_who_sees_and_who_may(cast, firm, sign_in):
    plan = make_plan(cast.officer, firm.id, "running", chief=cast.chief)
    measure_id = plan.measures[0].id
    one = f"/plans/{plan.id}"
    reading = [one, f"/firms/{firm.id}/plans", f"{one}/versions/1", f"{one}/compare"]
    writing = [
        f"/firms/{firm.id}/plans/new",
        f"/plans/{plan.id}/edit",
        f"/plans/{plan.id}/measures/{measure_id}",
    ]
    stranger, viewer = sign_in(cast.stranger), sign_in(cast.viewer)
    for address in (*reading, *writing):
        assert stranger.get(address).status_code == 404, address
    for address in writing:
        assert viewer.get(address).status_code == 403, address
        assert viewer.post(address).status_code == 403, address
    for address in reading:
        assert viewer.get(address).status_code == 200, address
    assert viewer.post(f"/plans/{plan.id}/moves", data={"action": "close"}).status_code == 403
    assert stranger.post(f"/plans/{plan.id}/moves", data={"action": "close"}).status_code == 404
    assert firm.name not in _html(stranger.get("/plans"))
    assert "结束方案" not in _html(viewer.get(f"/plans/{plan.id}"))


def test_the_list_filters_pages_and_costs_the_same_for_more(cast, sign_in, app):
    late = make_firm(cast.officer, name="演示逾期企业有限公司")
    due = today() - timedelta(days=3)
    plan = make_plan(
        cast.officer, late.id, "running", chief=cast.chief,
        measures=(measure(responsible_id=cast.officer.user_id, due_on=due),),
    )  # fmt: skip
    for _ in range(9):
        make_plan(cast.officer, make_firm(cast.officer).id)
    client = sign_in(cast.officer)
    page = _html(client.get("/plans?view=overdue"))
    assert "演示逾期企业有限公司" in page and "逾期 3 天" in page and "共 1 份" in page
    with count_statements() as few:
        assert "共 10 份" in _html(client.get("/plans"))
    for _ in range(60):
        make_plan(cast.officer, make_firm(cast.officer).id)
    with count_statements() as many:
        first = _html(client.get("/plans"))
    assert len(few) == len(many)
    assert "共 70 份" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = _html(client.get(following[1].replace("&amp;", "&")))
    assert "演示逾期企业有限公司" in second and 'rel="next"' not in second
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back is not None
    assert _plans_on(_html(client.get(back[1].replace("&amp;", "&")))) == _plans_on(first)
    assert str(plan.id) in _plans_on(second)


def _plans_on(html: str) -> list[str]:
    return re.findall(r'class="firm" href="/plans/(\d+)"', html)
