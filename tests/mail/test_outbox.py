"""The outbox: a mail is a whole file or none, a double shows, and no id leads out of the folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.domain.errors import NotFoundError
from crm.mail.delivery import DeliveryError
from crm.mail.mail_url import MailUrl
from crm.mail.outbox import OutboxChannel, list_mails, read_mail
from crm.mail.transport import open_channel

START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def _clock() -> Iterator[datetime]:
    moment = START
    while True:
        yield moment
        moment += timedelta(seconds=1)


def _send(channel: Any, mail: Any, before_data: Any = lambda: None) -> str:
    return str(channel.send(mail, "bounce@example.cn", str(mail["To"]), before_data=before_data))


@pytest.fixture
def channel(tmp_path: Path) -> OutboxChannel:
    ticks = _clock()
    return OutboxChannel(tmp_path / "outbox", now=lambda: next(ticks))


def test_a_mail_is_written_and_read_again(tmp_path: Path, the_mail: Any) -> None:
    with open_channel(MailUrl.parse("outbox:"), outbox_dir=tmp_path / "outbox") as channel:
        assert channel.check() == f"outbox {tmp_path / 'outbox'}"
        mail_id = _send(channel, the_mail("zhang@example.cn", subject="证书到期", text="正文\n第二行\n"))
    (listed,) = list_mails(tmp_path / "outbox", 10)
    assert (listed.id, listed.to, listed.subject) == (mail_id, "zhang@example.cn", "证书到期")
    assert listed.message_id == "<reminder.1@crm.example.cn>"
    mail = read_mail(tmp_path / "outbox", mail_id)
    assert (mail.text, mail.html.strip()) == ("正文\n第二行\n", "<p>正文</p>")
    assert mail.headers[:2] == (("Return-Path", "<bounce@example.cn>"), ("Delivered-To", "zhang@example.cn"))
    assert dict(mail.headers)["From"] == "企业梯度培育管理系统（绍兴市科学技术局） <crm@example.cn>"
    assert dict(mail.headers)["Subject"] == "证书到期"
    assert mail.raw == listed.path.read_bytes()


def test_newest_first_page_by_page(channel: OutboxChannel, tmp_path: Path, the_mail: Any) -> None:
    for row_id in range(5):
        _send(channel, the_mail("a@example.cn", row_id))
    first = list_mails(tmp_path / "outbox", 2)
    second = list_mails(tmp_path / "outbox", 2, first[-1].id)
    third = list_mails(tmp_path / "outbox", 2, second[-1].id)
    numbers = [int(mail.message_id.split(".")[1].split("@")[0]) for mail in first + second + third]
    assert numbers == [4, 3, 2, 1, 0]
    assert first[0].at == START + timedelta(seconds=4)
    assert list_mails(tmp_path / "nowhere", 2) == []


def test_the_same_message_id_sent_again_shows_as_a_second_file(
    channel: OutboxChannel, tmp_path: Path, the_mail: Any
) -> None:
    _send(channel, the_mail("a@example.cn"))
    again = OutboxChannel(tmp_path / "outbox", now=lambda: START + timedelta(minutes=1))
    _send(again, the_mail("a@example.cn"))
    doubles = list_mails(tmp_path / "outbox", 10)
    assert [mail.id.rsplit("_")[-1] for mail in doubles] == ["2", "1"]
    assert len({mail.message_id for mail in doubles}) == 1


def test_a_failing_before_data_leaves_no_file(channel: OutboxChannel, tmp_path: Path, the_mail: Any) -> None:
    seen: list[int] = []

    def lose_the_lease() -> None:
        seen.append(len(list_mails(tmp_path / "outbox", 10)))
        raise RuntimeError("another worker has the row")

    with pytest.raises(RuntimeError):
        _send(channel, the_mail("a@example.cn"), lose_the_lease)
    assert seen == [0]
    assert list((tmp_path / "outbox").iterdir()) == []


def test_a_half_written_draft_is_not_listed(channel: OutboxChannel, tmp_path: Path, the_mail: Any) -> None:
    mail_id = _send(channel, the_mail("a@example.cn"))
    (tmp_path / "outbox" / f".{mail_id}.eml.123").write_bytes(b"Subject: half")
    (tmp_path / "outbox" / "notes.eml").write_bytes(b"Subject: not ours")
    assert [mail.id for mail in list_mails(tmp_path / "outbox", 10)] == [mail_id]


@pytest.mark.parametrize(
    "mail_id", ["", "../secret", "/etc/passwd", "..", "20260302T003000.000000Z_..%2fx_1", "x\0", "a/b"]
)
def test_an_id_that_is_none_is_not_found(tmp_path: Path, mail_id: str) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    with pytest.raises(NotFoundError):
        read_mail(tmp_path / "outbox", mail_id)


def test_a_mail_removed_meanwhile_is_not_found(channel: OutboxChannel, tmp_path: Path, the_mail: Any) -> None:
    mail_id = _send(channel, the_mail("a@example.cn"))
    (tmp_path / "outbox" / f"{mail_id}.eml").unlink()
    with pytest.raises(NotFoundError):
        read_mail(tmp_path / "outbox", mail_id)


def test_a_folder_that_cannot_be_written_is_our_fault(tmp_path: Path, the_mail: Any) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with pytest.raises(DeliveryError) as failed:
        _send(OutboxChannel(tmp_path / "outbox"), the_mail("a@example.cn"))
    assert failed.value.ours and str(tmp_path) in failed.value.text


def test_the_envelope_cannot_go_past_the_mails_recipient(channel: OutboxChannel, the_mail: Any) -> None:
    with pytest.raises(ValueError, match="envelope"):
        channel.send(the_mail("tester@example.cn"), "", "zhang@example.cn", before_data=lambda: None)
