"""Forms of territories: the lead of one, a unit of reporting."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

REQUIRED = _("请填写此项。")
TOO_LONG = _("最多 %(max)d 个字，请缩短。")


class LeadForm(FlaskForm):  # type: ignore[misc]
    """Who leads one territory; empty: nobody."""

    user_id = IntegerField(_("区域负责人"), [Optional()])


class ReportingUnitForm(FlaskForm):  # type: ignore[misc]
    """A development zone or other unit of reporting."""

    name = StringField(_("名称"), [InputRequired(REQUIRED), Length(max=60, message=TOO_LONG)])
    code = StringField(_("编码"), [InputRequired(REQUIRED), Length(max=24, message=TOO_LONG)])
    parent_codes = SelectMultipleField(
        _("所在区县"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    is_active = BooleanField(_("在用"), default=True)
