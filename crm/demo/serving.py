"""What the office does with its firms: deadlines settled, plans on their way, services logged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa

from crm.activities.use_cases import ActivityInput, finish_next_step, log_activity
from crm.database import db
from crm.deadlines.models import Deadline
from crm.deadlines.use_cases import settle_done, waive
from crm.demo.invention import InventedFirm
from crm.demo.office import Office
from crm.demo.work import plan_text, service
from crm.domain.access import Actor
from crm.support_plans.queries import plan_for, text_of
from crm.support_plans.use_cases import (
    MeasureText,
    approve_plan,
    close_plan,
    create_plan,
    edit_plan,
    move_measure,
    return_plan,
    revise_plan,
    start_plan,
    submit_plan,
)

MOST_PLANS = 160
MOST_SERVICES = 1200
# How a plan stands in the end; every state, and most of them running.
_ENDS = (
    "running",
    "submitted",
    "running",
    "draft",
    "approved",
    "second version",
    "returned",
    "running",
    "closed",
    "under revision",
)
_RUN = ("running", "second version", "under revision", "closed")
_DUE_IN = (0, 2, 1, 5)
# Kind -> of a hundred that fell due: done, waived; the rest is overdue.
_SETTLED = {
    "hnte_annual_report": (93, 2, "年度报表已提交，受理号 演示-{year}-{id}", "当年迁入，由原所在地填报"),
    "hnte_reapplication": (62, 26, "重新认定材料已提交，回执 演示-{id}", "企业决定今年不再申报"),
    "sme_update": (10, 82, "信息更新已提交，回执 演示-{id}", "企业今年不再参加评价"),
    "certificate_expiry": (0, 80, "", "证书到期，企业暂不换证"),
}
_LONG_AGO = timedelta(days=70)


def settle_what_fell_due(office: Office, firms: Sequence[InventedFirm], ids: dict[int, int]) -> int:
    """Settle most of this year's past deadlines; a few stay overdue. Returns how many were settled."""
    rng = random.Random("演示时限")
    by_id = {ids[firm.index]: firm for firm in firms}
    rows = db.session.execute(
        sa.select(Deadline.id, Deadline.firm_id, Deadline.kind, Deadline.due_on)
        .where(Deadline.state == "open", Deadline.due_on < office.done_by - timedelta(days=6))
        .order_by(Deadline.firm_id, Deadline.id)
    ).all()
    settled = 0
    for deadline_id, firm_id, kind, due_on in rows:
        done, waived, evidence, reason = _SETTLED.get(kind, (0, 0, "", ""))
        firm, dice = by_id[firm_id], rng.randrange(100)
        if kind == "certificate_expiry" and due_on < office.day - _LONG_AGO:
            dice = 0  # nobody leaves an ended certificate open for months
        officer = office.officer(firm.county)
        if dice < done:
            settle_done(
                officer,
                deadline_id,
                done_on=due_on - timedelta(days=rng.randrange(1, 40)),
                evidence=evidence.format(year=due_on.year, id=f"{firm.index:05d}"),
            )
        elif dice < done + waived:
            waive(officer, deadline_id, reason=reason)
        settled += dice < done + waived
    return settled


def make_plans(office: Office, firms: Sequence[InventedFirm], ids: dict[int, int]) -> int:
    """Plans in every state, for about a fifth of the firms; returns how many."""
    able = [firm for firm in firms if not firm.is_branch and not firm.archive_reason]
    able = [firm for firm in able if firm.climb != "leading" and (firm.index <= 16 or firm.index % 5 == 0)]
    able = able[:MOST_PLANS]
    for place, firm in enumerate(able):
        _make_plan(office, firm, ids[firm.index], _ENDS[place % len(_ENDS)])
    return len(able)


