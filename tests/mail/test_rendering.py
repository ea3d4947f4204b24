"""Templates become words: HTML escaped, text as it is, a gap an error, the language followed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from jinja2 import DictLoader, Environment, TemplateNotFound, UndefinedError

from crm.mail.rendering import render

TEMPLATES = {
    "mail/due/subject.txt": "\n{{ firm }}：证书将到期\n",
    "mail/due/body.txt": "{{ firm }} {{ day }}\n\n",
    "mail/due/body.html": '<html lang="{{ language }}"><body>{{ firm }}</body></html>',
    "mail/half/subject.txt": "x",
}


@pytest.fixture
def environment() -> Environment:
    return Environment(loader=DictLoader(TEMPLATES))


def test_html_is_escaped_and_text_is_not(environment: Environment) -> None:
    mail = render("due", "zh", environment=environment, firm="演示<A&B>公司", day="3月2日")
    assert mail.subject == "演示<A&B>公司：证书将到期"
    assert mail.text == "演示<A&B>公司 3月2日\n"
    assert mail.html == '<html lang="zh"><body>演示&lt;A&amp;B&gt;公司</body></html>'


def test_a_missing_variable_is_an_error(environment: Environment) -> None:
    with pytest.raises(UndefinedError, match="day"):
        render("due", "zh", environment=environment, firm="演示公司")


def test_a_missing_template_is_an_error(environment: Environment) -> None:
    with pytest.raises(TemplateNotFound):
        render("half", "zh", environment=environment)


def test_the_application_s_environment_keeps_its_lenience_and_the_mail_its_language() -> None:
    app = Flask(__name__)
    Babel(app)
    app.jinja_env.loader = DictLoader(TEMPLATES | {"mail/due/body.txt": "{{ locale() }}"})
    app.jinja_env.globals["locale"] = _locale
    with app.app_context():
        for language in ("zh", "en"):
            assert (
                render("due", language, environment=app.jinja_env, firm="演示", day="").text
                == f"{language}\n"
            )
        assert app.jinja_env.from_string("{{ absent }}").render() == ""


def _locale() -> Any:
    from flask_babel import get_locale

    return get_locale()
