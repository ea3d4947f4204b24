"""Forms that settle a deadline."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length

from crm.deadlines.use_cases.settle import TEXT_MOST
from crm.web.form_fields import DayField

REQUIRED = _("请填写此项。")
TOO_LONG = _("最多 %(max)d 个字，请缩短。")


class DoneForm(FlaskForm):  # type: ignore[misc]
    """When it was done, and what shows it."""

    done_on = DayField(_("办结日期"), [InputRequired(REQUIRED)])
    evidence = StringField(_("凭据"), [InputRequired(REQUIRED), Length(max=TEXT_MOST, message=TOO_LONG)])
    version = HiddenField()
    next = HiddenField()


class WaiveForm(FlaskForm):  # type: ignore[misc]
    """Why it need not be done."""

    reason = StringField(_("免办原因"), [InputRequired(REQUIRED), Length(max=TEXT_MOST, message=TOO_LONG)])
    version = HiddenField()
    next = HiddenField()
