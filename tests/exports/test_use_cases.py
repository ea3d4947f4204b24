"""Check, write, freeze, download again, compare; rights and territory."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date

import pytest
import sqlalchemy as sa

from crm.audit.models import AuditEntry
from crm.database import db
from crm.domain.errors import NotAllowedError, NotFoundError, RefusedError
from crm.exports import queries, use_cases
from crm.exports.comparison import compare, read_back
from crm.exports.queries import profile_named
from tests.factories.certifications import make_certification
from tests.factories.firms import make_firm
from tests.statements import count_statements

ON = date(2026, 11, 25)
pytestmark = pytest.mark.both_databases


def holder(cast, name, number="GR202333000001", **values):
    firm = make_firm(cast.officer, name=name, hnte_field="新材料", **values)
    make_certification(cast.officer, firm.id, scheme="hnte", number=number, granted_on=date(2023, 12, 8))
    return firm


def lines(content, encoding="utf-8-sig"):
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))


def test_the_file_has_the_columns_the_province_asked_for(app, cast):
    firm = holder(cast, "演示甲有限公司")
    written = use_cases.write(cast.city, "hnte_holders", ON, purpose="报省厅")
    assert written.content.startswith(b"\xef\xbb\xbf") and b"\r\n" in written.content
    head, row = lines(written.content)
    assert head == [column.header for column in profile_named("hnte_holders").columns]
    assert (
        " ".join(head)
        == "序号 企业名称 统一社会信用代码 所在区县 技术领域 证书编号 发证日期 有效期至 批次 状态"
    )
    assert row[:2] == ["1", "演示甲有限公司"]
    assert row[2].strip("\t") == firm.code
    assert row[3:8] == ["柯桥区", "新材料", "GR202333000001", "2023-12-08", "2026-12-08"]


def test_a_submission_gives_the_same_bytes_again(app, cast):
    holder(cast, "演示甲有限公司")
    written = use_cases.write(cast.city, "hnte_holders", ON, purpose="报省厅")
    make_firm(cast.officer, name="演示后来有限公司")
    again = queries.submission_for(cast.city, written.submission.id, with_content=True)
    assert again.content == written.content
    assert again.sha256 == hashlib.sha256(written.content).hexdigest()


def test_bytes_that_were_tampered_with_are_not_handed_out(app, cast):
    holder(cast, "演示甲有限公司")
    submission = use_cases.write(cast.city, "hnte_holders", ON, purpose="报省厅").submission
    db.session.execute(sa.text("UPDATE submissions SET sha256 = 'x'"))
    db.session.commit()
    with pytest.raises(RefusedError, match="submission_damaged"):
        queries.submission_for(cast.city, submission.id, with_content=True)


def test_a_name_led_by_a_formula_is_text(app, cast):
    holder(cast, '=HYPERLINK("http://x")演示有限公司')
    content = use_cases.write(cast.city, "hnte_holders", ON, purpose="报省厅").content
    assert lines(content)[1][1].startswith("'=")


def test_problems_must_be_seen_before_the_file_is_made(app, cast):
    firm = make_firm(cast.officer, name="演示无领域有限公司", hnte_field=None)
    make_certification(
        cast.officer, firm.id, scheme="hnte", number="GR202333000009", granted_on=date(2023, 12, 8)
    )
    found = use_cases.check(cast.city, "hnte_holders", ON).problems
    assert [(p.firm, p.header) for p in found] == [("演示无领域有限公司", "技术领域")]
    with pytest.raises(RefusedError, match="export_problems_unseen"):
        use_cases.write(cast.city, "hnte_holders", ON, purpose="报省厅", problems_seen=0)
    assert (
        use_cases.write(
            cast.city, "hnte_holders", ON, purpose="报省厅", problems_seen=1
        ).submission.problem_count
        == 1
    )


def test_the_day_decides_who_is_in_force(app, cast):
    holder(cast, "演示甲有限公司")
    assert len(use_cases.check(cast.city, "hnte_holders", date(2026, 12, 8)).rows) == 1
    assert len(use_cases.check(cast.city, "hnte_holders", date(2026, 12, 9)).rows) == 0


def test_a_county_sees_and_writes_its_own_only(app, cast):
    holder(cast, "演示甲有限公司")
    assert use_cases.check(cast.stranger, "hnte_holders", ON).rows == []
    with pytest.raises(NotFoundError):
        use_cases.check(cast.stranger, "hnte_holders", ON, "330603")
    submission = use_cases.write(cast.officer, "hnte_holders", ON, purpose="报市局").submission
    with pytest.raises(NotFoundError):
        queries.submission_for(cast.stranger, submission.id)


def test_who_may_only_read_is_refused_and_the_attempt_is_kept(app, cast):
    holder(cast, "演示甲有限公司")
    with pytest.raises(NotAllowedError):
        use_cases.write(cast.viewer, "hnte_holders", ON, purpose="报省厅")
    newest = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (newest.action, newest.actor_name) == ("export.refused", "viewer")


def test_two_submissions_are_compared_field_by_field(app, cast):
    holder(cast, "演示甲有限公司")
    first = use_cases.write(cast.city, "hnte_holders", ON, purpose="第一次").content
    holder(cast, "演示乙有限公司", number="GR202333000002")
    second = use_cases.write(cast.city, "hnte_holders", ON, purpose="第二次").content
    difference = compare(
        profile_named("hnte_holders"), read_back(first, "utf-8-sig"), read_back(second, "utf-8-sig")
    )
    assert [line["企业名称"] for line in difference.added] == ["演示乙有限公司"]
    assert (difference.removed, difference.changed, difference.same) == ([], [], 1)


def test_statements_do_not_grow_with_rows(app, cast):
    holder(cast, "演示甲有限公司")
    use_cases.check(cast.city, "hnte_holders", ON)
    with count_statements() as few:
        use_cases.check(cast.city, "hnte_holders", ON)
    for number in range(20):
        holder(cast, f"演示多{number}有限公司", number=f"GR20233301{number:04}")
    with count_statements() as many:
        use_cases.check(cast.city, "hnte_holders", ON)
    assert len(few) == len(many)
