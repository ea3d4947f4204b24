"""What is found wrong in the rows of an export, and that a faultless row brings nothing."""

from datetime import date

import pytest

from crm.domain.export_profiles import check, profiles
from crm.domain.export_profiles.checks import REASONS

VALID_CODE = "91330600MA2DEM001B"
ROW = {
    "firm_id": 1,
    "name": "演示精密机械有限公司",
    "code": VALID_CODE,
    "district": "越城区",
    "technology_field": "新材料",
    "number": "GR202333001234",
    "granted_on": date(2023, 12, 8),
    "valid_to": date(2026, 12, 8),
    "batch": None,
    "state": "in_force",
    "is_branch": False,
}


def found(*rows, profile="hnte_holders"):
    return [(p.row_index, p.field, p.reason) for p in check(profiles()[profile], rows)]


def test_faultless_row_has_no_problem():
    assert found(ROW) == []


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", None, "missing"),
        ("code", "  ", "missing"),
        ("code", VALID_CODE[:-1] + "A", "code_check_character"),
        ("code", VALID_CODE[:-1], "code_length"),
        ("code", VALID_CODE[:-1] + "I", "code_alphabet"),
        ("technology_field", None, "missing"),
        ("technology_field", "新材料技术", "not_allowed"),
        ("technology_field", "高技术服务业", "not_allowed"),
        ("number", None, "missing"),
        ("number", "GR20233300123", "pattern"),
        ("valid_to", None, "missing"),
        ("valid_to", date(2023, 12, 7), "dates_reversed"),
        ("state", "expired", "not_allowed"),
        ("name", "演" * 101, "too_long"),
        ("name", "演示\n有限公司", "line_break"),
        ("name", "演示\x07有限公司", "line_break"),
        ("name", "演示\ud800有限公司", "not_encodable"),
    ],
)
def test_fault_is_named_by_field_and_reason(field, value, reason):
    assert found({**ROW, field: value}) == [(0, field, reason)]
    assert reason in REASONS


def test_granted_and_ending_on_one_day_is_in_order():
    assert found({**ROW, "valid_to": ROW["granted_on"]}) == []


def test_branch_cannot_hold():
    assert found({**ROW, "is_branch": True}) == [(0, "name", "branch_holds")]
    by_name = {**ROW, "name": "演示机械有限公司绍兴分公司", "is_branch": None}
    assert found(by_name) == [(0, "name", "branch_holds")]


def test_register_outranks_the_name_of_a_branch():
    assert found({**ROW, "name": "演示机械有限公司绍兴分公司"}) == []


def test_second_line_of_a_firm_points_to_the_first():
    other = {**ROW, "firm_id": 2, "code": "91330600MA2DEM002E", "name": "另一家演示有限公司"}
    problems = check(profiles()["hnte_holders"], [other, ROW, {**ROW, "code": None}])
    assert [(p.row_index, p.reason) for p in problems] == [(2, "missing"), (2, "firm_twice")]
    assert problems[1].values["first_row"] == 1


def test_same_code_under_two_ids_is_one_firm():
    assert found(ROW, {**ROW, "firm_id": 2}) == [(1, "name", "firm_twice")]


def test_firms_without_code_are_told_apart_by_name():
    row = {**ROW, "firm_id": None, "code": None}
    assert (1, "name", "firm_twice") in found(row, {**row, "name": "演示 精密机械有限公司"})
    assert (1, "name", "firm_twice") not in found(row, {**row, "name": "演示机械有限公司"})


def test_firm_may_stand_twice_among_the_expiring():
    row = {**ROW, "scheme": "高新技术企业", "days_left": 13}
    second = {**row, "scheme": "领军企业", "number": "2023-001"}
    assert found(row, second, profile="expiring") == []


def test_problem_shows_what_its_sentence_needs():
    (problem,) = check(profiles()["hnte_holders"], [{**ROW, "number": "X1"}])
    assert dict(problem.values) == {"header": "证书编号", "value": "X1", "example": "GR202333001234"}
