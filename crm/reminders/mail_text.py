"""The words of a reminder: what is due, why, by when, whom to call, where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from flask_babel import force_locale, gettext

from crm.deadlines.labels import KIND_WORDS
from crm.domain.certification import schemes
from crm.domain.deadlines import KINDS
from crm.mail.message import MailText
from crm.mail.rendering import render
from crm.reminders.facts import DeadlineFacts
from crm.web.front_page import due_words

MOST_LINES = 200

CITATIONS = {
    "hnte_annual_report": "国科发火〔2016〕32号 第十三条、第十九条",
    "hnte_reapplication": "国科发火〔2016〕32号 第九条、第十二条",
    "sme_update": "国科发政〔2017〕115号 第十二条",
}


@dataclass(frozen=True)
class Line:
    """One deadline as a mail says it. is_late: this word of it comes later than it should have."""

    firm: str
    firm_url: str
    what: str
    due_on: date
    due: str
    is_overdue: bool
    is_late: bool
    contact: str


@dataclass(frozen=True)
class Group:
    """Lines of one kind with the clause they stand on."""

    title: str
    citation: str
    lines: tuple[Line, ...]
    total: int


def digest(
    name: str,
    told: Sequence[tuple[DeadlineFacts, bool]],
    *,
    day: date,
    language: str,
    is_repeat: bool,
) -> MailText:
    """A person's mail of a day.

    told: (deadline, whether it comes late); at most MOST_LINES of them are listed.
    """
    settings = current_app.config["CRM"]
    with force_locale(language):
        groups = _groups(told, day, language)
        overdue = sum(f.due_on < day for f, _ in told)
        return render(
            "reminder_digest",
            language,
            environment=current_app.jinja_env,
            reader=name,
            day=day,
            groups=groups,
            total=len(told),
            overdue=overdue,
            late=sum(late for _, late in told),
            rest=len(told) - sum(len(group.lines) for group in groups),
            link=f"{settings.public_url}/deadlines",
            bureau=settings.bureau_name,
            is_repeat=is_repeat,
        )


def single(
    name: str,
    facts: DeadlineFacts,
    *,
    day: date,
    officer: str,
    officer_mail: str,
    language: str,
    is_repeat: bool,
) -> MailText:
    """The mail to a firm's contact about one deadline. officer: whom to call."""
    settings = current_app.config["CRM"]
    with force_locale(language):
        return render(
            "reminder_single",
            language,
            environment=current_app.jinja_env,
            reader=name,
            firm=facts.firm_name,
            title=str(KIND_WORDS[facts.kind]),
            what=what_is_due(facts, language),
            why=why(facts),
            citation=citation(facts),
            due_on=facts.due_on,
            due=due_words(facts.due_on, day),
            is_overdue=facts.due_on < day,
            officer=officer,
            officer_mail=officer_mail,
            bureau=settings.bureau_name,
            link=settings.public_url,
            is_repeat=is_repeat,
        )


def what_is_due(facts: DeadlineFacts, language: str) -> str:
    """What must be done, with the certificate's name and number or the measure's title."""
    scheme = facts.scheme_name(language)
    paper = f"{scheme} {facts.number}" if facts.number else scheme
    if facts.kind == "certificate_expiry":
        return gettext("%(paper)s 到期", paper=paper)
    if facts.kind == "hnte_annual_report":
        return gettext(
            "报送 %(year)s 年度高新技术企业发展情况报表", year=int(facts.period or facts.due_on.year) - 1
        )
    if facts.kind == "hnte_reapplication":
        return gettext("%(paper)s 到期当年，申请重新认定", paper=paper)
    if facts.kind == "sme_update":
        return gettext("更新科技型中小企业评价信息（%(number)s）", number=facts.number or scheme)
    return facts.measure or str(KIND_WORDS[facts.kind])


def why(facts: DeadlineFacts) -> str:
    """What happens otherwise, in one plain sentence."""
    if facts.kind == "certificate_expiry":
        return gettext("证书过期后不再享受相应资格，需要时请提前办理换证或重新认定。")
    if facts.kind == "hnte_annual_report":
        return gettext("证书有效期内累计两年未按规定时限报送的，取消高新技术企业资格。")
    if facts.kind == "hnte_reapplication":
        return gettext("资格期满前未通过重新认定的，期满后不再是高新技术企业。具体截止日以当年通知为准。")
    if facts.kind == "sme_update":
        return gettext("未按时更新的，不再保留当年的入库登记编号。")
    return gettext("这是帮扶方案中约定的措施。")


def citation(facts: DeadlineFacts) -> str:
    """The clause it stands on; the plan itself for a measure."""
    if facts.kind == "certificate_expiry":
        scheme = schemes().get(facts.scheme or "")
        return scheme.validity.citation if scheme else ""
    return CITATIONS.get(facts.kind, "")


def _groups(told: Sequence[tuple[DeadlineFacts, bool]], day: date, language: str) -> list[Group]:
    room = MOST_LINES
    groups: list[Group] = []
    for kind in KINDS:
        of_kind = sorted(
            (pair for pair in told if pair[0].kind == kind),
            key=lambda pair: (pair[0].due_on, pair[0].firm_id),
        )
        if not of_kind:
            continue
        shown = of_kind[: max(room, 0)]
        room -= len(shown)
        if not shown:
            continue
        clauses = dict.fromkeys(c for f, _ in of_kind if (c := citation(f)))
        lines = tuple(_line(facts, late, day, language) for facts, late in shown)
        groups.append(Group(str(KIND_WORDS[kind]), "; ".join(clauses), lines, len(of_kind)))
    return groups


def _line(facts: DeadlineFacts, late: bool, day: date, language: str) -> Line:
    base: str = current_app.config["CRM"].public_url
    return Line(
        firm=facts.firm_name,
        firm_url=f"{base}/firms/{facts.firm_id}/deadlines",
        what=what_is_due(facts, language),
        due_on=facts.due_on,
        due=due_words(facts.due_on, day),
        is_overdue=facts.due_on < day,
        is_late=late,
        contact=facts.contact_name or "",
    )
