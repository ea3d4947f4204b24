"""The trail on screen: sentences, territory, a fixed number of statements."""

from __future__ import annotations

import ast
from datetime import date

import pytest
import sqlalchemy as sa

from crm.audit import labels, queries, use_cases
from crm.audit.models import AuditEntry, AuditSeal
from crm.audit.telling import FieldChange, tell
from crm.certifications.use_cases import revoke
from crm.clock import utc_now
from crm.database import db, transaction
from crm.firms.use_cases import edit_firm
from crm.settings import ROOT
from tests.factories.certifications import make_certification
from tests.factories.everything import make_everything
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
    assert "完整" in sign_in(cast.chief).post("/audit/verify").get_data(as_text=True)
    assert sign_in(cast.officer).get("/audit").status_code == 403


def test_a_long_chain_is_walked_by_a_worker(app, cast, sign_in, monkeypatch):
    from crm.audit import views

    sent = []
    monkeypatch.setattr(views, "WALKED_AT_ONCE", 0)
    monkeypatch.setattr(views, "nudge", sent.append)
    make_firm(cast.officer)
    assert sign_in(cast.auditor).post("/audit/verify").status_code == 303
    assert sent == ["crm.audit.verify"]


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


def test_a_firm_narrows_by_any_part_of_its_name(app, cast):
    make_firm(cast.officer, name="演示甲有限公司")
    make_firm(cast.officer, name="演示乙有限公司")
    told = queries.trail(cast.auditor, queries.Filters(firm="示乙")).entries
    assert {entry.firm for entry in told} == {"演示乙有限公司"}
    assert queries.trail(cast.auditor, queries.Filters(firm="没有这家")).entries == []


def test_a_new_owner_is_told_by_name(app, cast):
    firm = make_firm(cast.officer, owner_id=cast.officer.user_id)
    edit_firm(cast.officer, firm.id, version=firm.version, values={"owner_id": cast.colleague.user_id})
    entry = queries.of_firm(firm.id).entries[0]
    assert (entry.who, entry.what) == ("officer", "修改了企业资料")
    assert entry.changes == (FieldChange("负责人", "officer", "colleague"),)


def test_what_did_not_change_names_the_record_and_is_no_change(app, cast):
    firm = make_firm(cast.officer)
    row = make_certification(cast.officer, firm.id, number="GR202333004321")
    revoke(cast.officer, row.id, from_=date(2026, 3, 1), reason="复核未通过", version=row.version)
    entry = next(e for e in queries.of_firm(firm.id).entries if e.what == "撤销了资质证书")
    assert entry.subject == "高新技术企业 GR202333004321"
    assert [change.label for change in entry.changes] == ["撤销原因", "撤销起始日"]


def test_an_entry_stays_readable_when_person_and_firm_are_gone(app, cast):
    """And a phone written in full at another time is masked when it is told."""
    entry = AuditEntry(
        id=1, at=utc_now(), actor_id=987654, actor_name="left", actor_role="viewer", via="web", source="",
        action="contact.update", subject_type="contact", subject_id=987654, firm_id=987654,
        before={"phone": "13805750000"}, after={"phone": None},
    )  # fmt: skip
    (told,) = tell([entry])
    assert (told.who, told.firm) == ("left", None)
    assert told.changes == (FieldChange("电话", "138****0000", "空"),)


def test_a_chief_of_a_county_sees_its_firms_and_people_only(app, cast):
    ours = make_firm(cast.officer, name="演示柯桥有限公司")
    make_firm(cast.stranger, name="演示诸暨有限公司", district="330681")
    chief = cast.officer  # the scope goes by territory; the right is asked by the view
    told = queries.trail(chief, queries.Filters()).entries
    assert {entry.firm_id for entry in told} <= {ours.id, None} and told
    assert {entry.who for entry in told} <= {"officer", "colleague", "liaison"}


def test_a_printed_head_is_found_again(app, cast):
    make_firm(cast.officer)
    use_cases.seal()
    head = queries.head()
    make_firm(cast.officer)
    assert queries.still_in_chain(head.seal_no, head.hash[:12].upper())
    assert not queries.still_in_chain(head.seal_no, head.hash[:4])
    with transaction():
        db.session.execute(sa.update(AuditSeal).values(hash="0" * 64))
    assert not queries.still_in_chain(head.seal_no, head.hash)


@pytest.mark.parametrize("value", ["99999999999999999999999", "-1", "x", "²"])
def test_a_number_no_database_holds_shows_the_first_page(app, cast, sign_in, value):
    client = sign_in(cast.auditor)
    assert client.get(f"/audit?before={value}").status_code == 200
    assert client.get(f"/audit/verify?seal={value}&hash=0123456789").status_code == 200


def test_every_field_that_is_kept_has_its_word(app, cast):
    make_everything(cast)
    kept = {
        key.partition(" ")[0]
        for entry in db.session.scalars(sa.select(AuditEntry))
        for document in (entry.before, entry.after)
        for key in document or {}
    }
    assert kept - labels.FIELDS.keys() == set()


def test_every_fault_the_chain_can_have_has_its_word():
    tree = ast.parse((ROOT / "crm" / "audit" / "use_cases.py").read_text(encoding="utf-8"))
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "ChainReport"
    ]
    faults = {call.args[4].value for call in calls if len(call.args) == 5}
    assert faults == labels.CHAIN_FAULTS.keys()
