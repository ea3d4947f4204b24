"""Words for the states, kinds and events of support plans."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

PLAN_STATE_WORDS = {
    "draft": _("草稿"),
    "submitted": _("待审批"),
    "returned": _("已退回"),
    "approved": _("已批准"),
    "running": _("执行中"),
    "closed": _("已结束"),
}
# Tone and icon of a state chip (static/css/ladder.css: ok run soon late none).
PLAN_STATE_TONES = {
    "draft": ("none", "pencil"),
    "submitted": ("soon", "hourglass"),
    "returned": ("late", "arrow-back-up"),
    "approved": ("run", "circle-check"),
    "running": ("run", "progress"),
    "closed": ("ok", "circle-check"),
}
MEASURE_STATE_WORDS = {
    "planned": _("未开始"),
    "running": _("进行中"),
    "done": _("已完成"),
    "cancelled": _("已取消"),
}
MEASURE_STATE_TONES = {
    "planned": ("none", "circle-dashed"),
    "running": ("run", "progress"),
    "done": ("ok", "circle-check"),
    "cancelled": ("none", "circle-x"),
}
MEASURE_KIND_WORDS = {
    "research_accounting": _("研发费用归集"),
    "ip_creation": _("知识产权创造"),
    "research_institution": _("研发机构建设"),
    "university_cooperation": _("产学研合作"),
    "expert_team": _("专家团队"),
    "innovation_voucher": _("科技创新券"),
    "patent_pledge_loan": _("专利权质押贷款"),
    "ip_management_standard": _("知识产权贯标"),
    "talent": _("人才"),
    "training": _("培训"),
    "financing": _("融资"),
    "application_coaching": _("申报辅导"),
}
ACTION_WORDS = {
    "submit": _("提交审批"),
    "approve": _("批准"),
    "return": _("退回"),
    "start": _("开始执行"),
    "close": _("结束方案"),
    "revise": _("修订，起草新版本"),
}
# What the audit trail calls a plan's events, as its own page tells them.
EVENT_WORDS: dict[str, Any] = {
    "support_plan.create": _("新建方案"),
    "support_plan.update": _("修改草稿"),
    "support_plan.submit": _("提交审批"),
    "support_plan.approve": _("批准"),
    "support_plan.return": _("退回"),
    "support_plan.start": _("开始执行"),
    "support_plan.close": _("结束方案"),
    "support_plan.revise": _("修订，起草新版本"),
    "support_plan.measure": _("更新措施进度"),
}
FIELD_WORDS = {
    "summary": _("短板与思路"),
    "indicator": _("指标"),
    "unit": _("单位"),
    "value_from": _("现状"),
    "value_to": _("目标"),
    "due_on": _("完成时限"),
    "kind": _("类别"),
    "title": _("措施"),
    "responsible": _("责任人"),
    "partner": _("合作单位"),
    "amount": _("金额"),
}
# Offered while typing a goal; any other text may be written.
COMMON_INDICATORS = (
    _("研发费用占销售收入比例"),
    _("科技人员占职工总数比例"),
    _("高新技术产品（服务）收入占比"),
    _("Ⅰ类知识产权"),
    _("Ⅱ类知识产权"),
    _("年研发费用"),
    _("年销售收入"),
    _("市级以上研发机构"),
)
