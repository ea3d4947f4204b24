"""The blueprint of firms, and words that the frame of a firm's pages needs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from crm.activities import labels as activity_labels
from crm.deadlines import labels as deadline_labels
from crm.domain.masking import masked_email, masked_phone
from crm.firms import labels
from crm.support_plans import labels as plan_labels

blueprint = Blueprint("firms", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """Words that the frame of a firm's pages needs, whichever feature's page it is."""
    return {
        "firm_labels": labels,
        "plan_words": plan_labels,
        "deadline_words": deadline_labels,
        "activity_words": activity_labels,
    }


blueprint.add_app_template_filter(masked_phone)
blueprint.add_app_template_filter(masked_email)
