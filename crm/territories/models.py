"""Territories of the state (GB/T 2260) as a tree, and reporting units, which are not statutory."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import BigId, db, sort_text


class Territory(db.Model):
    """One statutory territory; a retired code stays, with its last day and its successor."""

    __tablename__ = "territories"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str | None] = mapped_column(sa.String(80))
    level: Mapped[str] = mapped_column(sa.String(12))  # province, city, county, township
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territories.id"), index=True)
    path: Mapped[str] = mapped_column(sort_text(120), index=True)  # ids from the root: /1/2/5/
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # last day in force; None while in force
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territories.id"))
    # Who hears of a firm whose owner is missing or gone.
    lead_user_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    __table_args__ = (sa.UniqueConstraint("parent_id", "name"),)


class ReportingUnit(db.Model):
    """A development zone or other unit of reporting; totals by it are never mixed with statutory ones."""

    __tablename__ = "reporting_units"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    parent_codes: Mapped[str] = mapped_column(sa.String(120))  # district codes, separated by spaces
    is_active: Mapped[bool] = mapped_column(default=True)
