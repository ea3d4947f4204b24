"""Sentences for what imports refuse or warn of, whatever the kind of list."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "file_missing": _("没有找到文件 %(filename)s，请核对路径。"),
    "file_gone": _("原文件“%(filename)s”已不在服务器上，请重新上传。"),
    "file_required": _("请先选择文件。"),
    "import_kind": _("请选择名单的种类。"),
    "columns_missing": _("没有找到“%(wanted)s”这一列。文件中的列：%(known)s。请指定列的对应关系。"),
    "columns_unknown": _("这些列没有对应的字段，未导入：%(headings)s。"),
    "not_clearable": _("这一项不能清空。留空即保留原值。"),
    "row_repeated": _("与第 %(row)s 行重复，只算一次。"),
    "rows_of_one_firm": _("第 %(rows)s 行是同一家企业而内容不同，请只保留正确的一行。"),
    "firm_ambiguous": _("有几家同名企业，无法判断是哪一家：%(candidates)s。请填写统一社会信用代码。"),
    "firm_not_in_list": _("没有找到这家企业，或不在您的管辖区域内。请核对名称或代码，或先导入企业。"),
    "matched_by_former_name": _("名单用的是曾用名，已对应到“%(name)s”。"),
    "former_name_in_list": _("名单用的是曾用名，企业名称保持“%(name)s”。"),
    "code_differs": _("“%(name)s”登记的代码是 %(code)s，与名单不同。请核对代码或名称。"),
    "name_differs": _("代码属于“%(name)s”，与名单中的名称不同，已按代码对应，请核对。"),
    "import_of_other": _("这次导入是别人发起的，您可以查看，不能代为操作。"),
    "import_busy": _("正在处理，请等它结束，或先取消。"),
    "import_written": _("这份名单已经写入，不能再改动。需要更正时请重新导入更正后的文件。"),
    "import_not_checked": _("请先试运行，核对结果后再写入。"),
    "import_not_running": _("已经结束，没有可取消的。"),
    "nothing_to_write": _("没有新增或变更的行，不需写入。"),
    "changed_since_check": _(
        "试运行之后，名单中的企业被别人改动过，所以没有写入。下面是最新的试运行结果，请核对后再写入。"
    ),
    "import_gave_up": _("后台多次处理都中断，已停止，什么也没有写入。请拆分文件后重试，或请管理员查看日志。"),
    "import_person_gone": _("发起导入的账号已停用，什么也没有写入。"),
    "import_not_allowed": _("您的角色没有导入这类名单的权限。"),
}
