"""Forms of reminders: the leads of a policy, why a mail is let be."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length, Optional

from crm.domain.errors import RefusedError


class PolicyForm(FlaskForm):  # type: ignore[misc]
    """Leads as people write them, whether the policy is in use, and how far a new lead reaches."""

    leads = StringField(_("提前天数"), [InputRequired(_("请填写此项。")), Length(max=200)])
    is_active = BooleanField(_("启用"))
    reach = RadioField(
        _("已过应发日的提醒"),
        [Optional()],
        choices=[
            ("from_today", _("从今天起生效，已过应发日的不补发")),
            ("catch_up", _("立即补发，并入下一封汇总邮件")),
        ],
    )
    version = HiddenField()

    def lead_days(self) -> list[int]:
        """The leads as numbers. Raises RefusedError policy_leads_unreadable (text)."""
        words = [w for w in re.split(r"[,，、;；\s]+", str(self.leads.data or "").replace("−", "-")) if w]
        for word in words:
            if not re.fullmatch(r"-?\d{1,4}", word):
                raise RefusedError("leads", "policy_leads_unreadable", text=word)
        return [int(word) for word in words]


class DismissForm(FlaskForm):  # type: ignore[misc]
    """How the people were told otherwise."""

    note = StringField(_("处理说明"), [Length(max=250)])
