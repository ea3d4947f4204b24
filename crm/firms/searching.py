"""Search: any part of a name, former name, code, certificate number, or pinyin initials.

Words parted by blanks must all be found. A rare word is answered from the index of endings; a common one
("公司") by walking the list in its order and testing each firm, which soon fills a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm.certifications.models import Certification
from crm.database import db
from crm.domain.access import Actor
from crm.firms import highlighting
from crm.firms.models import Firm, FirmSearchKey, FormerName
from crm.firms.queries import in_scope, within
from crm.firms.search_index import WIDTH, in_range, search_text

# From so many endings on, walking the list is the shorter way to a page.
COMMON = 20_000
_WORDS_MOST = 5


def words_of(text: str) -> tuple[str, ...]:
    """The normalised words of a query, longest first: the longest is likely the rarest."""
    found = dict.fromkeys(word for part in text.split() if (word := search_text(part)))
    return tuple(sorted(found, key=len, reverse=True)[:_WORDS_MOST])


@dataclass(frozen=True)
class Search:
    """A query made ready: the condition on Firm, and whether it is so common that a list is walked."""

    words: tuple[str, ...]
    condition: sa.ColumnElement[bool]
    is_common: bool


def prepare(text: str) -> Search | None:
    """Make a query ready by one short probe of the index; None where nothing is asked for."""
    words = words_of(text)
    if not words:
        return None
    probes = [
        sa.select(sa.func.count())
        .select_from(sa.select(sa.literal(1).label("one")).where(in_range(word)).limit(COMMON).subquery())
        .scalar_subquery()
        for word in words
    ]
    counts = db.session.execute(sa.select(*probes)).one()
    common = [count >= COMMON for count in counts]
    conditions = [_found(word, walk) for word, walk in zip(words, common, strict=True)]
    return Search(words, sa.and_(*conditions), all(common))


def _found(word: str, walk: bool) -> sa.ColumnElement[bool]:
    """Condition: the firm is found by the word."""
    keys = sa.select(FirmSearchKey.firm_id).where(in_range(word))
    if len(word) > WIDTH:
        # The index holds beginnings only; what is longer is compared whole.
        former = sa.select(FormerName.firm_id).where(FormerName.name_normal.contains(word, autoescape=True))
        whole = sa.or_(Firm.name_normal.contains(word, autoescape=True), Firm.id.in_(former))
        return sa.and_(Firm.id.in_(keys), whole)
    if walk:
        return sa.or_(
            Firm.name_normal.contains(word, autoescape=True),
            keys.where(FirmSearchKey.firm_id == Firm.id).exists(),
        )
    return Firm.id.in_(keys)


@dataclass(frozen=True)
class Hit:
    """What matched in a firm: kind (name, former, initials, code, certificate) and its text in pieces."""

    kind: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class FoundFirm:
    """One line of the search box."""

    id: int
    name: str
    code: str | None
    district_id: int
    township_id: int | None
    rung: int
    is_archived: bool
    hit: Hit


@dataclass(frozen=True)
class SearchResult:
    """total: all firms found in the territory; firms: the first of them."""

    total: int
    firms: tuple[FoundFirm, ...]


def find(actor: Actor, text: str, *, limit: int = 8, territory_id: int | None = None) -> SearchResult:
    """Firms found by a text, names that begin with it first; archived ones are found too, last."""
    search = prepare(text)
    if search is None:
        return SearchResult(0, ())
    conditions = [in_scope(actor), search.condition]
    if territory_id is not None:
        conditions.append(within(territory_id))
    order: list[sa.ColumnElement[object]] = [Firm.is_archived, Firm.name_order, Firm.id]  # type: ignore[list-item]
    if not search.is_common:
        order.insert(1, _closeness(search.words[0]))
    statement = sa.select(
        Firm.id, Firm.name, Firm.code, Firm.district_id, Firm.township_id, Firm.rung, Firm.is_archived
    )
    rows = db.session.execute(statement.where(*conditions).order_by(*order).limit(limit)).all()
    total = len(rows) if len(rows) < limit else count(conditions)
    hits = hits_of({row.id: (row.name, row.code) for row in rows}, search.words)
    return SearchResult(total, tuple(FoundFirm(*row, hits[row.id]) for row in rows))


def count(conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    """Exact number of firms under the conditions."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Firm).where(*conditions)) or 0


def _closeness(word: str) -> sa.ColumnElement[int]:
    """0 the very name or code, 1 a name that begins so, 2 a part of the name, 3 anything else."""
    return sa.case(
        (sa.or_(Firm.name_normal == word, Firm.code == word.upper()), 0),
        (Firm.name_normal.startswith(word, autoescape=True), 1),
        (Firm.name_normal.contains(word, autoescape=True), 2),
        else_=3,
    )


def hits_of(firms: dict[int, tuple[str, str | None]], words: Iterable[str]) -> dict[int, Hit]:
    """What matched in each firm of a page (id -> name, code), by two statements however long the page."""
    words = tuple(words)
    ids = list(firms)
    if not ids or not words:
        return {}
    former: dict[int, list[str]] = {}
    for firm_id, name in db.session.execute(
        sa.select(FormerName.firm_id, FormerName.name).where(FormerName.firm_id.in_(ids)).order_by(FormerName.id)
    ):
        former.setdefault(firm_id, []).append(name)
    numbers: dict[int, list[str]] = {}
    for firm_id, number in db.session.execute(
        sa.select(Certification.firm_id, Certification.number)
        .where(Certification.firm_id.in_(ids), Certification.number.is_not(None))
        .order_by(Certification.id)
    ):
        numbers.setdefault(firm_id, []).append(number or "")
    return {
        firm_id: _hit(name, code, former.get(firm_id, []), numbers.get(firm_id, []), words)
        for firm_id, (name, code) in firms.items()
    }


def _hit(name: str, code: str | None, former: list[str], numbers: list[str], words: tuple[str, ...]) -> Hit:
    """The best place to show: the one where most words stand, the name before others."""
    texts = [("name", name), *[("code", code)] * bool(code)]
    texts += [("certificate", number) for number in numbers] + [("former", old) for old in former]
    best, most = Hit("name", ((name, False),)), 0
    for kind, text in texts:
        spans = [highlighting.hit_span(text or "", word) for word in words]
        found = sum(span is not None for span in spans)
        if found > most:
            best, most = Hit(kind, highlighting.parts(text or "", spans)), found
    if not most:
        spans = [highlighting.initials_span(name, word) for word in words]
        best = Hit("initials", highlighting.parts(name, spans))
    return best
