"""The visit form: one thumb, one screen."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from crm.activities.labels import KIND_WORDS, KINDS
from crm.activities.use_cases import ActivityInput
from crm.web.form_fields import DayField

TOO_LONG = _("最多 %(max)d 个字，请缩短。")


class ActivityForm(FlaskForm):  # type: ignore[misc]
    """One service; form_key makes the same form sent twice one record."""

    kind = RadioField(_("方式"), choices=[(kind, KIND_WORDS[kind]) for kind in KINDS], default="visit")
    happened_on = DayField(_("日期"))
    minutes = StringField(_("时长"), [Length(max=6, message=TOO_LONG)], render_kw={"inputmode": "numeric"})
    firm_people = StringField(_("企业人员（姓名、职务）"), [Length(max=200, message=TOO_LONG)])
    summary = TextAreaField(_("谈了什么"), [Length(max=4000, message=TOO_LONG)])
    next_step = StringField(_("下一步"), [Length(max=200, message=TOO_LONG)])
    next_step_due = DayField(_("不晚于"))
    form_key = HiddenField()
    version = HiddenField()

    def validate_minutes(self, field: StringField) -> None:
        text = str(field.data or "").strip()
        if text and not text.isdecimal():
            raise ValidationError(gettext("时长请填整数分钟，例如 40。"))

    def validate_happened_on(self, field: DayField) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(gettext("请填日期。"))

    def said(self, on: date) -> ActivityInput:
        """What was typed. Only after validation."""
        minutes = str(self.minutes.data or "").strip()
        return ActivityInput(
            kind=self.kind.data or "",
            happened_on=self.happened_on.data or on,
            summary=self.summary.data or "",
            minutes=int(minutes) if minutes else None,
            firm_people=self.firm_people.data,
            next_step=self.next_step.data,
            next_step_due=self.next_step_due.data,
        )
