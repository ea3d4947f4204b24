"""Finer points of lists of firms: names that changed, people, places, units, what a list may clear."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.audit.models import AuditEntry
from crm.database import db
from crm.firms import queries, searching
from crm.firms.import_places import is_township_name
from crm.firms.models import Contact, Firm
from tests.factories.firms import make_firm, valid_code
from tests.imports.test_firms import bring, firms

pytestmark = pytest.mark.both_databases


def codes(report):
    return sorted(problem["code"] for problem in report.problems())


def one(name):
    return db.session.scalars(
        sa.select(Firm).where(Firm.name == name).execution_options(populate_existing=True)
    ).one()


def test_a_code_under_another_name_renames_and_the_old_name_finds(app, cast, tmp_path):
    firm = make_firm(cast.officer, name="演示原名有限公司")
    head = ("企业名称", "统一社会信用代码")
    report = bring(cast.city, [("演示现名有限公司", firm.code)], tmp_path, head=head)
    assert report.results[0].changes["name"] == ("演示原名有限公司", "演示现名有限公司")
    assert one("演示现名有限公司").id == firm.id
    assert [former.name for former in queries.former_names_of(firm.id)] == ["演示原名有限公司"]
    assert [f.id for f in searching.find(cast.city, "原名").firms] == [firm.id]
    older = bring(cast.city, [("演示原名有限公司", firm.code)], tmp_path, head=head)
    assert (older.counts["same"], codes(older)) == (1, ["former_name_in_list"])
    by_name = bring(cast.city, [("演示原名有限公司", "")], tmp_path, head=head)
    assert (by_name.counts["same"], codes(by_name)) == (1, ["matched_by_former_name"])


def test_a_bare_name_of_two_counties_is_refused_with_both(app, cast, tmp_path):
    for district in ("330603", "330681"):
        make_firm(cast.city, name="演示同名有限公司", district=district)
    report = bring(cast.city, [("演示同名有限公司",)], tmp_path, head=("企业名称",))
    assert codes(report) == ["firm_ambiguous"]
    told = bring(cast.officer, [("演示同名有限公司",)], tmp_path, head=("企业名称",))
    assert told.counts["same"] == 1, "of its own county there is only one"


def test_a_county_list_without_a_column_for_it_is_of_that_county(app, cast, tmp_path):
    bring(cast.officer, [("演示本县有限公司",)], tmp_path, head=("企业名称",))
    assert one("演示本县有限公司").district.name == "柯桥区"


def test_the_explicit_mark_clears_and_a_name_cannot_be_cleared(app, cast, tmp_path):
    firm = make_firm(cast.officer, industry="纺织")
    head = ("企业名称", "统一社会信用代码", "所属行业")
    report = bring(cast.city, [(firm.name, firm.code, "【清空】")], tmp_path, head=head)
    assert report.results[0].changes == {"industry": ("纺织", "")}
    assert one(firm.name).industry is None
    assert codes(bring(cast.city, [("【清空】", firm.code, "")], tmp_path, head=head)) == ["not_clearable"]


def test_owner_and_contact_come_from_the_list(app, cast, tmp_path):
    head = ("企业名称", "所在区县", "经办人", "联系人", "联系电话", "联系邮箱")
    rows = [
        ("演示甲有限公司", "柯桥区", "officer", "李演示", "13800000000", "li@example.test"),
        ("演示乙有限公司", "柯桥区", "stranger", "", "没有", "演示＠example.test"),
    ]
    report = bring(cast.city, rows, tmp_path, head=head)
    assert report.counts["new"] == 2
    assert codes(report) == [
        *("address_full_width_at", "code_missing", "code_missing", "owner_elsewhere", "phone_left_out")
    ]
    assert one("演示甲有限公司").owner_id == cast.officer.user_id
    assert one("演示乙有限公司").owner_id is None
    person, flagged = db.session.scalars(sa.select(Contact).order_by(Contact.id))
    assert (person.phone, person.is_primary, flagged.email_problem) == (
        "13800000000",
        True,
        "address_full_width_at",
    )
    trail = str([e.after for e in db.session.scalars(sa.select(AuditEntry)) if e.action == "contact.add"])
    assert "13800000000" not in trail and "li@example.test" not in trail
    again = bring(cast.city, rows, tmp_path, head=head)
    assert again.counts["same"] == 2
    new_phone = [("演示甲有限公司", "柯桥区", "", "李演示", "13900000001", "")]
    assert bring(cast.city, new_phone, tmp_path, head=head).counts["changed"] == 1
    db.session.expire_all()
    assert [(c.name, c.phone) for c in queries.contacts_of(one("演示甲有限公司").id)] == [
        ("李演示", "13900000001")
    ]


def test_units_currencies_fields_and_years(app, cast, tmp_path):
    head = ("企业名称", "注册资本（元）", "币种", "技术领域")
    rows = [
        ("演示甲有限公司", "6315000", "", "一、电子信息技术"),
        ("演示乙有限公司", "200万美元", "", "新材料/高分子材料"),
        ("演示丙有限公司", "1,500.5万元", "人民币", "算命"),
        ("演示丁有限公司", "很多", "", ""),
    ]
    report = bring(cast.city, rows, tmp_path, head=head, skip_bad_rows=True)
    assert report.counts["refused"] == 1 and "hnte_field_unknown" in codes(report)
    stored = {f.name: (f.registered_capital, f.capital_currency, f.hnte_field) for f in firms().values()}
    assert stored == {
        "演示甲有限公司": (Decimal("631.5"), None, "电子信息"),
        "演示乙有限公司": (200, "USD", "新材料"),
        "演示丙有限公司": (Decimal("1500.5"), "CNY", None),
    }
    assert bring(cast.city, rows[:3], tmp_path, head=head).counts["same"] == 3


def test_townships_are_made_once_and_noise_is_left_out(app, cast, tmp_path):
    head = ("企业名称", "所在区县", "乡镇街道")
    rows = [
        ("演示甲有限公司", "柯桥区", "安昌街道"),
        ("演示乙有限公司", "柯桥区", "钱清镇"),
        ("演示丙有限公司", "柯桥区", "钱清镇"),
        ("演示丁有限公司", "柯桥区", "江工业区马山镇"),
    ]
    report = bring(cast.city, rows, tmp_path, head=head)
    assert "township_doubtful" in codes(report)
    places = [one(name).township for name, *_ in rows]
    assert [place.name if place else None for place in places] == ["安昌街道", "钱清镇", "钱清镇", None]
    assert places[1].id == places[2].id


@pytest.mark.parametrize(
    ("text", "plausible"),
    [
        *((name, True) for name in ("钱清镇", "应店街镇", "大市聚镇", "章镇镇", "城南乡")),
        *((name, False) for name in ("黄泽镇镇", "长乐镇环镇", "南明街道西镇", "县马鞍镇", "镇")),
    ],
)
def test_what_may_be_a_township(text, plausible):
    assert is_township_name(text) is plausible


def test_codes_of_a_wrong_length_or_letter_are_refused_with_the_reason(app, cast, tmp_path):
    code = valid_code(700_001)
    rows = [("演示甲有限公司", code[:-1]), ("演示乙有限公司", "O" + code[1:])]
    report = bring(cast.city, rows, tmp_path, head=("企业名称", "信用代码"), skip_bad_rows=True)
    assert codes(report) == ["code_alphabet", "code_length"]
    assert "17 位" in report.problems()[0]["message"]


def test_a_repeated_row_counts_once(app, cast, tmp_path):
    row = ("演示甲有限公司", valid_code(700_001), "柯桥区")
    report = bring(cast.city, [row, row], tmp_path, head=("企业名称", "信用代码", "所在区县"))
    assert (report.counts["new"], report.counts["same"], codes(report)) == (1, 1, ["row_repeated"])


def test_two_lists_at_once_make_no_firm_twice(app, cast, tmp_path):
    """Firms without a code have no unique key to stop a second one: the lists wait for each other."""
    rows = [(f"演示并发{n}有限公司", "柯桥区") for n in range(30)]
    counts = []

    def work(number):
        folder = tmp_path / str(number)
        folder.mkdir()
        with app.app_context():
            counts.append(bring(cast.city, rows, folder, head=("企业名称", "所在区县")).counts)
            db.session.remove()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(count["new"] for count in counts) == [0, 30]
    db.session.rollback()
    assert len(firms()) == 30


_NAMES = st.text(alphabet="演示绍兴柯桥（）()Ａa1 　公司", min_size=1, max_size=12)
_ROWS = st.lists(
    st.tuples(
        _NAMES,
        st.sampled_from(["", valid_code(1), valid_code(2), "91330600774398999G", "123"]),
        st.sampled_from(["", "柯桥区", "绍兴县", "诸暨", "火星区"]),
        st.sampled_from(["", "2015-03-05", "2015年3月", "45356", "【清空】"]),
        st.sampled_from(["", "钱清镇", "街道"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS)
def test_any_list_brought_in_twice_changes_nothing_the_second_time(app, cast, tmp_path, rows):
    head = ("企业名称", "统一社会信用代码", "所在区县", "注册日期", "乡镇街道")
    bring(cast.city, rows, tmp_path, head=head, skip_bad_rows=True)
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    again = bring(cast.city, rows, tmp_path, head=head, skip_bad_rows=True)
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == entries
