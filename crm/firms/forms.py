"""Forms of firms: text as people type it -> columns; a refusal stands beside its field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length

from crm.accounts.queries import possible_owners
from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.domain.units import parse_date, parse_wan
from crm.firms.models import Firm
from crm.territories.queries import TerritoryNode, reporting_units, tree
from crm.web.sentences import sentence

REQUIRED = _("请填写此项。")
TOO_LONG = _("最多 %(max)d 个字，请缩短。")
# 国家重点支持的高新技术领域 (国科发火〔2016〕32号 附件)
HNTE_FIELDS = (
    "电子信息",
    "生物与新医药",
    "航空航天",
    "新材料",
    "高技术服务",
    "新能源与节能",
    "资源与环境",
    "先进制造与自动化",
)
COLUMNS = (
    "name", "code", "district_id", "township_id", "owner_id", "is_branch", "reporting_unit_id",
    "registered_on", "firm_type", "registered_capital", "capital_currency", "industry", "hnte_field",
    "development_zone_hint", "business_scope", "note",
)  # fmt: skip
_NUMBERS = ("district_id", "township_id", "owner_id", "reporting_unit_id")


class FirmForm(FlaskForm):  # type: ignore[misc]
    """A firm's own data. version and seen tell what the record was when editing began."""

    name = StringField(_("企业名称"), [InputRequired(REQUIRED), Length(max=200, message=TOO_LONG)])
    code = StringField(_("统一社会信用代码"), [Length(max=60, message=TOO_LONG)])
    district_id = SelectField(_("区县"), [InputRequired(REQUIRED)])
    township_id = SelectField(_("乡镇街道"), default="")
    owner_id = SelectField(_("负责人"), default="")
    is_branch = SelectField(_("分支机构"), default="")
    reporting_unit_id = SelectField(_("统计口径"), default="")
    registered_on = StringField(_("注册日期"))
    firm_type = StringField(_("企业类型"), [Length(max=100, message=TOO_LONG)])
    registered_capital = StringField(_("注册资本"))
    capital_currency = SelectField(_("币种"), default="")
    industry = StringField(_("所属行业"), [Length(max=100, message=TOO_LONG)])
    hnte_field = StringField(_("技术领域"), [Length(max=60, message=TOO_LONG)])
    development_zone_hint = StringField(_("开发区线索"), [Length(max=200, message=TOO_LONG)])
    business_scope = TextAreaField(_("经营范围"), [Length(max=4000, message=TOO_LONG)])
    note = TextAreaField(_("备注"), [Length(max=4000, message=TOO_LONG)])
    renamed_on = StringField(_("更名日期"))
    is_correction = BooleanField(_("只是更正错字，不留曾用名"))
    version = HiddenField()
    seen = HiddenField()

    def columns(self) -> dict[str, Any]:
        """Typed values of COLUMNS. Raises RefusedError on the field at fault."""
        return typed({key: self[key].data or "" for key in COLUMNS})

    def renamed_day(self) -> date | None:
        """Day of a change of name; None where it is not known."""
        text = (self.renamed_on.data or "").strip()
        return parse_date(text, field="renamed_on") if text else None

    def seen_columns(self) -> dict[str, Any]:
        """What the record was when editing began; empty where the page did not say."""
        try:
            texts = json.loads(self.seen.data or "{}")
            return typed({key: str(value) for key, value in texts.items() if key in COLUMNS})
        except (ValueError, AttributeError, RefusedError):
            return {}

    def refuse(self, error: RefusedError) -> None:
        """Show a refusal beside its field."""
        # no get(): a form is no mapping
        field = self[error.field] if error.field in self else self.name  # noqa: SIM401
        field.errors = [sentence(error)]


