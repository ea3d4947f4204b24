"""Firms, their names, contacts, search index and counts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.database import BigId, UtcDateTime, WanAmount, db, sort_text
from crm.territories.models import Territory

# Stands for "no deadline" in due_order, so that a keyset page can sort by one never-null column.
NO_DEADLINE = date(9999, 12, 31)


class Firm(db.Model):
    """One legal person. District and township are statutory and never derived from the code.

    district: county, or the city where the county is not known. registered_capital in 万元.
    rung, due_order and next_due_kind are kept by certifications and deadlines for lists; the truth is
    `ladder.rung_on` over certifications and the deadlines table.
    """

    __tablename__ = "firms"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_normal: Mapped[str] = mapped_column(sort_text(200), index=True)
    name_order: Mapped[str] = mapped_column(sort_text(400))  # pinyin
    code: Mapped[str | None] = mapped_column(sort_text(18))
    code_problem: Mapped[str | None] = mapped_column(sa.String(20))
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("territories.id"))
    township_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territories.id"))
    reporting_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reporting_units.id"))
    development_zone_hint: Mapped[str | None] = mapped_column(sa.String(200))
    registered_on: Mapped[date | None]
    firm_type: Mapped[str | None] = mapped_column(sa.String(100))
    registered_capital: Mapped[Decimal | None] = mapped_column(WanAmount)
    capital_currency: Mapped[str | None] = mapped_column(sa.String(3))
    is_branch: Mapped[bool] = mapped_column(default=False)
    industry: Mapped[str | None] = mapped_column(sa.String(100))
    hnte_field: Mapped[str | None] = mapped_column(sa.String(60))
    business_scope: Mapped[str | None] = mapped_column(sa.Text)
    note: Mapped[str | None] = mapped_column(sa.Text)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    is_archived: Mapped[bool] = mapped_column(default=False)
    archived_on: Mapped[date | None]
    archive_reason: Mapped[str | None] = mapped_column(sa.String(200))
    is_demo: Mapped[bool] = mapped_column(default=False)
    rung: Mapped[int] = mapped_column(default=0)
    due_order: Mapped[date] = mapped_column(default=NO_DEADLINE)
    next_due_kind: Mapped[str | None] = mapped_column(sa.String(40))
    last_activity_on: Mapped[date | None]
    import_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    district: Mapped[Territory] = relationship(foreign_keys=[district_id])
    township: Mapped[Territory | None] = relationship(foreign_keys=[township_id])
    owner: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("code"),
        # One index for each order of the list, led by what a county officer's page is cut by.
        sa.Index("ix_firms_list_name", "is_archived", "name_order", "id"),
        sa.Index("ix_firms_list_due", "is_archived", "due_order", "id"),
        sa.Index("ix_firms_list_created", "is_archived", "created_at", "id"),
        sa.Index("ix_firms_district_name", "district_id", "is_archived", "name_order", "id"),
        sa.Index("ix_firms_district_due", "district_id", "is_archived", "due_order", "id"),
        sa.Index("ix_firms_township_name", "township_id", "is_archived", "name_order", "id"),
        sa.Index("ix_firms_owner_due", "owner_id", "is_archived", "due_order", "id"),
        sa.Index("ix_firms_rung_name", "rung", "is_archived", "name_order", "id"),
    )


class FormerName(db.Model):
    """A name the firm carried until a day (None where the day is not known)."""

    __tablename__ = "former_names"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_normal: Mapped[str] = mapped_column(sort_text(200), index=True)
    until: Mapped[date | None]

    __table_args__ = (sa.UniqueConstraint("firm_id", "name_normal"),)


class Contact(db.Model):
    """A person of the firm: hears of deadlines by mail. Phone and mail are masked until revealed."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"), index=True)
    name: Mapped[str | None] = mapped_column(sa.String(60))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    # Why mail cannot go there: a reason of address_problem, or "bounced".
    email_problem: Mapped[str | None] = mapped_column(sa.String(40))
    is_primary: Mapped[bool] = mapped_column(default=True)


class FirmSearchKey(db.Model):
    """Every ending of what a firm can be found by; a part of a name is the beginning of an ending.

    One range scan answers one character, two, part of a code or initials alike, on both databases and
    without extension (docs/decisions/0003). kind: name, former, initials, code, certificate.
    """

    __tablename__ = "firm_search_keys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    suffix: Mapped[str] = mapped_column(sort_text(40))
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("firms.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    # The certification whose number this is; lets a renewed or corrected number be taken out again.
    source_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    __table_args__ = (sa.Index("ix_firm_search_keys_suffix_firm_id", "suffix", "firm_id"),)


class FirmTally(db.Model):
    """Counts of firms by what the list filters on; insert-only steps, merged now and then.

    The total of a list is the sum over a few thousand rows here, however many firms there are.
    """

    __tablename__ = "firm_tallies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.BigInteger)
    township_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    owner_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    rung: Mapped[int]
    has_code: Mapped[bool]
    is_archived: Mapped[bool]
    n: Mapped[int]
