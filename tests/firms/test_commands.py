"""flask firms show and search."""

from __future__ import annotations

import json

from tests.factories.firms import make_firm


def run(app, *words: str):
    return app.test_cli_runner().invoke(args=["firms", *words])


def test_show_gives_one_document_by_code_or_name(app, cast):
    firm = make_firm(cast.officer, name="绍兴演示命令有限公司")
    for text in (firm.code, "绍兴演示命令有限公司"):
        result = run(app, "show", text, "--json")
        document = json.loads(result.stdout)
        assert (document["code"], document["district_code"], document["rung"]) == (firm.code, "330603", 0)
    assert "绍兴演示命令有限公司" in run(app, "show", firm.code).stdout


def test_what_is_not_found_is_one_line_and_status_2(app, cast):
    firm = make_firm(cast.officer)
    for words in (
        ("show", "没有"),
        ("show", firm.code, "--as", "stranger"),
        ("search", "演示", "--territory", "1"),
    ):
        result = run(app, *words)
        assert result.exit_code == 2 and result.stdout == "" and result.stderr.count("\n") == 1, words
    assert run(app, "search").exit_code == 2


def test_search_says_total_and_what_matched(app, cast):
    firm = make_firm(cast.officer, name="绍兴演示锦马有限公司")
    make_firm(cast.city, name="诸暨演示锦马有限公司", district="330681")
    assert json.loads(run(app, "search", "锦马", "--json").stdout)["total"] == 2
    document = json.loads(run(app, "search", "jm", "--territory", "330603", "--json").stdout)
    assert document == {
        "total": 1,
        "firms": [{"id": firm.id, "name": firm.name, "code": firm.code, "matched": "initials"}],
    }
    assert json.loads(run(app, "search", "锦", "--as", "stranger", "--json").stdout)["total"] == 1
