"""What a mail looks like on the wire, and what it refuses to carry."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest

from crm.domain.errors import RefusedError
from crm.mail.message import MailText, build, message_id, recipient, return_path, wire_bytes

DATE = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def _build(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "sender": "绍兴市科学技术局，梯度培育（演示） <crm@example.cn>",
        "to": "zhang@example.cn",
        "mail_text": MailText(
            "高新技术企业证书 30 天后到期", ".第一行\n第二行\n", "<html><body><p>一</p></body></html>"
        ),
        "message_id": "<reminder.7@crm.example.cn>",
        "date": DATE,
    }
    return build(**(given | changes))


def _parsed(**changes: Any) -> Any:
    return message_from_bytes(wire_bytes(_build(**changes)), policy=default)


def test_headers_say_who_wrote_what_and_that_a_machine_did() -> None:
    mail = _parsed()
    assert mail["From"].addresses[0].addr_spec == "crm@example.cn"
    raw_from = dict(mail.raw_items())["From"]
    assert str(make_header(decode_header(raw_from))).startswith("绍兴市科学技术局，梯度培育（演示） <")
    assert mail["To"] == "zhang@example.cn"
    assert mail["Message-ID"] == "<reminder.7@crm.example.cn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == DATE


@pytest.mark.parametrize("length", [1, 12, 40, 75, 200])
def test_chinese_survives_a_seven_bit_wire(length: int) -> None:
    subject, text = "绍" * length + " 2026", "诸暨市演示企业" * length + "\n.\n完\n"
    wire = wire_bytes(_build(mail_text=MailText(subject, text, f"<p>{text}</p>")))
    assert wire.isascii() and max(map(len, wire.split(b"\r\n"))) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    mail = message_from_bytes(wire, policy=default)
    assert mail["Subject"] == subject
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert text in mail.get_body(("html",)).get_content().replace("\r\n", "\n")


def test_only_to_receives_alone_and_reads_whom_it_was_for() -> None:
    mail = _build(only_to="tester@example.cn")
    assert recipient(mail) == "tester@example.cn"
    parsed = message_from_bytes(wire_bytes(mail), policy=default)
    assert "zhang@example.cn" in parsed.get_body(("plain",)).get_content().splitlines()[0]
    assert "<body><p><strong>【转投】" in parsed.get_body(("html",)).get_content()
    assert all("zhang@example.cn" not in value for value in parsed.values())


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"mail_text": MailText("到期\r\nBcc: all@example.cn", "", "")}, "subject", "header_line_break"),
        ({"mail_text": MailText("到期\u2028x", "", "")}, "subject", "header_line_break"),
        ({"to": "zhang@example.cn\nBcc: x@example.cn"}, "to", "address_line_break"),
        ({"to": "zhang@example.cn，li@example.cn"}, "to", "address_chinese_comma"),
        ({"sender": "局\nBcc: x@example.cn <crm@example.cn>"}, "sender", "header_line_break"),
        ({"message_id": "<a@b.cn>\r\nX: y"}, "message_id", "header_line_break"),
        ({"return_path": "a@b.cn>\r\nX: y"}, "return_path", "address_line_break"),
        ({"only_to": "nobody"}, "only_to", "address_no_at"),
    ],
)
def test_nothing_is_injected(changes: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        _build(**changes)
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_message_id_is_the_rows_own() -> None:
    assert message_id("reminder", 42, "crm.example.cn") == message_id("reminder", 42, "crm.example.cn")
    assert message_id("reminder", 42, "crm.example.cn") == "<reminder.42@crm.example.cn>"
    for kind, domain in (("re minder", "crm.example.cn"), ("reminder", "crm\r\n.cn"), ("reminder", "")):
        with pytest.raises(ValueError, match="example: reminder"):
            message_id(kind, 42, domain)


def test_return_path_finds_the_row_but_does_not_go_over_the_wire() -> None:
    path = return_path("bureau@example.cn", "reminder", 42)
    mail = _build(return_path=path)
    assert mail["Return-Path"] == "<bureau+reminder-42@example.cn>"
    assert b"Return-Path" not in wire_bytes(mail)
    assert mail["Return-Path"], "the message itself is left as it was"


def test_a_date_without_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="time zone"):
        _build(date=datetime(2026, 3, 2))
