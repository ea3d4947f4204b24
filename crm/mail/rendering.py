"""The words of a mail, from its folder of three templates."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import force_locale
from jinja2 import Environment, StrictUndefined

from crm.mail.message import MailText


def render(name: str, language: str, *, environment: Environment, **values: object) -> MailText:
    """Render `mail/<name>/{subject.txt,body.txt,body.html}` in that language.

    language: "zh" or "en"; phrases in _() follow it, and templates see it as `language`.
    Raises jinja2.UndefinedError for a variable a template wants and values lack, and
    jinja2.TemplateNotFound where one of the three files is missing.
    """
    strict = _strict(environment)
    with force_locale(language):
        subject, text, html = (
            strict.get_template(f"mail/{name}/{part}").render(language=language, **values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return MailText(subject.strip(), text.strip() + "\n", html)


@lru_cache(maxsize=4)
def _strict(environment: Environment) -> Environment:
    """The same loader, filters and translations, but a gap is an error and only HTML is escaped."""
    return environment.overlay(undefined=StrictUndefined, autoescape=_is_html)


def _is_html(template_name: str | None) -> bool:
    return template_name is None or template_name.endswith(".html")
