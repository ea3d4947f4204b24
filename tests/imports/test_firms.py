"""Lists of firms: what becomes of each row, once by the use case that browser and command line share."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from crm.accounts.queries import system_actor
from crm.audit.models import AuditEntry
from crm.database import db
from crm.firms.models import Firm
from crm.imports.use_cases import ImportOptions, import_file
from tests.factories.firms import make_firm, valid_code
from tests.statements import count_statements

pytestmark = pytest.mark.both_databases
HEAD = ["企业名称", "统一社会信用代码", "注册日期", "所在区县", "区县代码", "乡镇街道", "是否分支机构"]


def bring(actor, path_or_rows, tmp_path, *, head=HEAD, encoding="utf-8-sig", dry_run=False, **options):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([head, *path_or_rows])
    path = tmp_path / "演示名单.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    report, _ = import_file(
        actor, "firms", path, ImportOptions(**options), dry_run=dry_run, tick=lambda _done: None
    )
    return report


def row(number, name=None, county="柯桥区", code=None, **values):
    cells = dict.fromkeys(HEAD, "")
    cells |= {"企业名称": name or f"演示导入{number}有限公司", "所在区县": county}
    cells["统一社会信用代码"] = valid_code(500_000 + number) if code is None else code
    return list((cells | values).values())


def firms():
    return {firm.name: firm for firm in db.session.scalars(sa.select(Firm))}


def test_new_rows_are_written_and_the_same_file_again_changes_nothing(app, cast, tmp_path):
    rows = [row(number, 注册日期="2015年3月5日") for number in range(5)]
    assert bring(cast.city, rows, tmp_path).counts["new"] == 5
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    again = bring(cast.city, rows, tmp_path)
    assert again.counts["same"] == 5 and again.counts["new"] == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == entries


def test_gb18030_names_come_in_whole(app, cast, tmp_path):
    bring(cast.city, [row(1, name="演示㐂喆（绍兴）有限公司")], tmp_path, encoding="gb18030")
    assert "演示㐂喆（绍兴）有限公司" in firms()


def test_a_dry_run_writes_nothing(app, cast, tmp_path):
    report = bring(cast.city, [row(1)], tmp_path, dry_run=True)
    assert report.counts["new"] == 1 and report.dry_run
    assert firms() == {}


def test_a_refused_row_keeps_the_whole_file_out_unless_asked(app, cast, tmp_path):
    rows = [row(1), row(2, 注册日期="2015-02-31")]
    assert bring(cast.city, rows, tmp_path).counts["refused"] == 1
    assert firms() == {}
    assert bring(cast.city, rows, tmp_path, skip_bad_rows=True).counts["new"] == 1
    assert len(firms()) == 1


def test_an_empty_cell_keeps_the_value(app, cast, tmp_path):
    bring(cast.city, [row(1, 注册日期="2015-03-05")], tmp_path)
    report = bring(cast.city, [row(1)], tmp_path)
    assert report.counts["same"] == 1
    assert firms()["演示导入1有限公司"].registered_on.isoformat() == "2015-03-05"


def test_a_failing_check_character_is_flagged_and_taken(app, cast, tmp_path):
    good = valid_code(500_001)
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    report = bring(cast.city, [row(1, code=bad)], tmp_path)
    assert report.counts["new"] == 1 and report.counts["warnings"] >= 1
    assert firms()["演示导入1有限公司"].code_problem == "check_character"


def test_the_district_never_comes_from_the_code(app, cast, tmp_path):
    bring(cast.city, [row(1, county="诸暨市"), row(2, county="")], tmp_path)
    found = firms()
    assert found["演示导入1有限公司"].district.name == "诸暨市"
    assert found["演示导入2有限公司"].district.name == "绍兴市"


def test_retired_codes_follow_their_successors(app, cast, tmp_path):
    bring(cast.city, [row(1, county="", 区县代码="330621"), row(2, county="上虞市")], tmp_path)
    found = firms()
    assert found["演示导入1有限公司"].district.name == "柯桥区"
    assert found["演示导入2有限公司"].district.name == "上虞区"


def test_a_county_brings_in_its_own_rows_only(app, cast, tmp_path):
    rows = [row(1), row(2, county="诸暨市")]
    report = bring(cast.officer, rows, tmp_path, skip_bad_rows=True)
    assert (report.counts["new"], report.counts["refused"]) == (1, 1)


def test_a_firm_of_another_county_is_refused_and_not_revealed(app, cast, tmp_path):
    there = make_firm(cast.stranger, name="演示外县有限公司", district="330681")
    report = bring(cast.officer, [row(1, name="随便", code=there.code)], tmp_path, skip_bad_rows=True)
    assert report.counts["refused"] == 1
    assert "演示外县" not in str(report.problems())


def test_brackets_and_widths_match_the_known_firm(app, cast, tmp_path):
    make_firm(cast.officer, name="演示（绍兴）有限公司", code=None)
    report = bring(cast.officer, [row(1, name="演示(绍兴) 有限公司", code="")], tmp_path)
    assert report.counts["new"] == 0
    assert list(firms()) == ["演示（绍兴）有限公司"]


def test_two_rows_of_one_firm_that_differ_are_both_refused(app, cast, tmp_path):
    rows = [row(1, 注册日期="2015-03-05"), row(1, 注册日期="2016-03-05")]
    assert bring(cast.city, rows, tmp_path).counts["refused"] == 2


def test_the_importer_is_in_the_audit_and_not_the_owner(app, cast, tmp_path):
    bring(cast.city, [row(1)], tmp_path)
    firm = firms()["演示导入1有限公司"]
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.firm_id == firm.id)).first()
    assert entry.actor_name == "city" and entry.batch
    assert firm.owner_id is None


def test_statements_do_not_grow_with_each_row(app, cast, tmp_path):
    bring(cast.city, [row(number) for number in range(3)], tmp_path)
    with count_statements() as few:
        bring(cast.city, [row(number) for number in range(10, 20)], tmp_path)
    with count_statements() as many:
        bring(cast.city, [row(number) for number in range(100, 300)], tmp_path)
    assert len(many) - len(few) < 20


def test_the_command_keeps_its_contract(app, cast, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "企业名称,注册日期\n演示命令有限公司,2015-03-05\n演示坏行有限公司,昨天\n", encoding="utf-8"
    )
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["firms", "import", str(path), "--json"])
    assert refused.exit_code == 2 and '"refused": 1' in refused.stdout
    in_part = runner.invoke(args=["firms", "import", str(path), "--skip-bad-rows", "--json"])
    assert in_part.exit_code == 1 and '"new": 1' in in_part.stdout
    missing = runner.invoke(args=["firms", "import", "nowhere.csv", "--json"])
    assert missing.exit_code == 2 and missing.stdout == "" and missing.stderr.count("\n") == 1
    assert system_actor("test").everything
