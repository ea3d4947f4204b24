"""Who may do what: the seven roles and the permissions each carries.

Where is decided by territory (a subtree); this module decides what. docs/permissions.md prints the
same matrix for people, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.domain.errors import NotAllowedError


class Role(StrEnum):
    """Roles of the product page, section 3; the value is stored and used on the command line."""

    ADMINISTRATOR = "administrator"
    CITY_OFFICER = "city_officer"
    COUNTY_OFFICER = "county_officer"
    TOWNSHIP_LIAISON = "township_liaison"
    SECTION_CHIEF = "section_chief"
    VIEWER = "viewer"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One thing a role may do; every route names exactly one."""

    OWN_ACCOUNT = "own_account"
    DESK_READ = "desk_read"
    FIRM_READ = "firm_read"
    FIRM_WRITE = "firm_write"
    FIRM_ASSIGN = "firm_assign"
    FIRM_IMPORT = "firm_import"
    CONTACT_REVEAL = "contact_reveal"
    CERTIFICATION_WRITE = "certification_write"
    DEADLINE_READ = "deadline_read"
    DEADLINE_SETTLE = "deadline_settle"
    REMINDER_READ = "reminder_read"
    REMINDER_SETTLE = "reminder_settle"
    REMINDER_POLICY = "reminder_policy"
    PLAN_READ = "plan_read"
    PLAN_WRITE = "plan_write"
    PLAN_APPROVE = "plan_approve"
    ACTIVITY_READ = "activity_read"
    ACTIVITY_WRITE = "activity_write"
    EXPORT_READ = "export_read"
    EXPORT_WRITE = "export_write"
    AUDIT_READ = "audit_read"
    USER_ADMIN = "user_admin"
    SYSTEM_ADMIN = "system_admin"


_READ = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.DESK_READ,
        Permission.FIRM_READ,
        Permission.DEADLINE_READ,
        Permission.PLAN_READ,
        Permission.ACTIVITY_READ,
    }
)
_LIAISON = _READ | {
    Permission.CONTACT_REVEAL,
    Permission.ACTIVITY_WRITE,
    Permission.DEADLINE_SETTLE,
    Permission.REMINDER_READ,
}
_OFFICER = _LIAISON | {
    Permission.FIRM_WRITE,
    Permission.FIRM_ASSIGN,
    Permission.FIRM_IMPORT,
    Permission.CERTIFICATION_WRITE,
    Permission.REMINDER_SETTLE,
    Permission.PLAN_WRITE,
    Permission.EXPORT_READ,
    Permission.EXPORT_WRITE,
}

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.TOWNSHIP_LIAISON: _LIAISON,
    Role.COUNTY_OFFICER: _OFFICER,
    Role.CITY_OFFICER: _OFFICER,
    Role.SECTION_CHIEF: _OFFICER
    | {Permission.PLAN_APPROVE, Permission.REMINDER_POLICY, Permission.AUDIT_READ},
    Role.VIEWER: _READ | {Permission.REMINDER_READ, Permission.EXPORT_READ},
    Role.AUDITOR: _READ | {Permission.REMINDER_READ, Permission.EXPORT_READ, Permission.AUDIT_READ},
    # The administrator keeps the machine and the people, not the firms' papers: reads, does not write them.
    Role.ADMINISTRATOR: _READ
    | {
        Permission.REMINDER_READ,
        Permission.REMINDER_SETTLE,
        Permission.REMINDER_POLICY,
        Permission.FIRM_IMPORT,
        Permission.EXPORT_READ,
        Permission.AUDIT_READ,
        Permission.USER_ADMIN,
        Permission.SYSTEM_ADMIN,
    },
}


@dataclass(frozen=True)
class Actor:
    """Who acts, from where, and over which part of the territory tree.

    territory_path: ids from the root, "/1/7/"; the actor's reach is every territory whose path starts so.
    via: "web", "cli" or "task"; source: network address or command name, kept in the audit entry.
    everything: the system itself (tasks, the command line without --as): passes every check.
    """

    user_id: int | None
    name: str
    role: Role
    territory_id: int
    territory_path: str
    via: str = "web"
    source: str = ""
    everything: bool = False


def may(actor: Actor, permission: Permission) -> bool:
    """True where the actor's role carries the permission (the territory is checked with the record)."""
    return actor.everything or permission in MATRIX[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowedError unless the actor may."""
    if not may(actor, permission):
        raise NotAllowedError(permission.value)
