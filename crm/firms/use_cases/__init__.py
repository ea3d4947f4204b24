"""What can be done with firms, one verb a function."""

from crm.firms.use_cases.assignment import AssignResult, assign_owner
from crm.firms.use_cases.contacts import (
    add_contact,
    contact_columns,
    edit_contact,
    remove_contact,
    reveal_contact,
)
from crm.firms.use_cases.creation import create_firm
from crm.firms.use_cases.editing import archive_firm, edit_firm, restore_firm
from crm.firms.use_cases.figures import (
    add_many_search_keys,
    add_search_keys,
    note_activity,
    remove_search_keys,
    set_next_due,
    set_rung,
)
from crm.firms.use_cases.upkeep import merge_tallies

__all__ = [
    "AssignResult",
    "add_contact",
    "add_many_search_keys",
    "add_search_keys",
    "archive_firm",
    "assign_owner",
    "contact_columns",
    "create_firm",
    "edit_contact",
    "edit_firm",
    "merge_tallies",
    "note_activity",
    "remove_contact",
    "remove_search_keys",
    "restore_firm",
    "reveal_contact",
    "set_next_due",
    "set_rung",
]
