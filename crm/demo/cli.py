"""flask demo load: labelled demo data for a first look."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import click
from flask.cli import with_appcontext

from crm.demo.invention import DEFAULT_FIRMS
from crm.demo.loading import load
from crm.web.commands import CrmGroup, acting, emit, json_option, on_option

demo = CrmGroup("demo", help="Demo data: invented firms whose names say 演示.")


@demo.command("load")
@click.option("--firms", default=DEFAULT_FIRMS, show_default=True, help="How many invented firms.")
@click.option(
    "--outside-embedded",
    is_flag=True,
    help="Also into a database that CRM_DATABASE_URL names (trial, figures).",
)
@on_option
@json_option
@with_appcontext
def load_command(firms: int, outside_embedded: bool, on: date, as_json: bool) -> None:
    """Load demo data, the same each time for the same number of firms and day."""
    counts = load(acting(), firms=firms, day=on, outside_embedded=outside_embedded)
    if counts.already_there:
        text = "演示数据已经在库中，没有新增。"
    else:
        text = (
            f"已载入演示数据：企业 {counts.firms} 家，资质 {counts.certifications} 项，"
            f"帮扶方案 {counts.plans} 份，服务记录 {counts.activities} 条，人员 {counts.people} 人。"
        )
    emit(asdict(counts), as_json, text)


COMMANDS = [demo]
