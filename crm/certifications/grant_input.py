"""What is said of a grant when it is recorded, and what became of it; the same for a form and for a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm.domain.errors import CrmError, RefusedError


@dataclass(frozen=True)
class GrantInput:
    """One grant as a person or a list says it.

    valid_to: last day in force as printed; None lets the scheme's rule derive it.
    firm_id: set by lists; a form gives the firm apart.
    """

    scheme: str
    granted_on: date
    number: str | None = None
    valid_to: date | None = None
    cohort: str | None = None
    authority: str | None = None
    note: str | None = None
    firm_id: int | None = None


@dataclass
class GrantOutcome:
    """What became of one grant.

    state: new, changed, same or refused. problem: why it was refused.
    warnings: taken all the same, but a person should look; each has a sentence like a refusal.
    before, after: fields that changed, for the preview of a list.
    """

    grant: GrantInput
    state: str = "new"
    certification_id: int | None = None
    problem: CrmError | None = None
    warnings: list[RefusedError] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def refuse(self, problem: CrmError) -> None:
        """Settle as refused."""
        self.state, self.problem = "refused", problem
