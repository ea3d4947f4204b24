"""The person a list makes owner of a firm; never the one who imports."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from crm.accounts.queries import possible_owners
from crm.domain.access import Actor
from crm.domain.errors import RefusedError
from crm.firms.use_cases.checking import may_own
from crm.imports.use_cases import RowResult

if TYPE_CHECKING:
    from crm.accounts.models import User


class Owners:
    """People of the actor's territory by sign-in name, or by their own name where only one bears it."""

    def __init__(self, actor: Actor) -> None:
        self._by_name: dict[str, User] = {}
        shown: dict[str, list[User]] = defaultdict(list)
        self._by_id: dict[int, User] = {}
        for user in possible_owners(actor):
            self._by_name[user.name.casefold()] = user
            self._by_id[user.id] = user
            shown[user.display_name].append(user)
        self._by_display_name = {name: users[0] for name, users in shown.items() if len(users) == 1}

    def owner_of(self, result: RowResult, text: str, place_id: int) -> User | None:
        """The person named, or None with a warning where there is none or the firm lies elsewhere."""
        if not text:
            return None
        user = self._by_name.get(text.casefold()) or self._by_display_name.get(text)
        if user is None:
            result.warn(RefusedError("owner", "owner_not_known", text=text))
        elif not may_own(user, place_id):
            result.warn(RefusedError("owner", "owner_elsewhere", name=user.display_name))
            user = None
        return user

    def shown(self, user_id: int | None) -> str:
        """Name of an owner for the preview; somebody of another territory stays unnamed."""
        user = self._by_id.get(user_id or 0)
        return user.display_name if user else ("…" if user_id else "")
