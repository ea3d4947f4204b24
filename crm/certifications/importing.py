"""A list of certifications comes in: firms matched, grants recorded by the use case that a form uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from crm.certifications.labels import scheme_word
from crm.certifications.queries import firms_of_numbers
from crm.certifications.use_cases import GrantInput, GrantOutcome, record_many
from crm.domain import credit_code, firm_name
from crm.domain.access import Actor, Permission
from crm.domain.certification import normalise_number, scheme_named
from crm.domain.errors import RefusedError
from crm.domain.units import parse_date
from crm.firms.queries import known_firms
from crm.imports.use_cases import ListSource, RowReader, RowResult, Tick
from crm.spreadsheets.columns import FieldSpec
from crm.territories.queries import tree

FIELDS = (
    FieldSpec(
        "name",
        "企业名称",
        ("单位名称", "公司名称", "名称", "企业全称", "单位全称", "企业名", "申报单位", "申报企业", "企业"),
    ),
    FieldSpec(
        "code", "统一社会信用代码", ("社会信用代码", "信用代码", "统一信用代码", "统一社会信用代码（18位）")
    ),
    FieldSpec(
        "scheme",
        "资质类别",
        ("资质", "资质名称", "认定类别", "认定类型", "证书类别", "证书名称", "类别", "荣誉名称"),
    ),
    FieldSpec(
        "number",
        "证书编号",
        ("编号", "登记编号", "资质编号", "证书号", "入库登记编号", "入库编号", "高企证书编号", "证书号码"),
    ),
    FieldSpec(
        "granted_on",
        "发证日期",
        (
            "发证时间",
            "认定日期",
            "认定时间",
            "入库时间",
            "入库日期",
            "登记日期",
            "颁证日期",
            "公告日期",
            "有效期起",
        ),
    ),
    FieldSpec(
        "valid_to", "有效期至", ("有效期", "有效期止", "到期日期", "到期时间", "截止日期", "有效截止日期")
    ),
    FieldSpec("cohort", "批次", ("认定批次", "入库批次", "公示批次")),
    FieldSpec("authority", "发证机关", ("认定机构", "认定机关", "颁证机关", "批准机关")),
)
if TYPE_CHECKING:
    from crm.firms.queries import Found

_TEXTS = ("number", "cohort", "authority")


@dataclass(frozen=True)
class GrantRow:
    """One row as values; grant None where the row is refused already."""

    result: RowResult
    name: str
    name_key: str
    code: str
    grant: GrantInput | None


class CertificationImporter:
    """The part of certifications in an import."""

    kind = "certifications"
    permission = Permission.CERTIFICATION_WRITE
    fields = FIELDS
    needed = (("name", "code", "number"), ("scheme",), ("granted_on",))
    defaults = ("scheme",)

    def read(self, actor: Actor, source: ListSource, tick: Tick) -> Sequence[GrantRow]:
        """Rows as values."""
        rows = []
        for reader in source.readers():
            rows.append(_row(reader, source))
            if len(rows) % 500 == 0:
                tick(len(rows))
        return rows

    def write(
        self, actor: Actor, rows: Sequence[GrantRow], *, import_id: int | None, tick: Tick
    ) -> list[RowResult]:
        """Match and record the rows inside the running transaction."""
        plans = [(row, row.result.copy()) for row in rows]
        known = known_firms(actor, {row.code for row in rows}, {row.name_key for row in rows})
        holders = firms_of_numbers(actor, {row.grant.number or "" for row in rows if row.grant})
        ready: list[tuple[RowResult, GrantInput]] = []
        for row, result in plans:
            if row.grant is None or result.is_refused:
                continue
            try:
                firm_id = _firm(row, result, known, holders)
                ready.append((result, replace(row.grant, firm_id=firm_id)))
            except RefusedError as error:
                result.refuse(error)
        tick(len(rows) // 2)
        outcomes = record_many(actor, [grant for _, grant in ready], import_id=import_id)
        for (result, _), outcome in zip(ready, outcomes, strict=True):
            _settle(result, outcome)
        tick(len(rows))
        return [result for _, result in plans]


def _row(reader: RowReader, source: ListSource) -> GrantRow:
    result = reader.result
    name = firm_name.printed(reader.text("name"))
    code = _code(reader)
    values: dict[str, Any] = {}
    for field, read in (
        ("scheme", _scheme),
        ("granted_on", lambda text: _day("granted_on", text, source.epoch)),
        ("valid_to", lambda text: _day("valid_to", text, source.epoch) if text else None),
        *((text, lambda value: value or None) for text in _TEXTS),
    ):
        try:
            values[field] = read(reader.text(field))
        except RefusedError as error:
            result.refuse(error)
    for spec in FIELDS:
        if reader.clears(spec.name):
            result.refuse(RefusedError(spec.name, "not_clearable"))
    if not name and not code and not values.get("number"):
        result.refuse(RefusedError("name", "required"))
    grant = None if result.is_refused else GrantInput(**values)
    return GrantRow(result, name, firm_name.normalise(name), code, grant)


def _code(reader: RowReader) -> str:
    """The code for matching; one that fails its check finds nothing else, so the name decides."""
    code = credit_code.normalise(reader.text("code"))
    if code and credit_code.problem(code) == "check_character":
        reader.result.warn(RefusedError("code", "code_check_character"))
    return code


def _scheme(text: str) -> str:
    """Name of the scheme. Raises RefusedError required, scheme_unknown, scheme_ambiguous."""
    if not text:
        raise RefusedError("scheme", "required")
    scheme = scheme_named(text)
    if scheme is None:
        raise RefusedError("scheme", "scheme_unknown", text=text)
    return scheme.name


def _day(field: str, text: str, epoch: int) -> date:
    if not text:
        raise RefusedError(field, "required")
    return parse_date(text, epoch=epoch, field=field)


def _firm(row: GrantRow, result: RowResult, known: Any, holders: dict[tuple[str, str], int]) -> int:
    """The firm of a grant: by code, by the number recorded already, by name, by a former name."""
    found: Found = known.find(row.code or None, "")
    if found.firm is None and row.grant is not None and row.grant.number:
        held = holders.get((row.grant.scheme, normalise_number(row.grant.number)))
        if held is not None:
            result.subject_id = held
            return held
    if found.firm is None and not found.is_elsewhere:
        found = known.find(row.code or None, row.name_key)
    if found.candidates:
        raise RefusedError("name", "firm_ambiguous", candidates=_listed(found))
    if found.firm is None and row.code and not found.is_elsewhere:
        namesake = known.find(None, row.name_key).firm
        if namesake is not None:
            raise RefusedError("code", "code_differs", name=namesake.name, code=namesake.code)
    if found.firm is None:
        raise RefusedError("name" if row.name else "code", "firm_not_in_list")
    result.subject_id = found.firm.id
    if found.by == "former":
        result.warn(RefusedError("name", "matched_by_former_name", name=found.firm.name))
    elif row.name_key and row.name_key != found.firm.name_normal:
        result.warn(RefusedError("name", "name_differs", name=found.firm.name))
    return int(found.firm.id)


def _listed(found: Found) -> str:
    return "; ".join(
        f"{firm.name}({tree().name(firm.district_id)}{', ' + firm.code if firm.code else ''})"
        for firm in found.candidates
    )


def _settle(result: RowResult, outcome: GrantOutcome) -> None:
    """What the use case made of the row."""
    for warning in outcome.warnings:
        result.warn(warning)
    if outcome.problem is not None:
        problem = outcome.problem
        result.refuse(
            problem if isinstance(problem, RefusedError) else RefusedError(None, "firm_not_in_list")
        )
        return
    result.state = outcome.state
    if outcome.state == "changed":
        result.changes = {
            name: (_text(name, outcome.before.get(name)), _text(name, new))
            for name, new in outcome.after.items()
            if name in ("number", "granted_on", "valid_to", "cohort", "authority", "valid_from", "update_due")
        }


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "scheme":
        return scheme_word(value)
    return value.isoformat() if isinstance(value, date) else str(value)


IMPORTER = CertificationImporter()
