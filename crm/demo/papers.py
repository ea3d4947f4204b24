"""Lists that came in and files that went to the province."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from crm.demo.invention import InventedFirm
from crm.demo.office import Office
from crm.exports.use_cases import write
from crm.imports.use_cases import ImportOptions, import_file

_COLUMNS = ("序号", "企业名称", "统一社会信用代码", "资质类别", "发证日期", "批次")
_FIRMS_OF_A_LIST = 9


def bring_in_a_list(office: Office, firms: Sequence[InventedFirm], county: str) -> int:
    """An announcement with two rows that cannot be taken, as they are; returns the rows written."""
    granted_on = office.done_by - timedelta(days=20)
    cohort = f"{granted_on.year}年第二批"
    able = [f for f in firms if f.county == county and not f.is_branch and not f.archive_reason]
    rows = [
        (firm.name, firm.values["code"] or "", "创新型中小企业")
        for firm in [f for f in able if f.climb != "none"][:_FIRMS_OF_A_LIST]
    ]
    rows.insert(2, ("绍兴演示查无此名科技有限公司", "", "创新型中小企业"))
    # Two credentials go by this name: a person has to say which.
    rows.append((able[-1].name, able[-1].values["code"] or "", "科小"))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{cohort}创新型中小企业公告名单（演示）.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(_COLUMNS)
            for number, (name, code, scheme) in enumerate(rows, 1):
                lines.writerow((number, name, code, scheme, granted_on.isoformat(), cohort))
        options = ImportOptions(skip_bad_rows=True)
        report, _ = import_file(
            office.officer(county), "certifications", path, options, dry_run=False, tick=lambda _: None
        )
    return report.counts["new"] + report.counts["changed"]


def send_to_the_province(office: Office) -> int:
    """The holders' list a month ago and now, what ends in one county; returns how many were frozen."""
    city, officer = office.people["demo-city"], office.officer("330624")
    day = office.day
    write(city, "hnte_holders", day - timedelta(days=30), purpose="月度报送省经信厅（演示）")
    write(city, "hnte_holders", day, purpose="月度报送省经信厅（演示）")
    write(officer, "expiring", day, purpose="到期企业清单，送市局（演示）")
    return 3
