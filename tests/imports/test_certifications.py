"""Lists of certifications: the firm found, the scheme told apart, the same list twice."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.certifications.models import Certification
from crm.database import db
from crm.firms.use_cases import edit_firm
from crm.imports.use_cases import ImportOptions, import_file
from tests.factories.firms import make_firm

pytestmark = pytest.mark.both_databases
HEAD = ("企业名称", "统一社会信用代码", "资质类别", "证书编号", "发证日期", "有效期至")


def bring(actor, rows, tmp_path, head=HEAD, **options):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([head, *rows])
    path = tmp_path / "演示资质.csv"
    path.write_text(out.getvalue(), encoding="utf-8-sig")
    options = {"skip_bad_rows": True, **options}
    return import_file(
        actor, "certifications", path, ImportOptions(**options), dry_run=False, tick=lambda _done: None
    )[0]


def codes(report):
    return sorted(problem["code"] for problem in report.problems())


def test_a_list_is_recorded_once_and_validity_derived(app, cast, tmp_path):
    firm = make_firm(cast.officer)
    rows = [(firm.name, firm.code, "高企", "GR202333000001", "2023-12-08", "")]
    assert bring(cast.city, rows, tmp_path).counts["new"] == 1
    held = db.session.scalars(sa.select(Certification)).one()
    assert (held.firm_id, held.scheme, held.valid_to.isoformat()) == (firm.id, "hnte", "2026-12-08")
    entries = sa.select(sa.func.count()).select_from(AuditEntry)
    before = db.session.scalar(entries)
    assert bring(cast.city, rows, tmp_path).counts["same"] == 1
    assert db.session.scalar(entries) == before


def test_a_renewal_is_chained(app, cast, tmp_path):
    firm = make_firm(cast.officer)
    rows = [
        (firm.name, "", "高新技术企业", "GR202033000001", "2020-12-01", ""),
        (firm.name, "", "高新技术企业", "GR202333000001", "2023-12-08", ""),
    ]
    assert bring(cast.city, rows, tmp_path).counts["new"] == 2
    old, new = db.session.scalars(sa.select(Certification).order_by(Certification.granted_on))
    assert new.renews_id == old.id


def test_an_ambiguous_scheme_is_asked_for(app, cast, tmp_path):
    firm = make_firm(cast.officer)
    report = bring(cast.city, [(firm.name, "", "科小", "", "2024-05-01", "")], tmp_path)
    assert report.counts["refused"] == 1 and codes(report) == ["scheme_ambiguous"]


def test_a_branch_holds_no_rung(app, cast, tmp_path):
    firm = make_firm(cast.officer, name="绍兴演示有限公司柯桥分公司")
    report = bring(cast.city, [(firm.name, "", "高企", "", "2023-12-08", "")], tmp_path)
    assert codes(report) == ["branch_cannot_hold_rung"]


def test_a_name_of_two_firms_is_attached_to_none(app, cast, tmp_path):
    for district in ("330603", "330681"):
        make_firm(cast.city, name="演示同名有限公司", district=district)
    report = bring(cast.city, [("演示同名有限公司", "", "高企", "", "2023-12-08", "")], tmp_path)
    assert codes(report) == ["firm_ambiguous"]
    assert "柯桥区" in report.problems()[0]["message"] and "诸暨市" in report.problems()[0]["message"]
    assert db.session.scalars(sa.select(Certification)).all() == []


def test_a_former_name_leads_to_the_renamed_firm(app, cast, tmp_path):
    firm = make_firm(cast.officer, name="演示旧名有限公司")
    edit_firm(cast.officer, firm.id, version=firm.version, values={"name": "演示新名有限公司"})
    report = bring(cast.city, [("演示旧名有限公司", "", "高企", "", "2023-12-08", "")], tmp_path)
    assert report.counts["new"] == 1 and codes(report) == ["matched_by_former_name"]


def test_another_countys_firm_is_not_found(app, cast, tmp_path):
    there = make_firm(cast.stranger, name="演示外县有限公司", district="330681")
    rows = [
        ("随便", there.code, "高企", "", "2023-12-08", ""),
        (there.name, "", "高企", "", "2023-12-08", ""),
    ]
    report = bring(cast.officer, rows, tmp_path)
    assert codes(report) == ["firm_not_in_list", "firm_not_in_list"]


def test_days_that_cannot_be_told_are_asked(app, cast, tmp_path):
    firm = make_firm(cast.officer)
    rows = [(firm.name, "", "高企", "", day, "") for day in ("2024年3月", "0", "9999-12-31", "03/04/24")]
    report = bring(cast.city, rows, tmp_path)
    assert codes(report) == ["date_ambiguous", "date_ambiguous", "date_impossible", "date_impossible"]


def test_the_scheme_of_the_whole_list_may_be_said_once(app, cast, tmp_path):
    firm = make_firm(cast.officer)
    report = bring(
        cast.city,
        [(firm.name, "2023-12-08")],
        tmp_path,
        ("企业名称", "发证日期"),
        defaults={"scheme": "高企"},
    )
    assert report.counts["new"] == 1
