"""Reads of certifications: the certificates themselves, and the ladder they make."""

from crm.certifications.queries.certificates import (
    CertificateRow,
    as_grant,
    branches_among,
    certificate_for,
    certificates,
    count_of,
    firms_of_numbers,
    firms_to_look_at,
    grants_of,
    rung_of,
)
from crm.certifications.queries.timeline import Timeline, timeline

__all__ = [
    "CertificateRow",
    "Timeline",
    "as_grant",
    "branches_among",
    "certificate_for",
    "certificates",
    "count_of",
    "firms_of_numbers",
    "firms_to_look_at",
    "grants_of",
    "rung_of",
    "timeline",
]
