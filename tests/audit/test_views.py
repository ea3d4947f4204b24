"""The trail on screen: sentences, territory, a fixed number of statements."""

from __future__ import annotations

from crm.audit import queries
from crm.database import db
from tests.factories.firms import make_firm
from tests.statements import count_statements


def test_a_firms_history_reads_as_sentences(app, cast, sign_in):
    firm = make_firm(cast.officer, name="演示历史有限公司")
    page = sign_in(cast.colleague).get(f"/firms/{firm.id}/history").get_data(as_text=True)
    assert "新建了企业" in page and "演示历史有限公司" in page
    assert "柯桥区" in page  # the id of the district is told as its name


def test_a_stranger_reads_no_history(app, cast, sign_in):
    firm = make_firm(cast.officer, name="演示历史有限公司")
    assert sign_in(cast.stranger).get(f"/firms/{firm.id}/history").status_code == 404


def test_the_trail_is_for_auditors_and_chiefs(app, cast, sign_in):
    assert sign_in(cast.auditor).get("/audit").status_code == 200
    assert sign_in(cast.chief).get("/audit/verify").status_code == 200
    assert sign_in(cast.officer).get("/audit").status_code == 403


def test_the_trail_costs_the_same_for_few_and_many(app, cast):
    make_firm(cast.officer, name="演示甲有限公司")
    db.session.rollback()
    with count_statements() as few:
        queries.trail(cast.auditor, queries.Filters())
    for number in range(30):
        make_firm(cast.officer, name=f"演示多{number}有限公司")
    db.session.rollback()
    with count_statements() as many:
        queries.trail(cast.auditor, queries.Filters())
    assert len(few) == len(many)


def test_filters_narrow_by_person_and_action(app, cast):
    make_firm(cast.officer, name="演示甲有限公司")
    make_firm(cast.stranger, name="演示乙有限公司", district="330681")
    told = queries.trail(cast.auditor, queries.Filters(who="officer", action="firm.create")).entries
    assert [entry.firm for entry in told] == ["演示甲有限公司"]
