"""Sentences for what the demo data refuses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

SENTENCES = {
    "demo_beside_real_firms": _(
        "库中已有真实企业，不能再载入演示数据。请另用一个空的数据目录（CRM_DATA_DIR）。"
    ),
    "demo_in_production": _(
        "已设置 CRM_DATABASE_URL，演示数据只载入默认的内置数据库。要试用请去掉这项设置。"
    ),
    "demo_firm_count": _("演示企业数须在 %(least)s 至 %(most)s 之间。"),
}
