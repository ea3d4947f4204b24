"""The sink that other tests start as a process does what its first lines say."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm.mail.delivery import DeliveryError, Timeouts
from crm.mail.mail_url import MailUrl
from crm.mail.smtp import SmtpChannel

SINK = Path(__file__).with_name("sink.py")


def test_the_sink_keeps_what_it_accepts_and_refuses_as_told(tmp_path: Path, the_mail: Any) -> None:
    command = [sys.executable, str(SINK), "--dir", str(tmp_path), "--reject", "bad@example.cn"]
    command += ["--temporary", "busy@example.cn"]
    for run in (1, 2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = MailUrl.parse(f"smtp://127.0.0.1:{int(process.stdout.readline())}")
            with closing(SmtpChannel(url, Timeouts())) as channel:
                mail = the_mail("a@example.cn", run)
                queued = channel.send(mail, "bounce@example.cn", "a@example.cn", before_data=lambda: None)
                codes = []
                for to in ("bad@example.cn", "busy@example.cn"):
                    with pytest.raises(DeliveryError) as failed:
                        channel.send(the_mail(to), "bounce@example.cn", to, before_data=lambda: None)
                    codes.append(failed.value.code)
            process.terminate()
        assert process.returncode == 0
        assert (queued, codes) == (f"2.0.0 Ok: queued as {run}", [550, 451])
    kept = (tmp_path / "2.eml").read_text()
    assert kept.startswith("X-Envelope-From: bounce@example.cn\nX-Envelope-To: a@example.cn\n")
    assert "Message-ID: <reminder.2@crm.example.cn>" in kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.eml", "2.eml"]