def _make_plan(office: Office, firm: InventedFirm, firm_id: int, end: str) -> None:
    rng = random.Random(f"演示方案 {firm.index}")
    officer, chief = office.officer(firm.county), office.chief(firm.county)
    rung = {"none": 1, "sme": 2, "past": 2, "hnte": 3 if firm.index % 3 == 1 else 2}[firm.climb]
    people = {officer.user_id, office.keeper(firm.county, firm.township).user_id}
    named = sorted(i for i in people if i is not None)
    text = plan_text(rng, rung, office.day, named, runs=end in _RUN, due_in=_DUE_IN[firm.index // 5 % 4])
    plan = create_plan(officer, firm_id, text, owner_id=officer.user_id)
    if end == "draft":
        return
    submit_plan(officer, plan.id)
    if end == "submitted":
        return
    if end == "returned":
        return_plan(chief, plan.id, "研发费用占比的现状值请附去年审计数，措施二缺合作方联系人。")
        return
    approve_plan(chief, plan.id)
    if end == "approved":
        return
    start_plan(officer, plan.id)
    _progress(office, officer, plan.id, rng)
    if end == "closed":
        close_plan(officer, plan.id, "主要目标已达到，企业进入下一梯度申报（演示）。")
    elif end in ("second version", "under revision"):
        revise_plan(officer, plan.id)
        _write_second_version(office, officer, plan.id)
        submit_plan(officer, plan.id)
        if end == "second version":
            approve_plan(chief, plan.id)
            start_plan(officer, plan.id)


def _progress(office: Office, officer: Actor, plan_id: int, rng: random.Random) -> None:
    """What fell due is mostly done, what falls due soon under way; one now and then is late or given up."""
    for measure in plan_for(officer, plan_id).measures:
        due_on = measure.due_on or office.day
        if due_on < office.done_by and rng.random() < 0.85:
            done_on = due_on - timedelta(days=rng.randrange(1, 9))
            move_measure(
                officer, plan_id, measure.id, "done", done_on=done_on, evidence=f"演示凭证 {measure.id:05d}"
            )
        elif due_on <= office.day + timedelta(days=45):
            move_measure(officer, plan_id, measure.id, "running")
        elif rng.random() < 0.1:
            move_measure(officer, plan_id, measure.id, "cancelled", evidence="合作方另有安排（演示）")


def _write_second_version(office: Office, officer: Actor, plan_id: int) -> None:
    """One goal set higher, one measure more: something for the comparison of versions to show."""
    plan = plan_for(officer, plan_id)
    text = text_of(plan)
    first = text.goals[0]
    higher = replace(first, value_to=str(round(float(first.value_to) * 1.1, 1)))
    added = MeasureText(
        None,
        "innovation_voucher",
        "使用科技创新券支付检测费用",
        officer.user_id,
        "",
        "演示检测中心",
        office.day + timedelta(days=30),
        None,
    )
    text = replace(text, goals=(higher, *text.goals[1:]), measures=(*text.measures, added))
    edit_plan(officer, plan_id, text, version=None)


def log_services(office: Office, firms: Sequence[InventedFirm], ids: dict[int, int]) -> int:
    """Visits, calls and the like of the last half year; returns how many."""
    logged = 0
    for firm in firms:
        rng = random.Random(f"演示服务 {firm.index}")
        most = 7 if firm.index <= 12 else 3
        wanted = rng.randrange(most) + (2 if firm.index <= 12 else 0)
        if firm.archive_reason or (firm.climb == "none" and firm.index % 5):
            wanted = 0
        keeper = office.keeper(firm.county, firm.township)
        contact = firm.contacts[0].name if firm.contacts else None
        told = sorted((service(rng, office.done_by, contact) for _ in range(wanted)), key=_happened_on)
        for said, done_on in told:
            row = log_activity(keeper, ids[firm.index], said)
            if done_on is not None:
                finish_next_step(keeper, row.id, done_on)
            logged += 1
        if logged >= MOST_SERVICES:
            break
    return logged


def _happened_on(told: tuple[ActivityInput, date | None]) -> date:
    return told[0].happened_on
