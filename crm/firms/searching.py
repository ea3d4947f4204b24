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

# From so many endings on, walking the list is the shorter way to a page, or to the few lines of a box;
# never in the order of names, where all that begin alike stand together, perhaps at the far end.
COMMON_FOR_LIST = 20_000
COMMON_FOR_BOX = 10_000
# Up to here a box counts while somebody types.
COUNTED_IN_BOX = 2_000
_WORDS_MOST = 5


def words_of(text: str) -> tuple[str, ...]:
    """The normalised words of a query, each once."""
    found = dict.fromkeys(word for part in text.split() if (word := search_text(part)))
    return tuple(found)[:_WORDS_MOST]


@dataclass(frozen=True)
class Search:
    """A query made ready as conditions on Firm.

    walking: a test of each firm on a walk in some order; indexed: the set the index gives, for sorting and
    counting. hits: endings of the rarest word, counted up to the limit of the probe.
    """

    words: tuple[str, ...]
    walking: sa.ColumnElement[bool]
    indexed: sa.ColumnElement[bool]
    hits: int


def prepare(text: str) -> Search | None:
    """Make a query ready by one short probe of the index; None where nothing is asked for.

    The rarest word is taken from the index and the others are tested on what it finds, since neither
    database can tell by itself which of two words is the rare one.
    """
    words = words_of(text)
    if not words:
        return None
    probes = [
        sa.select(sa.func.count())
        .select_from(
            sa.select(sa.literal(1).label("one")).where(in_range(word)).limit(COMMON_FOR_LIST).subquery()
        )
        .scalar_subquery()
        for word in words
    ]
    counts = db.session.execute(sa.select(*probes)).one()
    rarest, *others = sorted(words, key=lambda word: (counts[words.index(word)], -len(word)))
    tested = [_tested(word) for word in others]
    return Search(words, sa.and_(_tested(rarest), *tested), sa.and_(_indexed(rarest), *tested), min(counts))


def _indexed(word: str) -> sa.ColumnElement[bool]:
    """Condition: the firm is among those the index has for the word."""
    found = Firm.id.in_(sa.select(FirmSearchKey.firm_id).where(in_range(word)))
    if len(word) <= WIDTH:
        return found
    # The index holds beginnings only; what is longer is compared whole.
    former = sa.exists().where(
        FormerName.firm_id == Firm.id, FormerName.name_normal.contains(word, autoescape=True)
    )
    return sa.and_(found, sa.or_(Firm.name_normal.contains(word, autoescape=True), former))


def _tested(word: str) -> sa.ColumnElement[bool]:
    """The same condition as a test of one firm: its name first, which answers for most."""
    if len(word) > WIDTH:
        return _indexed(word)
    key = sa.exists().where(FirmSearchKey.firm_id == Firm.id, in_range(word))
    return sa.or_(Firm.name_normal.contains(word, autoescape=True), key)


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
    """total: all firms found in the territory (None: many, not counted); firms: the first of them."""

    total: int | None
    firms: tuple[FoundFirm, ...]


def find(
    actor: Actor, text: str, *, limit: int = 8, territory_id: int | None = None, counted: bool = True
) -> SearchResult:
    """Firms found by a text, names that begin with it first; archived ones come last.

    counted: give the total of a common word too, which while somebody types takes longer than it is worth.
    """
    search = prepare(text)
    if search is None:
        return SearchResult(0, ())
    scope = [in_scope(actor), *([within(territory_id)] if territory_id is not None else [])]
    statement = sa.select(
        Firm.id, Firm.name, Firm.code, Firm.district_id, Firm.township_id, Firm.rung, Firm.is_archived
    )
    if search.hits < COMMON_FOR_BOX:
        statement = statement.where(search.indexed).order_by(
            Firm.is_archived, _closeness(search.words[0]), Firm.name_order, Firm.id
        )
    else:
        # Too many to put the closest first: those with the nearest deadline, by the index of that order.
        statement = statement.where(search.walking).order_by(Firm.is_archived, Firm.due_order, Firm.id)
    rows = db.session.execute(statement.where(*scope).limit(limit)).all()
    total: int | None = len(rows)
    if len(rows) == limit:
        is_counted = counted or search.hits < COUNTED_IN_BOX
        total = count([*scope, search.indexed]) if is_counted else None
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
        sa.select(FormerName.firm_id, FormerName.name)
        .where(FormerName.firm_id.in_(ids))
        .order_by(FormerName.id)
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
