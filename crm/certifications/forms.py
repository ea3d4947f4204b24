"""Forms of certifications: record or correct one, revoke one."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length, ValidationError

from crm.certifications.grant_columns import NUMBER_MOST, TEXT_LIMITS
from crm.certifications.grant_input import GrantInput
from crm.certifications.labels import scheme_word
from crm.domain.certification import schemes
from crm.web.form_fields import DayField

REQUIRED = _("请填写此项。")
TOO_LONG = _("最多 %(max)d 个字，请缩短。")


class CertificationForm(FlaskForm):  # type: ignore[misc]
    """One certificate as it is printed. An empty last day is derived by the scheme's rule."""

    scheme = SelectField(_("资质类别"))
    number = StringField(_("证书编号"), [Length(max=NUMBER_MOST, message=TOO_LONG)])
    granted_on = DayField(_("发证日期"), [InputRequired(REQUIRED)])
    valid_to = DayField(_("有效期至"))
    cohort = StringField(_("批次"), [Length(max=TEXT_LIMITS["cohort"], message=TOO_LONG)])
    authority = StringField(_("发证机关"), [Length(max=TEXT_LIMITS["authority"], message=TOO_LONG)])
    note = TextAreaField(_("备注"), [Length(max=TEXT_LIMITS["note"], message=TOO_LONG)])
    version = HiddenField()

    def offer_schemes(self, *, is_branch: bool, only: str | None = None) -> None:
        """The ladder's schemes first; a branch is offered those beside the ladder alone."""
        named = {only: schemes()[only]} if only else schemes()
        self.scheme.choices = [] if only else [("", gettext("请选择"))]
        self.scheme.choices += [
            (name, scheme_word(name))
            for name, scheme in named.items()
            if only or not (is_branch and scheme.rung is not None)
        ]

    def said(self) -> GrantInput:
        """What was typed. Only after validation."""
        assert self.granted_on.data is not None
        return GrantInput(
            scheme=self.scheme.data or "",
            granted_on=self.granted_on.data,
            number=self.number.data,
            valid_to=self.valid_to.data,
            cohort=self.cohort.data,
            authority=self.authority.data,
            note=self.note.data,
        )

    def validate_scheme(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(str(REQUIRED))


class RevokeForm(FlaskForm):  # type: ignore[misc]
    """First day no longer in force, and why."""

    revoked_from = DayField(_("自哪天起失效"), [InputRequired(REQUIRED)])
    reason = StringField(_("原因"), [InputRequired(REQUIRED), Length(max=300, message=TOO_LONG)])
    version = HiddenField()
