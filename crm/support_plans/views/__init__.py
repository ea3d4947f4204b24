"""Pages of support plans: reading, writing the text, moving a plan along."""

from crm.support_plans.views import editing, reading, steps
from crm.support_plans.views.blueprint import blueprint

__all__ = ["blueprint", "editing", "reading", "steps"]
