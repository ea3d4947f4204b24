"""What can be refused, as values; the sentence in the reader's language is made at the edge."""

from __future__ import annotations


class CrmError(Exception):
    """Base of everything the product refuses on purpose; anything else is a fault."""


class RefusedError(CrmError):
    """Input that breaks a rule.

    field: name of the input at fault, or None where the whole is meant.
    reason: stable key of the sentence ("number_format").
    values: figures and words the sentence shows.
    """

    def __init__(self, field: str | None, reason: str, **values: object) -> None:
        super().__init__(reason, field, values)
        self.field = field
        self.reason = reason
        self.values = values


class NotAllowedError(CrmError):
    """The actor's role does not carry the permission; permission is its stable name."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class NotFoundError(CrmError):
    """Nothing of that key in the actor's territory; absent and foreign answer alike."""

    def __init__(self, subject: str, key: object) -> None:
        super().__init__(subject, key)
        self.subject = subject
        self.key = key


class ChangedMeanwhileError(CrmError):
    """Somebody else saved the record first.

    changed: field -> (what was shown when editing began, what is stored now).
    """

    def __init__(
        self, subject: str, key: object, changed: dict[str, tuple[object, object]] | None = None
    ) -> None:
        super().__init__(subject, key)
        self.subject = subject
        self.key = key
        self.changed = changed or {}


class NotInForceError(CrmError):
    """No version of a rule holds on that date."""

    def __init__(self, subject: str, on: object) -> None:
        super().__init__(subject, on)
        self.subject = subject
        self.on = on


class DataFileError(CrmError):
    """A rule file that breaks the strict reading; path is file and place, as a person would look it up."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
