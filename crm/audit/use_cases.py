"""Write entries with the change; seal them into the chain after the commit; verify the chain."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from crm.audit.models import AuditEntry, AuditHead, AuditSeal
from crm.clock import utc_now
from crm.database import after_commit, db, insert_in_chunks, json_text, transaction
from crm.domain.access import Actor
from crm.domain.errors import CrmError

log = logging.getLogger(__name__)
SEAL_BATCH = 5000
# The nightly verification, as the table of periodic tasks calls it.
VERIFY_RUN = "audit: verify"


def record(
    actor: Actor,
    action: str,
    *,
    subject_type: str,
    subject_id: int | None,
    firm_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    batch: str | None = None,
) -> None:
    """Add one entry to the running transaction and have it sealed after the commit.

    action: "firm.update", "certification.record" …; its sentence stands in crm/audit/sentences.py.
    before, after: only the fields that changed; both None where nothing is to compare.
    """
    record_many(
        actor,
        action,
        [(subject_id, firm_id, before, after)],
        subject_type=subject_type,
        batch=batch,
    )


def record_many(
    actor: Actor,
    action: str,
    rows: Iterable[tuple[int | None, int | None, dict[str, Any] | None, dict[str, Any] | None]],
    *,
    subject_type: str,
    batch: str | None = None,
) -> None:
    """Add many entries of one action: rows of (subject id, firm id, before, after)."""
    now = utc_now()
    entries = [
        {
            "at": now,
            "actor_id": actor.user_id,
            "actor_name": actor.name,
            "actor_role": "" if actor.everything and actor.user_id is None else actor.role.value,
            "via": actor.via,
            "source": actor.source[:120],
            "action": action,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "firm_id": firm_id,
            "batch": batch,
            "before": before,
            "after": after,
        }
        for subject_id, firm_id, before, after in rows
    ]
    if not entries:
        return
    db.session.flush()
    insert_in_chunks(AuditEntry.__table__, entries)
    session_info = db.session().info
    if session_info.get("depth") and not session_info.get("seal_planned"):
        session_info["seal_planned"] = True
        after_commit(_seal_now)


def _seal_now() -> None:
    db.session().info["seal_planned"] = False
    try:
        seal()
    except OperationalError:
        # Somebody else writes for long; the sealing task takes these entries up within minutes.
        db.session.rollback()
        log.info("audit entries wait for the sealing task")


def seal() -> int:
    """Chain every entry not sealed yet; returns how many. Whoever finds the head held lets it be."""
    sealed = 0
    while True:
        with transaction():
            db.session().info["seal_planned"] = False
            head = db.session.scalars(
                sa.select(AuditHead).where(AuditHead.id == 1).with_for_update(skip_locked=True)
                .execution_options(populate_existing=True)
            ).one_or_none()  # fmt: skip
            if head is None:
                return sealed
            entries = list(
                db.session.execute(
                    sa.select(AuditEntry.__table__)
                    .where(~sa.exists().where(AuditSeal.entry_id == AuditEntry.id))
                    .where(AuditEntry.id > _sealed_floor())
                    .order_by(AuditEntry.id)
                    .limit(SEAL_BATCH)
                ).mappings()
            )
            number, digest = head.seal_no, head.hash
            seals = []
            for entry in entries:
                number += 1
                digest = entry_hash(digest, number, dict(entry))
                seals.append({"seal_no": number, "entry_id": entry["id"], "hash": digest})
            if seals:
                insert_in_chunks(AuditSeal.__table__, seals)
                head.seal_no, head.hash = number, digest
            sealed += len(seals)
        if len(entries) < SEAL_BATCH:
            return sealed


def _sealed_floor() -> int:
    """Entries far below the newest sealed id cannot be open any more: no transaction lives so long."""
    newest = db.session.scalar(sa.select(sa.func.max(AuditSeal.entry_id))) or 0
    return max(0, int(newest) - 200_000)


def entry_hash(previous: str, seal_no: int, entry: dict[str, Any]) -> str:
    """SHA-256 over the previous hash, the seal's number and every column of the entry."""
    at: datetime = entry["at"]
    document = {**{k: v for k, v in entry.items() if k != "at"}, "at": at.isoformat(timespec="microseconds")}
    return hashlib.sha256(f"{previous}\n{seal_no}\n{json_text(document)}".encode()).hexdigest()


@dataclass(frozen=True)
class ChainReport:
    """Result of a verification.

    entries: how many there are. first_bad: id of the first entry that does not fit, None where unknown.
    fault: gap, removed, changed, tail or outside; None where the chain holds. detail: for the command line.
    """

    entries: int
    ok: bool
    first_bad: int | None
    detail: str
    fault: str | None = None


class ChainBrokenError(CrmError):
    """The nightly verification found a fault; the administrator sees its words beside the task."""

    def __init__(self, report: ChainReport) -> None:
        super().__init__(report.detail)
        self.report = report


def verify() -> ChainReport:
    """Walk the whole chain in order; finds an edit, a gap, a removal, a cut tail that the head still knows.

    Everything is read from one snapshot, so that people may go on writing meanwhile.
    It does not prove that the whole database was not replaced: the daily head, printed or mailed, does.
    """
    seal()
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        # SQLite reads a snapshot anyway; here each statement would see newer entries than the one before.
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        return _walk()
    finally:
        db.session.rollback()


def _walk() -> ChainReport:
    total = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    digest, number = "", 0
    statement = (
        sa.select(
            AuditSeal.seal_no, AuditSeal.hash, AuditSeal.entry_id.label("sealed_entry"), AuditEntry.__table__
        )
        .select_from(AuditSeal)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.seal_no)
        .execution_options(yield_per=2000)
    )
    for row in db.session.execute(statement).mappings():
        number += 1
        values = dict(row)
        seal_no, digest_kept, entry_id = values.pop("seal_no"), values.pop("hash"), values.pop("sealed_entry")
        if seal_no != number:
            return ChainReport(total, False, entry_id, f"seal {number} is missing", "gap")
        if values["id"] is None:
            return ChainReport(total, False, entry_id, f"entry {entry_id} was removed", "removed")
        digest = entry_hash(digest, seal_no, values)
        if digest != digest_kept:
            return ChainReport(total, False, entry_id, f"entry {entry_id} was changed", "changed")
    head = db.session.get(AuditHead, 1, populate_existing=True)
    if head is None or head.seal_no != number or head.hash != digest:
        return ChainReport(total, False, None, "the newest entries were removed", "tail")
    if total != number and (outside := _outside()) is not None:
        return ChainReport(total, False, outside, f"entry {outside} stands outside the chain", "outside")
    return ChainReport(total, True, None, "")


def _outside() -> int | None:
    """The first entry that no sealing will take up any more; younger ones were written this very moment."""
    return db.session.scalar(
        sa.select(sa.func.min(AuditEntry.id)).where(
            AuditEntry.id <= _sealed_floor(), ~sa.exists().where(AuditSeal.entry_id == AuditEntry.id)
        )
    )
