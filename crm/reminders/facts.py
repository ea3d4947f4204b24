"""What reminders read of deadlines: one statement that the plan, the mails and the pages share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm.certifications.models import Certification
from crm.deadlines.models import Deadline
from crm.domain.certification import schemes
from crm.firms.models import Contact, Firm
from crm.support_plans.models import PlanMeasure


@dataclass(frozen=True)
class DeadlineFacts:
    """A deadline with its firm, the people around it and what it comes from.

    contact_*: the firm's primary contact that has a mail address, None where there is none.
    """

    deadline_id: int
    kind: str
    due_on: date
    state: str
    period: str
    firm_id: int
    firm_name: str
    firm_code: str | None
    is_archived: bool
    is_demo: bool
    district_id: int
    township_id: int | None
    owner_id: int | None
    responsible_id: int | None
    contact_id: int | None
    contact_name: str | None
    contact_address: str | None
    contact_problem: str | None
    scheme: str | None
    number: str | None
    measure: str | None

    def scheme_name(self, language: str) -> str:
        """Name of the certificate's scheme; empty for a measure."""
        scheme = schemes().get(self.scheme or "")
        if scheme is None:
            return self.scheme or ""
        return scheme.en if language == "en" else scheme.zh


def facts_statement(*more: Any) -> Any:
    """A SELECT of the columns of DeadlineFacts in order, then `more`; the caller adds its conditions."""
    newest_contact = (
        sa.select(Contact.id)
        .where(
            Contact.firm_id == Firm.id, Contact.is_primary, Contact.email.is_not(None), Contact.email != ""
        )
        .order_by(Contact.email_problem.is_not(None), Contact.id)
        .limit(1)
        .correlate(Firm)
        .scalar_subquery()
    )
    of_measure = sa.and_(Deadline.source_type == "measure", PlanMeasure.id == Deadline.source_id)
    of_grant = sa.and_(Deadline.source_type == "certification", Certification.id == Deadline.source_id)
    return (
        sa.select(
            Deadline.id, Deadline.kind, Deadline.due_on, Deadline.state, Deadline.period,
            Firm.id, Firm.name, Firm.code, Firm.is_archived, Firm.is_demo, Firm.district_id, Firm.township_id,
            Firm.owner_id, PlanMeasure.responsible_id,
            Contact.id, Contact.name, Contact.email, Contact.email_problem,
            Certification.scheme, Certification.number, PlanMeasure.title, *more,
        )
        .select_from(Deadline)
        .join(Firm, Firm.id == Deadline.firm_id)
        .outerjoin(Contact, Contact.id == newest_contact)
        .outerjoin(PlanMeasure, of_measure)
        .outerjoin(Certification, of_grant)
    )  # fmt: skip


FACTS_WIDTH = 21
# What a statement of the facts is joined to.
DEADLINE_ID = Deadline.id


def facts_of(row: Any) -> DeadlineFacts:
    """The facts at the head of a row of facts_statement."""
    return DeadlineFacts(*row[:FACTS_WIDTH])