def typed(texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts of a form as columns of a firm. Raises RefusedError."""
    values: dict[str, Any] = {}
    for key, text in texts.items():
        text = text.strip()
        if key in _NUMBERS:
            values[key] = int(text) if text.isascii() and text.isdigit() else None
        elif key == "is_branch":
            values[key] = {"1": True, "0": False}.get(text)
        elif key == "registered_on":
            values[key] = parse_date(text, field=key) if text else None
        elif key == "registered_capital":
            values[key] = parse_wan(text, field=key) if text else None
        else:
            values[key] = text or None
    return values


def texts_of(firm: Firm) -> dict[str, str]:
    """A firm's columns as its form shows them."""
    return {key: _shown(getattr(firm, key)) for key in COLUMNS}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def firm_form(actor: Actor, firm: Firm | None = None) -> FirmForm:
    """The form with the choices of the actor's territory; filled from the firm until something was sent."""
    form = FirmForm()
    districts = _districts(actor)
    form.district_id.choices = [("", gettext("请选择")), *((str(d.id), d.name) for d in districts)]
    form.township_id.choices = {gettext("未定"): [("", gettext("不填"))]} | {
        d.name: [(str(t.id), t.name) for t in _townships(actor, d)] for d in districts if _townships(actor, d)
    }
    owners = [(str(u.id), f"{u.display_name}（{u.territory.name}）") for u in possible_owners(actor)]
    if firm is not None and firm.owner_id and str(firm.owner_id) not in dict(owners):
        owners.append((str(firm.owner_id), firm.owner.display_name if firm.owner else ""))
    form.owner_id.choices = [("", gettext("未指派")), *owners]
    form.is_branch.choices = [("", gettext("按名称判断")), ("1", gettext("是")), ("0", gettext("否"))]
    form.reporting_unit_id.choices = [
        ("", gettext("不填")),
        *((str(u.id), u.name) for u in reporting_units()),
    ]
    form.capital_currency.choices = [("", gettext("人民币")), ("CNY", "CNY"), ("USD", "USD")]
    if firm is not None and firm.capital_currency not in (None, "CNY", "USD"):
        form.capital_currency.choices.append((firm.capital_currency, firm.capital_currency))
    if firm is not None and not form.is_submitted():
        fill(form, firm)
    elif firm is None and not form.is_submitted() and len(districts) == 1:
        form.district_id.data = str(districts[0].id)
    return form


def fill(form: FirmForm, firm: Firm) -> None:
    """Show the firm as it is stored now, and remember that."""
    texts = texts_of(firm)
    for key, text in texts.items():
        form[key].data = text
    remember(form, firm)


def remember(form: FirmForm, firm: Firm) -> None:
    """Note in the form which state of the record it goes out from."""
    form.version.data = str(firm.version)
    form.seen.data = json.dumps(texts_of(firm), ensure_ascii=False)


@dataclass(frozen=True)
class Difference:
    """A field somebody else changed while this person was editing: then, now, and what was typed here."""

    field: str
    label: str
    was: str
    theirs: str
    mine: str
    prefer_theirs: bool


def comparison(form: FirmForm, firm: Firm, changed: Iterable[str]) -> list[Difference]:
    """Field by field what the other person did; what was left alone here is taken from them."""
    seen = json.loads(form.seen.data or "{}")
    now = texts_of(firm)
    return [
        Difference(
            field=key,
            label=str(form[key].label.text),
            was=_words(form, key, str(seen.get(key, ""))),
            theirs=_words(form, key, now[key]),
            mine=_words(form, key, form[key].data or ""),
            prefer_theirs=(form[key].data or "") == seen.get(key, ""),
        )
        for key in changed
        if key in COLUMNS and now[key] != (form[key].data or "")
    ]


def take_theirs(form: FirmForm, firm: Firm, fields: Iterable[str]) -> None:
    """Put what is stored now into the fields the person left to the other's change."""
    now = texts_of(firm)
    for key in fields:
        if key in COLUMNS:
            form[key].data = now[key]


def _words(form: FirmForm, key: str, text: str) -> str:
    """What a person reads for a value of the form: the label of a choice, else the text."""
    if isinstance(form[key], SelectField):
        return dict(choice[:2] for choice in form[key].iter_choices()).get(text, text)
    return text


def _districts(actor: Actor) -> list[TerritoryNode]:
    """Counties where the actor may place a firm; the city itself where a firm's county is not known."""
    territories = tree()
    own = territories.by_id[actor.territory_id]
    if own.level == "township" and own.parent_id is not None:
        return [territories.by_id[own.parent_id]]
    ids = territories.districts_of(own.id)
    found = [territories.by_id[i] for i in ids if not territories.by_id[i].is_retired]
    return sorted(found, key=lambda d: (d.level != "county", d.code))


def _townships(actor: Actor, district: TerritoryNode) -> list[TerritoryNode]:
    own = tree().by_id[actor.territory_id]
    if own.level == "township":
        return [own]
    return tree().townships(district.id) if district.level == "county" else []


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why a firm is archived or brought back."""

    reason = StringField(_("原因"), [InputRequired(REQUIRED), Length(max=200, message=TOO_LONG)])


class ContactForm(FlaskForm):  # type: ignore[misc]
    """A person of the firm; phone and mail are not shown when an entry is changed."""

    contact_name = StringField(_("姓名"), [Length(max=60, message=TOO_LONG)])
    phone = StringField(_("电话"), [Length(max=40, message=TOO_LONG)])
    email = StringField(_("邮箱"), [Length(max=200, message=TOO_LONG)])
    is_primary = BooleanField(_("首要联系人，接收到期提醒"))
    clear_phone = BooleanField(_("删除现有电话"))
    clear_email = BooleanField(_("删除现有邮箱"))
