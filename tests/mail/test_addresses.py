"""R7: what cannot be an address is told before a relay is asked."""

from __future__ import annotations

import pytest

from crm.mail.addresses import ADDRESS_PROBLEMS, address_problem

CASES = {
    None: "address_empty",
    "": "address_empty",
    "　 ": "address_empty",
    "a@b.cn\nBcc: x@y.cn": "address_line_break",
    "zhang＠example.cn": "address_full_width_at",
    "a@b.cn，c@d.cn": "address_chinese_comma",
    "zhang@163，com": "address_chinese_comma",
    "a@b.cn、c@d.cn": "address_chinese_comma",
    "a@b.cn；c@d.cn": "address_chinese_comma",
    "a@b.cn,c@d.cn": "address_several",
    "a@b.cn;": "address_several",
    "a@b.cn c@d.cn": "address_several",
    "a b@example.cn": "address_spaces",
    "a@exa　mple.cn": "address_spaces",
    "13800000000": "address_no_at",
    "无": "address_no_at",
    "@example.cn": "address_no_name",
    "zhang@": "address_no_domain",
    "张三@example.cn": "address_not_ascii",
    "zhang@163。com": "address_not_ascii",
    "a" * 65 + "@example.cn": "address_too_long",
    "a@" + "b" * 250 + ".cn": "address_too_long",
    "zhang@localhost": "address_malformed",
    "zhang@10.0.0.1": "address_malformed",
    "zhang@example..cn": "address_malformed",
    "zhang@-example.cn": "address_malformed",
    ".zhang@example.cn": "address_malformed",
    "<zhang@example.cn>": "address_malformed",
}


@pytest.mark.parametrize(("text", "problem"), CASES.items())
def test_an_address_that_cannot_be_written_to_says_why(text: str | None, problem: str) -> None:
    assert address_problem(text) == problem


@pytest.mark.parametrize(
    "text", ["zhang@example.cn", " a.b+c_d@mail.sx.gov.cn ", "3@qq.com", "a@xn--fiqs8s.cn"]
)
def test_an_ordinary_address_has_no_problem(text: str) -> None:
    assert address_problem(text) is None


def test_every_problem_is_declared_and_tried() -> None:
    assert set(CASES.values()) == set(ADDRESS_PROBLEMS)
