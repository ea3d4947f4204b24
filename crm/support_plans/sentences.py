"""Sentences for what support plans refuse."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "plan_state": _("方案现在的状态不允许这一步。请刷新页面，按页面上的按钮操作。"),
    "plan_frozen": _("提交后的文本不能直接修改。审批中的请先退回，已批准的请点“修订”另起新版本。"),
    "plan_exists": _("这家企业已有 %(year)s 年同一目标的方案，请打开那份方案修订。"),
    "plan_rung": _("目标梯度请在科技型中小企业、高新技术企业、领军企业中选一个。"),
    "plan_year": _("目标年份请填 %(first)s 至 %(last)s 之间的年份。"),
    "plan_branch": _("分支机构不能取得梯度，请为其总公司制定方案。"),
    "plan_firm_archived": _("企业已归档，不能新建方案。需要时先恢复企业。"),
    "plan_no_goal": _("提交前至少写一条目标：指标、目标值、完成时限。"),
    "plan_no_measure": _("提交前至少写一项帮扶措施。"),
    "plan_goal_incomplete": _("目标“%(title)s”缺完成时限，补上后再提交。"),
    "plan_measure_incomplete": _("措施“%(title)s”缺责任人或完成时限，补上后再提交。"),
    "plan_own_submission": _("方案由您本人提交，请由另一位处室负责人审批。"),
    "plan_reason_missing": _("请写明退回的理由，至少 4 个字，经办人据此修改。"),
    "plan_result_missing": _("请写明结果，至少 4 个字：目标是否达到，后续如何安排。"),
    "plan_not_running": _("方案开始执行后才能更新措施进度。请先完成审批并点“开始执行”。"),
    "goal_incomplete": _("目标须写指标和目标值。"),
    "measure_incomplete": _("措施须选类别、写内容。"),
    "measure_kind_unknown": _("没有这一类措施，请从列表中选择。"),
    "measure_state": _("措施不能这样变更状态，请刷新页面后再试。"),
    "measure_done_on_missing": _("请填完成日期。"),
    "measure_evidence_missing": _("请写完成的依据，例如文件名、编号或发票号。"),
    "measure_done_in_future": _("完成日期不能晚于今天。"),
    "measure_done_kept": _("措施“%(title)s”已完成，不能从方案中删除。"),
    "person_unknown": _("责任人不在您的管辖区域内，请从列表中选择。"),
    "version_unknown": _("没有这个版本。"),
}
