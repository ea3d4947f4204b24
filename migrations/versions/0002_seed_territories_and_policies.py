"""Seed the territory tree of Shaoxing, the reporting units, the reminder policies and single rows.

Codes: GB/T 2260. Retired: 330621 绍兴县 → 330603, 330682 上虞市 → 330604 (both 2013-10-18, 国函〔2013〕112号).
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

territories = sa.table(
    "territories",
    sa.column("id", sa.BigInteger),
    sa.column("code", sa.String),
    sa.column("name", sa.String),
    sa.column("name_en", sa.String),
    sa.column("level", sa.String),
    sa.column("parent_id", sa.BigInteger),
    sa.column("path", sa.String),
    sa.column("valid_from", sa.Date),
    sa.column("valid_to", sa.Date),
    sa.column("successor_id", sa.BigInteger),
)
units = sa.table(
    "reporting_units",
    sa.column("code", sa.String),
    sa.column("name", sa.String),
    sa.column("parent_codes", sa.String),
    sa.column("is_active", sa.Boolean),
)
policies = sa.table(
    "reminder_policies",
    sa.column("kind", sa.String),
    sa.column("channel", sa.String),
    sa.column("leads", sa.Text),
    sa.column("effective_from", sa.Date),
    sa.column("is_active", sa.Boolean),
    sa.column("version", sa.Integer),
)
head = sa.table("audit_head", sa.column("id"), sa.column("seal_no"), sa.column("hash"))
channel = sa.table("mail_channel", sa.column("id"))

PROVINCE, CITY = 1, 2
COUNTIES = (
    (3, "330602", "越城区", "Yuecheng", None),
    (4, "330603", "柯桥区", "Keqiao", date(2013, 10, 18)),
    (5, "330604", "上虞区", "Shangyu", date(2013, 10, 18)),
    (6, "330624", "新昌县", "Xinchang", None),
    (7, "330681", "诸暨市", "Zhuji", None),
    (8, "330683", "嵊州市", "Shengzhou", None),
)
RETIRED = (
    (9, "330621", "绍兴县", "Shaoxing County", 4),
    (10, "330682", "上虞市", "Shangyu City", 5),
)
UNITS = (
    ("BH", "绍兴滨海新区", "330602 330604"),
    ("GX", "绍兴国家高新区", "330602"),
    ("PJ", "袍江开发区", "330602"),
    ("JH", "镜湖新区", "330602"),
    ("KQ", "柯桥经开区", "330603"),
    ("SY", "杭州湾上虞经开区", "330604"),
    ("ZJ", "诸暨经开区", "330681"),
    ("SZ", "嵊州经开区", "330683"),
    ("XC", "新昌高新园区", "330624"),
)
POLICIES = (
    ("certificate_expiry", "[90,30,7,1,-1]", True),
    ("hnte_annual_report", "[60,15,5]", True),
    ("sme_update", "[60,15]", True),
    ("hnte_reapplication", "[90,30,7]", False),
    ("measure_due", "[7,0]", False),
)


def upgrade() -> None:
    rows = [
        _territory(PROVINCE, "330000", "浙江省", "Zhejiang", "province", None, f"/{PROVINCE}/"),
        _territory(CITY, "330600", "绍兴市", "Shaoxing", "city", PROVINCE, f"/{PROVINCE}/{CITY}/"),
    ]
    for key, code, name, english, since in COUNTIES:
        row = _territory(key, code, name, english, "county", CITY, f"/{PROVINCE}/{CITY}/{key}/")
        rows.append(row | {"valid_from": since})
    for key, code, name, english, successor in RETIRED:
        # Below its successor in the tree, so that whoever sees the one sees the other's history.
        row = _territory(key, code, name, english, "county", CITY, f"/{PROVINCE}/{CITY}/{successor}/{key}/")
        rows.append(row | {"valid_to": date(2013, 10, 17), "successor_id": successor})
    op.bulk_insert(territories, rows)
    if op.get_bind().dialect.name == "postgresql":
        # The rows above carry their keys; the sequence must begin after them.
        op.execute("SELECT setval(pg_get_serial_sequence('territories', 'id'), 100)")
    op.bulk_insert(units, [{"code": c, "name": n, "parent_codes": p, "is_active": True} for c, n, p in UNITS])
    op.bulk_insert(
        policies,
        [
            {
                "kind": kind,
                "channel": way,
                "leads": leads,
                "effective_from": date(2020, 1, 1),
                "is_active": True,
                "version": 1,
            }
            for kind, leads, by_mail in POLICIES
            for way in (("owner_digest", "contact_mail") if by_mail else ("owner_digest",))
        ],
    )
    op.bulk_insert(head, [{"id": 1, "seal_no": 0, "hash": ""}])
    op.bulk_insert(channel, [{"id": 1}])


def _territory(
    key: int, code: str, name: str, english: str, level: str, parent: int | None, path: str
) -> dict[str, object]:
    return {
        "id": key,
        "code": code,
        "name": name,
        "name_en": english,
        "level": level,
        "parent_id": parent,
        "path": path,
        "valid_from": None,
        "valid_to": None,
        "successor_id": None,
    }


def downgrade() -> None:
    for name in ("mail_channel", "audit_head", "reminder_policies", "reporting_units"):
        op.execute(f"DELETE FROM {name}")
    op.execute("DELETE FROM territories WHERE level = 'township'")
    op.execute("DELETE FROM territories WHERE successor_id IS NOT NULL")
    op.execute("DELETE FROM territories WHERE level = 'county'")
    op.execute("DELETE FROM territories WHERE level = 'city'")
    op.execute("DELETE FROM territories")
