"""What the office of the demo data did and means to do: texts of plans and of services."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from crm.activities.use_cases import ActivityInput
from crm.support_plans.use_cases import GoalText, MeasureText, PlanText

# (kind, title, partner, 万元)
_MEASURES = {
    1: (
        ("application_coaching", "辅导填报科技型中小企业自评价信息", "", None),
        ("ip_creation", "梳理实用新型与软件著作权，补报 2 件", "演示知识产权服务站", "1.2"),
        ("training", "参加研发费用加计扣除与归集培训", "", None),
    ),
    2: (
        ("research_accounting", "建立研发费用辅助账，按项目归集", "演示会计师事务所", "6.5"),
        ("ip_creation", "申请与主导产品相关的发明专利 2 件", "演示知识产权服务站", "3.6"),
        ("research_institution", "建设市级企业研发中心", "", "80"),
        ("university_cooperation", "与演示大学签订委外研发合同", "演示大学", "45"),
        ("application_coaching", "高企申报材料预审与模拟评分", "演示专家组", None),
    ),
    3: (
        ("research_institution", "升级为省级企业研究院", "", "320"),
        ("expert_team", "引进院士专家团队入企", "演示研究院", "150"),
        ("patent_pledge_loan", "办理专利权质押贷款", "演示银行", "800"),
        ("ip_management_standard", "通过企业知识产权管理规范认证", "演示认证中心", "8"),
        ("talent", "申报省级领军人才 1 名", "", None),
    ),
}
_GOALS = {
    1: (("有效知识产权", "件", "1", "3"), ("研发费用占销售收入", "%", "1.8", "3.0")),
    2: (
        ("研发费用占销售收入", "%", "3.2", "5.0"),
        ("科技人员占职工总数", "%", "8.6", "12.0"),
        ("高新技术产品收入占总收入", "%", "52", "65"),
    ),
    3: (("研发费用占销售收入", "%", "4.1", "5.5"), ("自主有效发明专利", "件", "14", "24")),
}
_SUMMARIES = {
    1: "企业有研发投入但未单独归集，知识产权 1 件；先评价入库，再谈高企（演示）。",
    2: "近三年研发费用占比 3.2%，辅助账不完整；科技人员口径需要重新核对（演示）。",
    3: "主导产品国内前列，发明专利数量与研究院等级尚有差距（演示）。",
}
# (kind, what was talked about, next step or None)
_SERVICES = (
    ("visit", "到厂查看研发辅助账，已补记到 8 月，委外研发合同缺 1 份。", "补齐委外研发合同复印件"),
    ("visit", "走访车间与研发室，企业计划新增 3 名科技人员。", None),
    ("visit", "核对科技人员名册，口径按月平均，人数占比约 9.6%。", "重新测算科技人员占比"),
    ("call", "电话提醒高企证书将于年内到期，企业已着手准备换证材料。", "确认换证材料是否提交"),
    ("call", "询问年度报表填报进度，财务数据待审计报告。", "回访年报填报情况"),
    ("call", "解释两种“科技型中小企业”的区别，企业两项都有意申报。", None),
    ("meeting", "与财务、研发负责人讨论帮扶方案第一稿，目标定为明年认定高企。", "把修改后的方案发给企业"),
    ("meeting", "对接演示大学材料学院，双方同意先做一个小试项目。", "约定小试项目签约时间"),
    ("training", "参加全市研发费用归集培训，企业财务和技术各来 1 人。", None),
    ("training", "知识产权专题培训，会后单独答疑 20 分钟。", None),
    ("mail", "邮件发送申报材料清单和常见退回原因。", None),
    ("visit", "企业反映专利质押贷款评估费偏高，已记录并转金融科。", "答复专利质押贷款评估费问题"),
)


def plan_text(
    rng: random.Random, rung: int, day: date, responsible: list[int], *, runs: bool, due_in: int
) -> PlanText:
    """A plan for that rung; its measures fall due around the day, or all after it where it does not run yet.

    responsible: ids of people who may be named. due_in: days until one of a running plan's measures is due.
    """
    year_end = date(day.year + 1, 12, 31)
    goals = tuple(
        GoalText(None, what, unit, was, to, year_end - timedelta(days=60 * place))
        for place, (what, unit, was, to) in enumerate(_GOALS[rung])
    )
    steps = [rng.randrange(9, 38) for _ in _MEASURES[rung]]
    first = rng.randrange(20, 60)
    if runs:
        first = due_in - sum(steps[: rng.randrange(1, 3)])
    measures = tuple(
        MeasureText(
            None,
            kind,
            title,
            rng.choice(responsible),
            "",
            partner or None,
            day + timedelta(days=first + sum(steps[:place])),
            Decimal(amount) if amount else None,
        )
        for place, (kind, title, partner, amount) in enumerate(_MEASURES[rung])
    )
    return PlanText(rung, day.year + 1, _SUMMARIES[rung], goals, measures)


def service(rng: random.Random, day: date, contact: str | None) -> tuple[ActivityInput, date | None]:
    """One service of the last half year, and the day on which its next step was done (None: still open)."""
    kind, summary, step = rng.choice(_SERVICES)
    happened_on = day - timedelta(days=min(int(rng.expovariate(1 / 45)), 180))
    while happened_on.weekday() > 4:
        happened_on -= timedelta(days=1)
    minutes = {"call": 10, "mail": 5}.get(kind) or rng.choice((30, 45, 60, 90, 120))
    due = happened_on + timedelta(days=rng.choice((3, 7, 10, 14, 21))) if step else None
    # What fell due weeks ago is done, save for a few; what is younger is mostly open.
    done_on = None
    if due is not None and (due < day - timedelta(days=12) or rng.random() < 0.3) and rng.random() < 0.93:
        done_on = min(day, due)
    return ActivityInput(kind, happened_on, summary, minutes, contact, step, due), done_on
