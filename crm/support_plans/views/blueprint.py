"""The blueprint of support plans and the words its templates need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from crm.certifications.labels import scheme_word
from crm.support_plans import labels
from crm.web.saved_drafts import take_saved_draft

blueprint = Blueprint("support_plans", __name__)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"plan_words": labels, "saved_draft": take_saved_draft, "scheme_word": scheme_word}
