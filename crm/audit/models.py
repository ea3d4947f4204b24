"""What was done: entries written with the change, seals that chain them.

Entries are never updated. A seal gives each entry its place in one unbroken numbering and a hash over
the entry and the seal before it; the head remembers the last one, so that a cut tail shows too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import BigId, JsonText, UtcDateTime, db


class AuditEntry(db.Model):
    """One change: who, when, from where, what before and after. Readable when user or firm is gone."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    actor_name: Mapped[str] = mapped_column(sa.String(60))
    actor_role: Mapped[str] = mapped_column(sa.String(30))
    via: Mapped[str] = mapped_column(sa.String(8))
    source: Mapped[str] = mapped_column(sa.String(120))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    firm_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    batch: Mapped[str | None] = mapped_column(sa.String(60))
    before: Mapped[Any | None] = mapped_column(JsonText)
    after: Mapped[Any | None] = mapped_column(JsonText)

    __table_args__ = (
        sa.Index("ix_audit_entries_firm_id_id", "firm_id", "id"),
        sa.Index("ix_audit_entries_subject", "subject_type", "subject_id"),
        sa.Index("ix_audit_entries_action_at", "action", "at"),
    )


class AuditSeal(db.Model):
    """Place of an entry in the chain; hash = SHA-256 over previous hash, seal number and the entry."""

    __tablename__ = "audit_seals"

    seal_no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(sa.BigInteger, unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(db.Model):
    """The newest seal (one row); whoever seals holds this row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    seal_no: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))
