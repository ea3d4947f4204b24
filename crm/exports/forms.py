"""Forms of exports."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from crm.exports.use_cases import PURPOSE_MOST


class WriteForm(FlaskForm):  # type: ignore[misc]
    """For whom and what the file is; that its problems have been seen."""

    purpose = StringField(_("用途"), [InputRequired(_("请填写此项。")), Length(max=PURPOSE_MOST)])
    problems_seen = HiddenField(_("问题"))
