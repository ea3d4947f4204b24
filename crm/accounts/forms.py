"""Forms of sign-in and of people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length, Optional

REQUIRED = _("请填写此项。")


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    name = StringField(_("用户名"), [InputRequired(REQUIRED), Length(max=60)])
    password = PasswordField(_("密码"), [InputRequired(REQUIRED), Length(max=200)])
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """Own password: old, new, new again."""

    old_password = PasswordField(_("现在的密码"), [InputRequired(REQUIRED)])
    password = PasswordField(_("新密码"), [InputRequired(REQUIRED), Length(max=200)])
    again = PasswordField(_("再输一次新密码"), [InputRequired(REQUIRED)])


class PersonForm(FlaskForm):  # type: ignore[misc]
    """A person as the administrator keeps them; password only for a new one."""

    name = StringField(_("用户名"), [Optional(), Length(max=60)])
    display_name = StringField(_("姓名"), [InputRequired(REQUIRED), Length(max=60)])
    role = SelectField(_("角色"), [InputRequired(REQUIRED)])
    territory = SelectField(_("区域"), [InputRequired(REQUIRED)])
    email = StringField(_("邮箱"), [Optional(), Length(max=200)])
    is_active = BooleanField(_("可以登录"), default=True)
    password = PasswordField(_("首次密码"), [Optional(), Length(max=200)])
    version = HiddenField(default="1")


class ResetForm(FlaskForm):  # type: ignore[misc]
    """A first password set by the administrator."""

    password = PasswordField(_("首次密码"), [InputRequired(REQUIRED), Length(max=200)])
