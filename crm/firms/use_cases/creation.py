"""A new firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from crm.audit.use_cases import record
from crm.clock import utc_now
from crm.database import constraint_name, db, transaction
from crm.domain.access import Actor, Permission, require
from crm.domain.errors import RefusedError
from crm.firms import search_index, tallies
from crm.firms.models import Firm
from crm.firms.use_cases.checking import checked


def create_firm(actor: Actor, values: Mapping[str, Any], *, is_demo: bool = False) -> Firm:
    """Take in a firm. values: columns of checking.EDITABLE; name and district_id are needed.

    Raises RefusedError on the field at fault: code_taken carries firm_id where the actor may see that firm.
    """
    require(actor, Permission.FIRM_WRITE)
    try:
        with transaction():
            columns = checked(actor, values)
            now = utc_now()
            firm = Firm(**columns, is_demo=is_demo, rung=0, created_at=now, updated_at=now)
            db.session.add(firm)
            db.session.flush()
            search_index.insert_keys(search_index.keys_of_firm(firm.id, firm.name, firm.code))
            tallies.add(tallies.tally_of(firm))
            after = {key: columns[key] for key in values if columns.get(key) is not None}
            record(
                actor, "firm.create", subject_type="firm", subject_id=firm.id, firm_id=firm.id, after=after
            )
    except IntegrityError as error:
        # Two people entered one code in the same second.
        if constraint_name(error) == "uq_firms_code":
            raise RefusedError("code", "code_taken_elsewhere") from error
        raise
    return firm
