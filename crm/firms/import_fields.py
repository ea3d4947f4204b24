"""One row of a list of firms as values; what cannot be read is settled on its result."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from crm.domain import credit_code, firm_name
from crm.domain.errors import RefusedError
from crm.domain.units import parse_date, parse_wan
from crm.firms.derivation import NAME_MOST
from crm.firms.forms import HNTE_FIELDS
from crm.firms.import_columns import FIELDS
from crm.firms.use_cases.contacts import contact_columns
from crm.imports.use_cases import ListSource, RowReader, RowResult
from crm.mail.addresses import address_problem

TEXTS: Mapping[str, int] = {
    "firm_type": 100,
    "development_zone_hint": 200,
    "industry": 100,
    "business_scope": 4000,
}
# What a list may explicitly empty; a firm without name, district or branch mark makes no sense.
CLEARABLE = frozenset(
    {"code", "registered_on", "registered_capital", "capital_currency", *TEXTS, "hnte_field"}
)
_REFERENCES_CLEARABLE = {"township", "owner"}

_YES, _NO = (
    frozenset({"y", "yes", "是", "1", "true", "√", "有"}),
    frozenset({"n", "no", "否", "0", "false", "×", "无"}),
)
_CURRENCIES = {
    "人民币": "CNY", "人民币元": "CNY", "元": "CNY", "rmb": "CNY", "美元": "USD", "美金": "USD",
    "港元": "HKD", "港币": "HKD", "欧元": "EUR",
    "日元": "JPY", "英镑": "GBP", "新台币": "TWD", "澳元": "AUD", "加元": "CAD",
    "新加坡元": "SGD", "瑞士法郎": "CHF", "韩元": "KRW",
}  # fmt: skip
_AMOUNT_CURRENCY = re.compile(r"(万|亿)?(元)?(人民币|美元|美金|港元|港币|欧元|日元|英镑)(元)?$")
_FACTORS = {"元": Decimal("0.0001"), "亿元": Decimal(10000)}
# NUMERIC(18,4) holds no more; a larger figure is a slip of unit.
_CAPITAL_MOST = Decimal("99999999999999")
_CENT_OF_WAN = Decimal("0.0001")
_NAMES_APART = re.compile(r"[、；;，,|\n]+")
_FIELD_KEYS = {name.replace("与", "").replace("及", ""): name for name in HNTE_FIELDS}
_FIELD_WORDS = {
    "生物医药": "生物与新医药",
    "新能源": "新能源与节能",
    "先进制造": "先进制造与自动化",
    "环境资源": "资源与环境",
}


@dataclass(frozen=True)
class ContactSaid:
    """A person of the firm as the row names it; email_problem: why no mail can go there."""

    name: str | None
    phone: str | None
    email: str | None
    email_problem: str | None


@dataclass(frozen=True)
class FirmRow:
    """One row as values. columns: column of Firm -> value, None to empty it; only what the row says.

    references: district, district_code, township, owner as text; "" where the row says nothing.
    """

    result: RowResult
    name: str
    name_key: str
    code: str | None
    columns: Mapping[str, Any]
    references: Mapping[str, str]
    clears: frozenset[str]
    former_names: tuple[str, ...] = ()
    contact: ContactSaid | None = None
    is_scope_cut: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)


def firm_row(reader: RowReader, source: ListSource) -> FirmRow:
    """Read one row; what cannot be read is settled on its result, so that the other rows go on."""
    result = reader.result
    name = _name(reader)
    code = _code(reader)
    columns: dict[str, Any] = {}
    _put(
        columns,
        reader,
        "registered_on",
        lambda text: parse_date(text, epoch=source.epoch, field="registered_on"),
    )
    _capital(columns, reader, source.unit("registered_capital"))
    for column, most in TEXTS.items():
        _put(columns, reader, column, partial(_short, column, most=most))
    _put(columns, reader, "is_branch", lambda text: _yes_or_no(result, text))
    _put(columns, reader, "hnte_field", lambda text: _hnte_field(result, text))
    references = {key: reader.text(key) for key in ("district", "district_code", "township", "owner")}
    clears = frozenset(spec.name for spec in FIELDS if reader.clears(spec.name))
    for wrong in sorted(clears - CLEARABLE - _REFERENCES_CLEARABLE):
        result.refuse(RefusedError(wrong, "not_clearable"))
    columns |= {column: None for column in sorted(clears & CLEARABLE)}
    if "code" in columns:
        columns["code_problem"] = None
    former = tuple(
        dict.fromkeys(
            n for part in _NAMES_APART.split(reader.text("former_name")) if (n := firm_name.printed(part))
        )
    )
    if any(len(n) > NAME_MOST for n in former):
        result.refuse(RefusedError("former_name", "too_long", most=NAME_MOST))
    contact = _contact(reader)
    scope = source.guess.mapping.get("business_scope")
    said = {"name": firm_name.normalise(name), "code": code, "former": former, "contact": contact}
    return FirmRow(
        result=result,
        name=name,
        name_key=firm_name.normalise(name),
        code=code,
        columns=columns,
        references=references,
        clears=clears,
        former_names=former,
        contact=contact,
        is_scope_cut=scope is not None and "截断" in source.table.headers[scope],
        said={**said, **columns, **references},
    )


def _put(columns: dict[str, Any], reader: RowReader, name: str, read: Callable[[str], Any]) -> None:
    """Read one cell into a column; an empty cell, or one that was warned of, says nothing."""
    text = reader.text(name)
    if not text:
        return
    try:
        value = read(text)
    except RefusedError as error:
        reader.result.refuse(RefusedError(name, error.reason, **error.values))
        return
    if value is not None:
        columns[name] = value


def _name(reader: RowReader) -> str:
    name = firm_name.printed(reader.text("name"))
    if len(name) > NAME_MOST:
        reader.result.refuse(RefusedError("name", "too_long", most=NAME_MOST))
    return name


def _code(reader: RowReader) -> str | None:
    """The code; a wrong check character is flagged (registers hold some), any other fault is a slip."""
    code = credit_code.normalise(reader.text("code"))
    problem = credit_code.problem(code) if code else None
    if problem == "length":
        reader.result.refuse(RefusedError("code", "code_length", length=len(code)))
    elif problem == "alphabet":
        wrong = "".join(dict.fromkeys(c for c in code if c not in credit_code.ALPHABET))
        reader.result.refuse(RefusedError("code", "code_alphabet", wrong=wrong))
    elif problem:
        reader.result.warn(RefusedError("code", "code_check_character"))
    return code or None


def _capital(columns: dict[str, Any], reader: RowReader, unit: str | None) -> None:
    """Registered capital in 万元 (or 万 of its currency), the unit taken from cell or heading."""
    currency = _currency(reader)
    text = unicodedata.normalize("NFKC", reader.text("registered_capital")).replace(" ", "")
    if text:
        if found := _AMOUNT_CURRENCY.search(text):
            text = text[: found.start()] + (found[1] or "")
            currency = currency or _CURRENCIES[found[3]]
        try:
            amount = parse_wan(text, field="registered_capital")
            if text[-1].isdigit():
                amount = type(amount)(amount * _FACTORS.get(unit or "", Decimal(1)))
            if not 0 <= amount <= _CAPITAL_MOST:
                raise RefusedError("registered_capital", "capital_range", text=text)
            columns["registered_capital"] = amount.quantize(_CENT_OF_WAN)
        except RefusedError as error:
            reader.result.refuse(error)
    if unit == "万美元" and not currency and text:
        currency = "USD"
    if currency:
        columns["capital_currency"] = currency


def _currency(reader: RowReader) -> str | None:
    text = unicodedata.normalize("NFKC", reader.text("capital_currency")).strip()
    if not text:
        return None
    code = _CURRENCIES.get(text.lower().removeprefix("万"), text.upper())
    if re.fullmatch("[A-Z]{3}", code):
        return code
    reader.result.warn(RefusedError("capital_currency", "currency_unknown", text=text))
    return None


def _short(column: str, text: str, most: int) -> str:
    if len(text) > most:
        raise RefusedError(column, "too_long", most=most)
    return text


def _yes_or_no(result: RowResult, text: str) -> bool | None:
    key = unicodedata.normalize("NFKC", text).casefold()
    if key in _YES or key in _NO:
        return key in _YES
    result.warn(RefusedError("is_branch", "yes_or_no", text=text))
    return None


def _hnte_field(result: RowResult, text: str) -> str | None:
    """One of the eight fields, however it is written: 三、航空航天, 电子信息技术, 新材料/高分子材料."""
    key = re.sub(r"^[一二三四五六七八\d]+[、.．]", "", unicodedata.normalize("NFKC", text).replace(" ", ""))
    key = re.split(r"[/>→—\-(]", key)[0].replace("与", "").replace("及", "")
    for known in (key, key.removesuffix("技术"), key.removesuffix("领域"), key.removesuffix("技术领域")):
        if found := _FIELD_KEYS.get(known) or _FIELD_WORDS.get(known):
            return found
    result.warn(RefusedError("hnte_field", "hnte_field_unknown", text=text, choices="、".join(HNTE_FIELDS)))
    return None


def _contact(reader: RowReader) -> ContactSaid | None:
    """Person, phone, mail; what does not read as a phone is left out, a wrong mail address is flagged."""
    name, phone, email = (reader.text(f"contact_{part}") for part in ("name", "phone", "email"))
    if not (name or phone or email):
        return None
    result = reader.result
    try:
        phone = contact_columns(None, phone, None)["phone"] or ""
    except RefusedError:
        result.warn(RefusedError("contact_phone", "phone_left_out", text=phone))
        phone = ""
    if len(name) > 60:
        result.refuse(RefusedError("contact_name", "too_long", most=60))
    problem = address_problem(email) if email else None
    if problem:
        result.warn(RefusedError("contact_email", problem))
    if len(email) > 200:
        result.refuse(RefusedError("contact_email", "too_long", most=200))
    if not (name or phone or email):
        return None
    return ContactSaid(name or None, phone or None, email or None, problem)
