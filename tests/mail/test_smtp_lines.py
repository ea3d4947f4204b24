"""A relay that says word for word what the test wrote, for answers and cuts no mail server makes on wish."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from crm.mail.delivery import DeliveryError, Timeouts
from crm.mail.mail_url import MailUrl
from crm.mail.smtp import SmtpChannel

CUT = "cut"
GREETED = {"GREETING": "220 relay.example.cn", "EHLO": "250 relay.example.cn"}


class Scripted:
    """One connection answered by the first word of each line; CUT ends the line, and .ended says it has."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.heard: list[str] = []
        self.ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = MailUrl.parse(f"smtp://127.0.0.1:{self._listening.getsockname()[1]}")
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        line, _ = self._listening.accept()
        self._listening.close()
        with line, line.makefile("rb") as lines:
            line.sendall(self.answers["GREETING"].encode() + b"\r\n")
            for heard in lines:
                said = heard.decode().rstrip("\r\n")
                self.heard.append(said)
                answer = self.answers.get(said.split(" ")[0].split(":")[0].upper())
                if answer == CUT:
                    break
                if answer:
                    line.sendall(answer.encode("gb18030") + b"\r\n")
        self.ended.set()

    def end(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def scripted(**answers: str) -> Iterator[Scripted]:
    relay = Scripted(GREETED | {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on"} | answers)
    yield relay
    relay.end()


def _error(relay: Scripted, mail: Any, before_data: Any = lambda: None) -> DeliveryError:
    short = Timeouts(connect_seconds=5, command_seconds=5)
    with closing(SmtpChannel(relay.url, short)) as channel, pytest.raises(DeliveryError) as failed:
        channel.send(mail, "bounce@example.cn", "a@example.cn", before_data=before_data)
    return failed.value


@pytest.mark.parametrize(("word", "phase"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "body")])
def test_a_line_cut_before_the_text_is_temporary_and_no_doubt(the_mail: Any, word: str, phase: str) -> None:
    called: list[int] = []
    with scripted(**{word: CUT}) as relay:
        error = _error(relay, the_mail("a@example.cn"), lambda: called.append(1))
    assert (error.phase, error.permanent, error.ours, error.code) == (phase, False, False, None)
    assert not error.in_doubt and not called


def test_a_line_cut_while_the_attempt_is_written_down_is_no_doubt(the_mail: Any) -> None:
    # the relay hangs up in the middle of the text, at its Date line
    mail = the_mail("a@example.cn")
    with scripted(DATE=CUT) as relay:

        def wait_for_the_cut() -> None:
            assert relay.ended.wait(10)

        error = _error(relay, mail, wait_for_the_cut)
    assert (error.phase, error.permanent, error.ours, error.in_doubt) == ("body", False, False, False)
    assert "." not in relay.heard, "the final dot was never said"


def test_an_answer_that_is_none_after_the_final_dot_is_in_doubt(the_mail: Any) -> None:
    with scripted(**{".": "what?"}) as relay:
        error = _error(relay, the_mail("a@example.cn"))
    assert error.in_doubt and error.code is None


def test_data_refused_before_the_text_is_no_doubt(the_mail: Any) -> None:
    with scripted(DATA="451 4.3.0 later", QUIT=CUT) as relay:
        error = _error(relay, the_mail("a@example.cn"))
    assert (error.phase, error.code, error.permanent) == ("body", 451, False)


def test_a_relay_that_answers_in_gbk_is_understood(the_mail: Any) -> None:
    with scripted(RCPT="550 用户不存在", QUIT=CUT) as relay:
        error = _error(relay, the_mail("a@example.cn"))
    assert error.text == "用户不存在" and error.blames_address


def _send(relay: Scripted, mail: Any, to: str) -> str:
    with closing(SmtpChannel(relay.url, Timeouts())) as channel:
        return channel.send(mail, "bounce@example.cn", to, before_data=lambda: None)


def test_dsn_is_wished_for_where_offered(the_mail: Any) -> None:
    offer = "250-relay.example.cn\r\n250-SIZE 100000\r\n250 DSN"
    with scripted(EHLO=offer, QUIT=CUT, **{".": "250 2.0.0 queued as 9"}) as relay:
        assert _send(relay, the_mail("a+b@example.cn"), "a+b@example.cn") == "2.0.0 queued as 9"
    mail_line = next(line for line in relay.heard if line.startswith("mail FROM"))
    rcpt_line = next(line for line in relay.heard if line.startswith("rcpt TO"))
    assert mail_line.endswith(" RET=HDRS ENVID=reminder.1@crm.example.cn") and " SIZE=" in mail_line
    assert rcpt_line == "rcpt TO:<a+b@example.cn> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@example.cn"


def test_dsn_is_not_wished_for_where_not_offered(the_mail: Any) -> None:
    with scripted(QUIT=CUT, **{".": "250 ok"}) as relay:
        _send(relay, the_mail("a@example.cn"), "a@example.cn")
    assert {"mail FROM:<bounce@example.cn>", "rcpt TO:<a@example.cn>"} <= set(relay.heard)
