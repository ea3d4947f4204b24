"""Every way a relay can end a delivery, against real sockets; no test waits by the clock."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.domain.errors import RefusedError
from crm.mail.delivery import DeliveryError, Timeouts
from crm.mail.mail_url import MailUrl
from crm.mail.message import wire_bytes
from crm.mail.smtp import SmtpChannel
from crm.mail.transport import open_channel

SENDER = "bounce@example.cn"


def _nothing() -> None:
    return


def _fail(channel: Any, mail: Any, to: str, before_data: Callable[[], None] = _nothing) -> DeliveryError:
    with pytest.raises(DeliveryError) as failed:
        channel.send(mail, SENDER, to, before_data=before_data)
    return failed.value


def test_a_mail_arrives_and_its_queue_id_comes_back(
    relay: Any, the_url: Any, the_mail: Any, tmp_path: Path
) -> None:
    text = ".\n..\n.第一行\n" + "x" * 200 + "\n.\n"
    order: list[str] = []
    with open_channel(the_url(relay), outbox_dir=tmp_path) as channel:
        mail = the_mail("zhang@example.cn", text=text)
        mail.set_boundary("the-same-in-each-copy")
        answer = channel.send(
            mail, SENDER, "zhang@example.cn", before_data=lambda: order.append(str(len(relay.mails)))
        )
    assert answer == "2.0.0 Ok: queued as 1"
    assert order == ["0"], "before_data ran once, before the relay had the mail"
    sender, recipients, content = relay.mails[0]
    assert (sender, recipients) == (SENDER, ["zhang@example.cn"])
    assert content == wire_bytes(mail)
    assert relay.commands == ["QUIT"]


def test_lines_that_begin_with_a_dot_arrive_as_written(relay: Any, the_url: Any, the_mail: Any) -> None:
    mail = the_mail("zhang@example.cn")
    mail.clear_content()
    mail.set_content(".\n..\n.abc\nend\n")
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        channel.send(mail, SENDER, "zhang@example.cn", before_data=_nothing)
    assert relay.mails[0][2].endswith(b"\r\n\r\n.\r\n..\r\n.abc\r\nend\r\n")


def test_one_line_carries_many_mails_and_a_refused_address_stops_nobody(
    relay: Any, the_url: Any, the_mail: Any
) -> None:
    to_all = ["a@example.cn", "bad@example.cn", "busy@example.cn", "b@example.cn"]
    failures = []
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        for row_id, to in enumerate(to_all):
            try:
                channel.send(the_mail(to, row_id), SENDER, to, before_data=_nothing)
            except DeliveryError as error:
                failures.append((error.phase, error.permanent, error.ours, error.code, error.blames_address))
    assert failures == [("rcpt", True, False, 550, True), ("rcpt", False, False, 451, False)]
    assert [recipients for _, recipients, _ in relay.mails] == [["a@example.cn"], ["b@example.cn"]]
    assert relay.connections == 1
    assert relay.commands == ["RSET", "RSET", "RSET", "QUIT"]


def test_a_new_line_is_opened_after_its_share_of_mails(relay: Any, the_url: Any, the_mail: Any) -> None:
    with closing(SmtpChannel(the_url(relay), Timeouts(), messages_per_connection=3)) as channel:
        for row_id in range(7):
            channel.send(the_mail("a@example.cn", row_id), SENDER, "a@example.cn", before_data=_nothing)
    assert relay.connections == 3
    assert len(relay.mails) == 7
    assert relay.commands.count("RSET") == 4


def test_a_relay_that_ends_a_used_line_with_421_costs_no_attempt(
    relay: Any, the_url: Any, the_mail: Any
) -> None:
    relay.mails_before_421 = 2
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        for row_id in range(5):
            channel.send(the_mail("a@example.cn", row_id), SENDER, "a@example.cn", before_data=_nothing)
    assert (len(relay.mails), relay.connections) == (5, 3)


@pytest.mark.parametrize(
    ("answer", "permanent", "ours", "blames_address"),
    [
        ("550 User unknown", True, False, True),
        ("552 5.2.2 Mailbox full", True, False, True),
        ("554 5.7.1 Relay access denied", True, False, False),
        ("530 5.7.0 Authentication required", False, True, False),
        ("450 4.2.1 Greylisted", False, False, False),
        ("421 4.3.2 Going down", False, False, False),
    ],
)
def test_the_answer_to_rcpt_decides_whose_fault_it_is(
    relay: Any, the_url: Any, the_mail: Any, answer: str, permanent: bool, ours: bool, blames_address: bool
) -> None:
    relay.rcpt_answers["li@example.cn"] = answer
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        error = _fail(channel, the_mail("li@example.cn"), "li@example.cn")
        assert (error.phase, error.code) == ("rcpt", int(answer[:3]))
        assert (error.permanent, error.ours, error.blames_address) == (permanent, ours, blames_address)
        channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)


@pytest.mark.parametrize(
    ("answer", "permanent", "ours"),
    [
        ("553 5.1.8 Sender refused", False, True),
        ("552 5.3.4 Too big", True, False),
        ("452 4.3.1 Disk", False, False),
    ],
)
def test_the_answer_to_mail_is_ours_where_the_sender_is_refused(
    relay: Any, the_url: Any, the_mail: Any, answer: str, permanent: bool, ours: bool
) -> None:
    relay.mail_answer = answer
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
    assert (error.phase, error.permanent, error.ours, error.in_doubt) == ("mail", permanent, ours, False)


@pytest.mark.parametrize("greeting", ["421 4.3.2 Not now", "554 5.7.1 Your address is blocked"])
def test_a_refused_greeting_is_our_fault(relay: Any, the_url: Any, the_mail: Any, greeting: str) -> None:
    relay.greeting = greeting
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
        assert (error.phase, error.permanent, error.ours) == ("connect", False, True)
        assert (error.code, error.text) == (int(greeting[:3]), greeting[4:])
        relay.greeting = None
        channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)


def test_a_refused_connection_is_our_fault(the_mail: Any) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with closing(SmtpChannel(MailUrl.parse(f"smtp://127.0.0.1:{port}"), Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
    assert (error.phase, error.ours, error.code) == ("connect", True, None)
    assert "refused" in error.text.lower()


def test_a_wrong_password_is_our_fault_and_a_right_one_sends(start_relay: Any, the_mail: Any) -> None:
    relay = start_relay(login=("crm", "p@ss"))
    wrong = MailUrl.parse(f"smtp://crm:wrong@127.0.0.1:{relay.port}")
    right = MailUrl.parse(f"smtp://crm:p%40ss@127.0.0.1:{relay.port}")
    with closing(SmtpChannel(wrong, Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
    assert (error.phase, error.permanent, error.ours, error.code) == ("login", False, True, 535)
    with closing(SmtpChannel(right, Timeouts())) as channel:
        channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)
    assert len(relay.mails) == 1


def test_a_line_cut_after_the_final_dot_leaves_the_mail_in_doubt(
    relay: Any, the_url: Any, the_mail: Any
) -> None:
    relay.cut_after_final_dot = True
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
        assert (error.phase, error.in_doubt, error.permanent, error.ours) == ("data", True, False, False)
        assert len(relay.mails) == 1, "the relay had it: sending again makes a double"
        relay.cut_after_final_dot = False
        channel.send(the_mail("b@example.cn"), SENDER, "b@example.cn", before_data=_nothing)


def test_silence_after_the_final_dot_is_in_doubt_too(relay: Any, the_url: Any, the_mail: Any) -> None:
    relay.wait_before_250 = threading.Event()
    with closing(SmtpChannel(the_url(relay), Timeouts(final_dot_seconds=0.2))) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
    relay.wait_before_250.set()
    assert error.in_doubt and "timed out" in error.text


def test_a_slow_scan_after_the_final_dot_is_waited_for(relay: Any, the_url: Any, the_mail: Any) -> None:
    relay.wait_before_250 = threading.Event()
    answers: list[str] = []
    # a command timeout far shorter than the scan proves that the final dot has its own
    with closing(SmtpChannel(the_url(relay), Timeouts(command_seconds=5, final_dot_seconds=600))) as channel:
        mail = the_mail("a@example.cn")
        sending = threading.Thread(
            target=lambda: answers.append(channel.send(mail, SENDER, "a@example.cn", before_data=_nothing))
        )
        sending.start()
        assert relay.dot_came.wait(10)
        line = channel._client.sock if channel._client else None
        assert line is not None and line.gettimeout() == 600
        relay.wait_before_250.set()
        sending.join(10)
        assert line.gettimeout() == 5
    assert answers == ["2.0.0 Ok: queued as 1"]


@pytest.mark.parametrize(("answer", "permanent"), [("554 5.7.1 Spam", True), ("451 4.3.0 Later", False)])
def test_a_refusal_after_the_final_dot_is_no_doubt(
    relay: Any, the_url: Any, the_mail: Any, answer: str, permanent: bool
) -> None:
    relay.data_answer = answer
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
    assert (error.phase, error.permanent, error.in_doubt) == ("answer", permanent, False)
    assert not error.blames_address


def test_a_failing_before_data_keeps_the_mail_from_going_out(relay: Any, the_url: Any, the_mail: Any) -> None:
    def lose_the_lease() -> None:
        raise RuntimeError("another worker has the row")

    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        with pytest.raises(RuntimeError, match="another worker"):
            channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=lose_the_lease)
        channel.send(the_mail("b@example.cn"), SENDER, "b@example.cn", before_data=_nothing)
    assert [recipients for _, recipients, _ in relay.mails] == [["b@example.cn"]]


def test_the_envelope_cannot_go_past_the_mails_recipient(relay: Any, the_url: Any, the_mail: Any) -> None:
    with closing(SmtpChannel(the_url(relay), Timeouts())) as channel:
        with pytest.raises(ValueError, match="envelope"):
            channel.send(the_mail("tester@example.cn"), SENDER, "zhang@example.cn", before_data=_nothing)
        with pytest.raises(RefusedError):
            channel.send(the_mail("a@example.cn"), "bounce", "a@example.cn", before_data=_nothing)
        channel.send(the_mail("a@example.cn"), "", "a@example.cn", before_data=_nothing)
    assert relay.connections == 1 and relay.mails[0][0] == "<>"


def test_starttls_required_is_obeyed(start_relay: Any, the_mail: Any, certificate: Path) -> None:
    plain, encrypting = start_relay(), start_relay(login=("crm", "pass"), certificate=certificate)

    def url(relay: Any, host: str, ca_file: Path | None) -> MailUrl:
        query = f"?starttls=required{f'&ca_file={ca_file}' if ca_file else ''}"
        return MailUrl.parse(f"smtp://crm:pass@{host}:{relay.port}{query}")

    for refused, word in (
        (url(plain, "localhost", certificate), "STARTTLS"),
        (url(encrypting, "localhost", None), "CERTIFICATE_VERIFY_FAILED"),
        (url(encrypting, "127.0.0.1", certificate), "CERTIFICATE_VERIFY_FAILED"),
        (url(encrypting, "localhost", certificate.with_name("absent.pem")), "No such file"),
    ):
        with closing(SmtpChannel(refused, Timeouts())) as channel:
            error = _fail(channel, the_mail("a@example.cn"), "a@example.cn")
        assert (error.phase, error.ours) == ("connect", True) and word in error.text
    with closing(SmtpChannel(url(encrypting, "localhost", certificate), Timeouts())) as channel:
        assert channel.check().endswith("(TLSv1.3)")
        channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)
        channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)
    assert (len(plain.mails), len(encrypting.mails)) == (0, 2)


def test_smtps_is_encrypted_from_the_start(start_relay: Any, the_mail: Any, certificate: Path) -> None:
    relay = start_relay(certificate=certificate, tls_from_start=True)
    for ca_file, works in ((None, False), (certificate, True)):
        url = MailUrl.parse(f"smtps://localhost:{relay.port}{f'?ca_file={ca_file}' if ca_file else ''}")
        with closing(SmtpChannel(url, Timeouts())) as channel:
            if works:
                channel.send(the_mail("a@example.cn"), SENDER, "a@example.cn", before_data=_nothing)
            else:
                assert _fail(channel, the_mail("a@example.cn"), "a@example.cn").ours
    assert len(relay.mails) == 1
