"""What can be done with firms, one verb a function."""

from crm.firms.use_cases.creation import create_firm
from crm.firms.use_cases.figures import (
    add_search_keys,
    note_activity,
    remove_search_keys,
    set_next_due,
    set_rung,
)

__all__ = [
    "add_search_keys",
    "create_firm",
    "note_activity",
    "remove_search_keys",
    "set_next_due",
    "set_rung",
]
