"""What each unusable address means to the person who typed it, and the way out."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

# without placeholders: the form shows the address beside the sentence, and it is personal data in a log
SENTENCES = {
    "address_empty": _("没有填写邮箱地址。"),
    "address_line_break": _("邮箱地址中有换行或不可见字符，请重新输入。"),
    "address_full_width_at": _("邮箱地址中的“＠”是全角字符，请改用半角 @。"),
    "address_chinese_comma": _("邮箱地址中有中文标点（，、；），请改用半角点号；这里只能填写一个地址。"),
    "address_several": _("这里只能填写一个邮箱地址，请删去其余地址和逗号、分号。"),
    "address_spaces": _("邮箱地址中间有空格，请删去。"),
    "address_no_at": _("这不是邮箱地址：缺少 @，应写成 name@example.cn。"),
    "address_no_name": _("邮箱地址 @ 前面没有用户名，应写成 name@example.cn。"),
    "address_no_domain": _("邮箱地址 @ 后面没有域名，应写成 name@example.cn。"),
    "address_not_ascii": _("邮箱地址中有中文或全角字符，请改用半角字母和数字。"),
    "address_too_long": _("邮箱地址过长：@ 前最多 64 个字符，全长最多 254 个字符。"),
    "address_malformed": _("邮箱地址格式不正确，应写成 name@example.cn。"),
    "header_line_break": _("邮件的主题或发件人中有换行或不可见字符，邮件未发出，请修改后重试。"),
}
