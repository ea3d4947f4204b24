"""Sentences for what accounts refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "sign_in_wrong": _("用户名或密码不对。"),
    "sign_in_locked": _("输错次数太多，请 %(minutes)s 分钟后再试，或请管理员重置密码。"),
    "sign_in_demo_refused": _("演示账号只能在本机的演示系统中使用。"),
    "user_name_format": _("用户名用 2 至 60 个字母、数字、点、横线或 @。"),
    "user_name_taken": _("用户名“%(name)s”已被使用，请换一个。"),
    "role_unknown": _("没有角色“%(role)s”，可用：%(roles)s。"),
    "territory_unknown": _("没有区域“%(code)s”，或不在您的管辖区域内。"),
    "territory_level": _("这个角色不能放在这一级区域，请换一个区域。"),
    "user_self": _("不能停用自己，也不能改自己的角色。"),
    "old_password_wrong": _("现在的密码不对。"),
    "password_short": _("密码至少 %(least)s 个字符。"),
    "password_long": _("密码最多 %(most)s 个字符。"),
    "password_guessable": _("这个密码太常见或含有用户名，请换一个。"),
    "password_simple": _("密码须含大写、小写、数字、符号中的至少 %(classes)s 类。"),
    "password_same": _("新密码不能与现在的相同。"),
    "password_differs": _("两次输入的新密码不一致。"),
}
