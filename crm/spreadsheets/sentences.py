"""What each reason of this package says, and the way out; the values stand in the placeholders."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    # the file
    "file_empty": _("%(filename)s 是空文件。请在表格软件中打开确认有内容，保存后重新上传。"),
    "file_too_large": _(
        "%(filename)s 有 %(megabytes)s MB，超过 %(limit)s MB 的上限。请拆成几个文件分别导入。"
    ),
    "file_bomb": _(
        "%(filename)s 解压后将达 %(megabytes)s MB、含 %(members)s 个部件，超过 %(limit)s MB 的上限，未打开。"
        "请把名单复制到新建的工作簿，保存后重新上传。"
    ),
    "file_too_many_rows": _(
        "工作表“%(sheet)s”第 %(row)s 行仍有内容，超过 %(limit)s 行的上限。"
        "请拆成几个文件，或删除末尾多余的行。"
    ),
    "file_too_wide": _(
        "工作表“%(sheet)s”第 %(row)s 行在第 %(column)s 列有内容，超过 %(limit)s 列的上限。"
        "请删除右侧多余的内容。"
    ),
    "file_damaged": _(
        "%(filename)s 已损坏或不完整，读不出来。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。"
    ),
    "file_password": _("%(filename)s 是加密的工作簿。请在 Excel 或 WPS 中取消打开密码，保存后重新上传。"),
    "file_pdf": _("%(filename)s 实际是 PDF 文件，不是表格。请索取原始的 Excel 或 CSV 名单。"),
    "file_word": _(
        "%(filename)s 实际是 Word 或 RTF 文档，不是表格。请把其中的表格复制到 Excel 或 WPS，另存为 .xlsx。"
    ),
    "file_slides": _("%(filename)s 实际是演示文稿，不是表格。请把名单复制到 Excel 或 WPS，另存为 .xlsx。"),
    "file_ofd": _("%(filename)s 实际是 OFD 版式文件，不是表格。请索取原始的 Excel 或 CSV 名单。"),
    "file_image": _("%(filename)s 实际是图片，不是表格。请索取原始的 Excel 或 CSV 名单。"),
    "file_archive": _("%(filename)s 实际是压缩包。请先解压，再上传其中的表格文件。"),
    "file_program": _("%(filename)s 实际是程序文件，不是表格，未打开。"),
    "file_xlsb": _("%(filename)s 实际是二进制工作簿（.xlsb）。请在 Excel 或 WPS 中另存为 .xlsx 后重新上传。"),
    "file_xml_spreadsheet": _(
        "%(filename)s 实际是 XML 表格（2003）。请在 Excel 或 WPS 中另存为 .xlsx 后重新上传。"
    ),
    "file_web_archive": _(
        "%(filename)s 实际是单个文件网页（.mht）。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。"
    ),
    "file_html_without_table": _(
        "%(filename)s 实际是网页，其中没有表格。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。"
    ),
    "file_unknown": _("%(filename)s 不是能识别的表格文件。请上传 .xlsx、.xls、.ods 或 .csv。"),
    "file_is_really": _("%(filename)s 的扩展名是 .%(extension)s，实际是 %(kind)s 文件，已按 %(kind)s 读取。"),
    "file_quote_broken": _(
        "%(filename)s 第 %(row)s 行起引号不成对，无法判断哪里是行尾。请补上或删去多余的双引号后重新上传。"
    ),
    # its encoding
    "encoding_unknown": _("不认识编码“%(encoding)s”。可以选：%(choices)s。"),
    "encoding_unsure": _(
        "无法确定 %(filename)s 的文字编码（第 %(line)s 行起有疑问）。"
        "请选择编码：%(choices)s，或另存为 .xlsx。"
    ),
    "file_undecodable": _(
        "%(filename)s 第 %(line)s 行不是有效的 %(encoding)s 文字。请另选编码，或在表格软件中另存为 .xlsx。"
    ),
    # sheets and heading
    "sheet_choice": _("文件有多张工作表，请选择一张：%(sheets)s（另有隐藏工作表 %(hidden)s 张）。"),
    "sheets_hidden": _("文件中有 %(count)s 张隐藏工作表，未读取：%(sheets)s。"),
    "sheet_unknown": _("没有名为“%(sheet)s”的工作表。文件中有：%(sheets)s。"),
    "sheet_empty": _("%(filename)s 的工作表“%(sheet)s”没有内容。"),
    "header_not_found": _("在前 %(rows)s 行中没有找到标题行。请指出标题在第几行。"),
    "header_row_empty": _("第 %(row)s 行没有内容，不能作标题行。"),
    # columns
    "column_choice": _("有几列都像“%(heading)s”：%(letters)s 列。请选定一列，例如：%(letter)s=%(name)s。"),
    "map_form": _("列对应关系“%(pair)s”写法不对，应为：列名=字段。"),
    "map_heading_unknown": _("文件中没有“%(heading)s”这一列。文件中的列：%(known)s。"),
    "map_heading_twice": _("“%(heading)s”对应不唯一（%(letters)s）。请改用列号，例如：C=字段。"),
    "map_field_unknown": _("“%(heading)s”所对应的字段“%(name)s”不存在。可用的字段：%(known)s。"),
    "map_field_twice": _("字段“%(name)s”对应了两列，只能对应一列。"),
    # rows and cells
    "rows_hidden": _("其中 %(count)s 行在文件中被隐藏或筛选掉，也已读入，请核对。"),
    "rows_skipped": _("第 %(rows)s 行是合计、备注或重复的标题，不作企业导入。"),
    "too_many_cells": _("这一行的格数多于标题，内容可能已错列。请检查其中是否有未加引号的逗号。"),
    "formula_no_value": _(
        "这一格是公式，文件中没有保存计算结果。请先用 Excel 或 WPS 打开并保存，再重新上传。"
    ),
    "cell_error": _("这一格是错误值 %(shown)s。请改正公式或直接填写数值。"),
    "digits_lost": _("这一格的长数字已被表格软件改成 %(shown)s，末尾几位丢失。请设为文本格式后重新填写。"),
    "column_too_narrow": _("这一格因列宽不足存成了 %(shown)s。请加宽该列，重新另存为 CSV。"),
}
