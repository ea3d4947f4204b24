"""Pages of firms: list and search, one firm, its forms, its contacts, bulk work."""

from crm.firms.views import bulk, contacts, editing, pages
from crm.firms.views.blueprint import blueprint

__all__ = ["blueprint", "bulk", "contacts", "editing", "pages"]
