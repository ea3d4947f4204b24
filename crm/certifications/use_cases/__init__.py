"""What is done to certifications: recorded, renewed, corrected, revoked; rungs kept for lists."""

from crm.certifications.grant_input import GrantInput, GrantOutcome
from crm.certifications.use_cases.change import correct, restore, revoke
from crm.certifications.use_cases.record import record_certification, record_many, renew
from crm.certifications.use_cases.rungs import follow_up, refresh_rungs

__all__ = [
    "GrantInput",
    "GrantOutcome",
    "correct",
    "follow_up",
    "record_certification",
    "record_many",
    "refresh_rungs",
    "renew",
    "restore",
    "revoke",
]
