"""Forms of support plans: a plan with rows of goals and measures, a decision, the progress of a measure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from crm.domain.support_plan import MEASURE_KINDS
from crm.support_plans.labels import MEASURE_KIND_WORDS
from crm.support_plans.plan_text import GoalText, MeasureText, PlanText, rows_of
from crm.web.form_fields import DayField, WanField
from crm.web.front_page import RUNG_WORDS

TOO_LONG = _("最多 %(max)d 个字，请缩短。")


def _at_most(most: int) -> Length:
    return Length(max=most, message=TOO_LONG)


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def _whole(text: object) -> int:
    """A whole number, or 0, which every rule refuses by name."""
    plain = str(text or "").strip()
    return int(plain) if plain.isdecimal() and len(plain) < 6 else 0


class _Row(Form):  # type: ignore[misc]
    """A row left empty counts as none and is not checked."""

    id = HiddenField()
    _parts: tuple[str, ...] = ()

    @property
    def row_id(self) -> int | None:
        text = str(self.id.data or "")
        return int(text) if text.isdigit() else None

    def is_blank(self) -> bool:
        return not any(
            str(self[name].data or "").strip() or self[name].process_errors for name in self._parts
        )

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) if not self.is_blank() else True


class GoalRow(_Row):
    """A goal: indicator, unit, from, to, by when."""

    _parts = ("indicator", "unit", "value_from", "value_to", "due_on")
    indicator = StringField(_("指标"), [_at_most(120)])
    unit = StringField(_("单位"), [_at_most(20)])
    value_from = StringField(_("现状"), [_at_most(40)])
    value_to = StringField(_("目标"), [_at_most(40)])
    due_on = DayField(_("完成时限"))

    def validate_indicator(self, field: StringField) -> None:
        if not _stripped(field.data):
            raise ValidationError(gettext("请写指标。"))

    def validate_value_to(self, field: StringField) -> None:
        if not _stripped(field.data):
            raise ValidationError(gettext("请写目标值。"))

    def text(self) -> GoalText:
        return GoalText(
            self.row_id,
            _stripped(self.indicator.data) or "",
            _stripped(self.unit.data),
            _stripped(self.value_from.data),
            _stripped(self.value_to.data) or "",
            self.due_on.data,
        )


class MeasureRow(_Row):
    """A measure: kind, what, who, with whom, by when, money in 万元."""

    _parts = ("kind", "title", "responsible_id", "partner", "due_on", "amount")
    kind = SelectField(_("类别"), validate_choice=False)
    title = StringField(_("措施"), [_at_most(200)])
    responsible_id = SelectField(_("责任人"), validate_choice=False)
    partner = StringField(_("合作单位"), [_at_most(120)])
    due_on = DayField(_("完成时限"))
    amount = WanField(_("金额"), [Optional(), NumberRange(min=0, message=_("金额不能为负。"))])

    def validate_kind(self, field: SelectField) -> None:
        if field.data not in MEASURE_KINDS:
            raise ValidationError(gettext("请选类别。"))

    def validate_title(self, field: StringField) -> None:
        if not _stripped(field.data):
            raise ValidationError(gettext("请写措施内容。"))

    def text(self, names: dict[int, str]) -> MeasureText:
        person = str(self.responsible_id.data or "")
        person_id = int(person) if person.isdigit() else None
        return MeasureText(
            self.row_id,
            self.kind.data or "",
            _stripped(self.title.data) or "",
            person_id,
            names.get(person_id, "") if person_id is not None else "",
            _stripped(self.partner.data),
            self.due_on.data,
            self.amount.data,
        )


class PlanForm(FlaskForm):  # type: ignore[misc]
    """The whole plan. known: ids of the rows shown at first ("g3 m7"), for a merge after a clash."""

    target_rung = SelectField(
        _("目标梯度"), validate_choice=False, choices=[(str(rung), RUNG_WORDS[rung]) for rung in (1, 2, 3)]
    )
    target_year = StringField(_("目标年份"))
    owner_id = SelectField(_("方案负责人"), validate_choice=False)
    summary = TextAreaField(_("短板与思路"), [_at_most(4000)])
    goals = FieldList(FormField(GoalRow))
    measures = FieldList(FormField(MeasureRow))
    version = HiddenField(default="0")
    known = HiddenField()

    def offer_people(self, people: Iterable[Any]) -> None:
        """Fill the choices of persons and kinds; after every added row again."""
        self._names = {user.id: user.display_name for user in people}
        persons = [("", gettext("未定"))] + [(str(i), name) for i, name in self._names.items()]
        self.owner_id.choices = persons[1:]
        kinds = [("", gettext("请选择"))] + [(kind, MEASURE_KIND_WORDS[kind]) for kind in MEASURE_KINDS]
        for entry in self.measures:
            entry.form.kind.choices, entry.form.responsible_id.choices = kinds, persons

    def show(self, text: PlanText, version: int, owner_id: int | None) -> None:
        """Fill with a stored text."""
        self.target_rung.data, self.target_year.data = str(text.target_rung), str(text.target_year)
        self.summary.data, self.version.data = text.summary or "", str(version)
        self.owner_id.data = str(owner_id or "")
        for row in rows_of(text):
            self.append(row)
        self.known.data = known_rows(text)

    def append(self, row: GoalText | MeasureText | None, kind: str = "goals") -> None:
        """One more row, filled from a text or blank."""
        if isinstance(row, MeasureText):
            self.measures.append_entry({**vars(row), "responsible_id": str(row.responsible_id or "")})
        elif isinstance(row, GoalText):
            self.goals.append_entry(vars(row))
        else:
            (self.measures if kind == "measures" else self.goals).append_entry()

    def change_rows(self, step: str) -> None:
        """add-goals, add-measures, remove-goals-2 …: what the row buttons ask; anything else does nothing."""
        if step in ("add-goals", "add-measures"):
            self.append(None, step.removeprefix("add-"))
        elif re.fullmatch(r"remove-(goals|measures)-\d+", step):
            name = step.removeprefix("remove-")
            rows = self.goals if name.startswith("goals") else self.measures
            rows.entries = [entry for entry in rows.entries if entry.name != name]

    def text(self) -> PlanText:
        """What was typed; blank rows left out. Only after validation."""
        return PlanText(
            _whole(self.target_rung.data),
            _whole(self.target_year.data),
            _stripped(self.summary.data),
            tuple(entry.form.text() for entry in self.goals if not entry.form.is_blank()),
            tuple(entry.form.text(self._names) for entry in self.measures if not entry.form.is_blank()),
        )

    @property
    def chosen_owner(self) -> int | None:
        text = str(self.owner_id.data or "")
        return int(text) if text.isdigit() else None

    def adopt(self, stored: PlanText, version: int) -> int:
        """After a clash: take in rows that the other person added, and the stored version.

        A row the other removed becomes a new row here, so that nothing typed is lost; which of the two
        texts holds is for the person to say. Returns how many rows came in.
        """
        known = set(str(self.known.data or "").split())
        kept = set(known_rows(stored).split())
        for mark, rows in (("g", self.goals), ("m", self.measures)):
            for entry in rows:
                if entry.form.row_id is not None and f"{mark}{entry.form.row_id}" not in kept:
                    entry.form.id.data = ""
        added = [row for row in rows_of(stored) if _mark(row) not in known]
        for row in added:
            self.append(row)
        self.version.data, self.known.data = str(version), known_rows(stored)
        return len(added)

    def problems(self) -> list[tuple[str, str]]:
        """Every error as (id of the field, sentence), for the summary on top."""
        found = [("", str(text)) for text in self.form_errors]
        for field in (self.target_rung, self.target_year, self.owner_id, self.summary):
            found += [(field.id, str(text)) for text in field.errors]
        for rows, word in ((self.goals, gettext("目标")), (self.measures, gettext("措施"))):
            for number, entry in enumerate(rows, 1):
                for field in entry.form:
                    found += [
                        (field.id, f"{word} {number}, {field.label.text}: {text}") for text in field.errors
                    ]
        return found


def known_rows(text: PlanText) -> str:
    """Ids of a text's rows, "g3 g4 m7"."""
    return " ".join(_mark(row) for row in rows_of(text))


def _mark(row: GoalText | MeasureText) -> str:
    return f"{'m' if isinstance(row, MeasureText) else 'g'}{row.id}"


class MoveForm(FlaskForm):  # type: ignore[misc]
    """One step of a plan: the action, what is said with it, the version seen."""

    action = HiddenField()
    said = TextAreaField(_("说明"), [_at_most(2000)])
    version = HiddenField()


class MeasureForm(FlaskForm):  # type: ignore[misc]
    """Progress of one measure."""

    state = SelectField(_("状态"), validate_choice=False)
    done_on = DayField(_("完成日期"))
    evidence = StringField(_("依据"), [_at_most(300)])
    version = HiddenField()
