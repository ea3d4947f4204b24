"""The configured address: read whole, or refused with an example and without the password."""

from __future__ import annotations

import pytest

from crm.mail.mail_url import MailUrl


def test_outbox_and_relays_are_read() -> None:
    assert MailUrl.parse("outbox:").scheme == "outbox"
    required = MailUrl.parse("smtp://crm%40example.cn:p%40ss%2Fw@mail.example.cn:587?starttls=required")
    assert (required.host, required.port, required.starttls) == ("mail.example.cn", 587, True)
    assert (required.user, required.password) == ("crm@example.cn", "p@ss/w")
    assert MailUrl.parse("smtps://u:p@mail.example.cn").port == 465
    assert MailUrl.parse("smtp://u:p@mail.example.cn").port == 587
    assert MailUrl.parse("smtp://127.0.0.1:2525/").port == 2525
    assert MailUrl.parse("smtp://mail.example.cn?ca_file=/etc/bureau.pem").ca_file == "/etc/bureau.pem"


def test_encryption_is_required_but_for_this_machine_or_by_an_explicit_no() -> None:
    assert MailUrl.parse("smtp://mail.example.cn").starttls
    assert not MailUrl.parse("smtp://127.0.0.1").starttls
    assert not MailUrl.parse("smtp://[::1]:25").starttls
    assert not MailUrl.parse("smtp://mail.example.cn?starttls=off").starttls


@pytest.mark.parametrize(
    "url",
    [
        "",
        "outbox",
        "outbox:/x",
        "http://mail.example.cn",
        "smtp://",
        "smtp://user:geheim@",
        "smtp://mail.example.cn:port",
        "smtp://mail.example.cn:99999",
        "smtp://user:ge/heim@mail.example.cn",
        "smtp://user:ge#heim@mail.example.cn",
        "smtp://user:ge?heim@mail.example.cn",
        "smtp://user@mail.example.cn",
        "smtp://user:密码geheim@mail.example.cn",
        "smtp://user:%E5%AF%86geheim@mail.example.cn",
        "smtp://mail.example.cn/inbox",
        "smtp://mail.example.cn?starttls=yes",
        "smtp://mail.example.cn?tls=1",
        "smtps://mail.example.cn?starttls=required",
        "smtp://user:geheim@mail.example.cn?starttls=off",
    ],
)
def test_a_malformed_one_names_itself_and_an_example(url: str) -> None:
    with pytest.raises(
        ValueError, match=r"example: smtp://user:pass@mail\.example\.cn:587\?starttls=required"
    ) as refused:
        MailUrl.parse(url)
    assert "heim" not in str(refused.value)


def test_showing_it_hides_the_password() -> None:
    url = MailUrl.parse("smtp://user:geheim@mail.example.cn")
    assert str(url) == "smtp://user:***@mail.example.cn:587"
    assert "geheim" not in repr(url)
