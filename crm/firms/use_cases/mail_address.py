"""A contact's mail address that the receiving side refused."""

from __future__ import annotations

import sqlalchemy as sa

from crm.database import db, transaction
from crm.firms.models import Contact


def flag_address(contact_id: int, address: str, reason: str) -> bool:
    """Mark a contact's address as one that takes no mail, unless it was changed meanwhile.

    For the delivery of reminders, no permission asked. reason: "bounced" or one of ADDRESS_PROBLEMS.
    """
    with transaction():
        marked = db.session.scalar(
            sa.update(Contact)
            .where(Contact.id == contact_id, sa.func.trim(Contact.email) == address.strip())
            .values(email_problem=reason)
            .returning(Contact.id)
            .execution_options(synchronize_session=False)
        )
    return marked is not None
