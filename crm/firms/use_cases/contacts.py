"""People of a firm. Phone and mail are personal data: the audit holds them masked, and who revealed them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import sqlalchemy as sa

from crm.audit.use_cases import record
from crm.database import db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.domain.masking import masked_email, masked_phone
from crm.firms.models import Contact
from crm.firms.queries import contact_for, firm_for
from crm.mail.addresses import address_problem

_PHONE = re.compile(r"\+?[0-9][0-9 \-()]{4,30}(?:转[0-9]{1,6})?")


def contact_columns(name: str | None, phone: str | None, email: str | None) -> dict[str, Any]:
    """Checked columns of a contact. Raises RefusedError on name, phone or email."""
    name = (name or "").strip() or None
    if name and len(name) > 60:
        raise RefusedError("contact_name", "too_long", most=60)
    phone = unicodedata.normalize("NFKC", phone or "").strip() or None
    if phone and not _PHONE.fullmatch(phone):
        raise RefusedError("phone", "phone_unreadable", text=phone)
    email = (email or "").strip() or None
    if email and (problem := address_problem(email)):
        raise RefusedError("email", problem)
    return {"name": name, "phone": phone, "email": email}


def add_contact(
    actor: Actor, firm_id: int, *, name: str | None, phone: str | None, email: str | None
) -> Contact:
    """A new contact; the first one of a firm is its primary. Raises RefusedError."""
    require(actor, Permission.FIRM_WRITE)
    columns = contact_columns(name, phone, email)
    if not any(columns.values()):
        raise RefusedError("contact_name", "contact_empty")
    with transaction():
        firm = firm_for(actor, firm_id)
        has_one = db.session.scalar(sa.select(Contact.id).where(Contact.firm_id == firm.id).limit(1))
        contact = Contact(firm_id=firm.id, is_primary=has_one is None, **columns)
        db.session.add(contact)
        db.session.flush()
        _record(actor, "contact.add", contact, after=_masked(columns))
    return contact


def edit_contact(
    actor: Actor,
    contact_id: int,
    *,
    name: str | None,
    phone: str | None = None,
    email: str | None = None,
    is_primary: bool = False,
    clear_phone: bool = False,
    clear_email: bool = False,
) -> Contact:
    """Change a contact; an empty phone or mail leaves the one kept (it was not shown), unless cleared."""
    require(actor, Permission.FIRM_WRITE)
    new = contact_columns(name, phone, email)
    with transaction():
        contact = contact_for(actor, contact_id)
        if not new["phone"] and not clear_phone:
            new["phone"] = contact.phone
        if not new["email"] and not clear_email:
            new["email"] = contact.email
        if not any(new.values()):
            raise RefusedError("contact_name", "contact_empty")
        before = {key: getattr(contact, key) for key, value in new.items() if getattr(contact, key) != value}
        if new["email"] != contact.email:
            contact.email_problem = None
        for key, value in new.items():
            setattr(contact, key, value)
        if is_primary and not contact.is_primary:
            db.session.execute(
                sa.update(Contact).where(Contact.firm_id == contact.firm_id).values(is_primary=False)
            )
            contact.is_primary = True
            before["is_primary"] = False
        if before:
            after = {key: getattr(contact, key) for key in before}
            _record(actor, "contact.update", contact, before=_masked(before), after=_masked(after))
    return contact


def remove_contact(actor: Actor, contact_id: int) -> int:
    """Remove a contact; returns the firm's id. The next one becomes primary."""
    require(actor, Permission.FIRM_WRITE)
    with transaction():
        contact = contact_for(actor, contact_id)
        firm_id, was_primary = contact.firm_id, contact.is_primary
        kept = {"name": contact.name, "phone": contact.phone, "email": contact.email}
        _record(actor, "contact.remove", contact, before=_masked(kept))
        db.session.delete(contact)
        db.session.flush()
        if was_primary:
            heir = db.session.scalar(
                sa.select(Contact).where(Contact.firm_id == firm_id).order_by(Contact.id).limit(1)
            )
            if heir is not None:
                heir.is_primary = True
    return firm_id


def reveal_contact(actor: Actor, contact_id: int) -> Contact:
    """Phone and mail in full, with an entry of who looked."""
    require(actor, Permission.CONTACT_REVEAL)
    with transaction():
        contact = contact_for(actor, contact_id)
        _record(actor, "contact.reveal", contact)
    return contact


def _masked(values: dict[str, Any]) -> dict[str, Any]:
    masks = {"phone": masked_phone, "email": masked_email}
    return {key: masks[key](value) if key in masks else value for key, value in values.items()}


def _record(
    actor: Actor,
    action: str,
    contact: Contact,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        actor,
        action,
        subject_type="contact",
        subject_id=contact.id,
        firm_id=contact.firm_id,
        before=before,
        after=after,
    )
