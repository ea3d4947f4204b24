"""Firm list and search through the whole web application, at growing numbers of firms.

Peer: the statements of an ordinary list on the same database, without page, session or rights: LIMIT with
OFFSET, an exact count, LIKE '%…%' for a search. It has no search by initials. It is compared with what
our page reads, not with the whole page.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, median, milliseconds, percentile, seconds_of
from benchmarks.invention import Invented, invented
from benchmarks.seeding import firms_seed
from crm.accounts.models import User
from crm.accounts.queries import actor_named
from crm.clock import today
from crm.database import db
from crm.domain import firm_name
from crm.domain.access import Actor
from crm.firms import listing, searching
from crm.firms.filters import Filters
from crm.firms.models import Firm
from crm.firms.queries import in_scope
from tests.factories.people import Cast
from tests.statements import count_statements

COUNTY = "330603"
# (words of the table, sign-in name)
READERS = (("city officer", "city"), ("county officer", "officer"))
_SAMPLES_MOST, _SAMPLES_LEAST, _SECONDS = 60, 15, 5.0


@dataclass(frozen=True, eq=False)
class Case:
    """One page asked for. conditions, order, offset: of the ordinary list; None where it cannot search so."""

    name: str
    address: str
    query: dict[str, str]
    conditions: tuple[Any, ...] | None = ()
    order: str = "due_order"
    offset: int = 0


@dataclass
class Seen:
    """Samples of one case at one size, in seconds."""

    page: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    statements: int = 0
    reading: float = 0.0
    peer: float | None = None


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    """p50, p95 and statements of each page at the largest size; growth is its p50 over the smallest's."""
    found: dict[str, dict[int, Seen]] = {}
    for size in sizes:
        with (
            place.seeded(f"firms_{size}", firms_seed(size)) as url,
            application(place.folder, url) as app,
        ):
            for words, name in READERS:
                client = _signed_in(app, name)
                for case in _cases(name):
                    found.setdefault(f"{words}: {case.name}", {})[size] = _measured(client, case, name)
    for case_name, seen in found.items():
        yield _figure(place, case_name, seen)


def _figure(place: Place, case: str, seen: dict[int, Seen]) -> Figure:
    sizes = sorted(seen)
    last, first = seen[sizes[-1]], seen[sizes[0]]
    ours = median(last.page)
    smaller = "".join(f"; at {size:,}: {milliseconds(median(seen[size].page))}" for size in sizes[:-1])
    return Figure(
        place.kind,
        f"pages, {sizes[-1]:,} firms",
        case,
        milliseconds(ours),
        peer=milliseconds(last.peer) if last.peer is not None else "has none",
        ratio=last.reading / last.peer if last.peer else None,
        p95=milliseconds(percentile(last.page, 95)),
        statements="-".join(str(n) for n in sorted({one.statements for one in seen.values()})),
        growth=ours / median(first.page) if len(sizes) > 1 else None,
        note=f"processor {milliseconds(median(last.processor))}, "
        f"reading {milliseconds(last.reading)}{smaller}",
    )


def _signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    with _outside():
        answer = client.post("/sign-in", data={"name": name, "password": Cast.PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = True
    if answer.status_code != 303:
        raise RuntimeError(f"sign-in as {name} was answered by {answer.status_code}")
    return client


@contextmanager
def _outside() -> Iterator[None]:
    """Requests get a context and a database session of their own, as behind a real server."""
    db.session.remove()
    outer = _cv_app.set(None)  # type: ignore[arg-type]
    try:
        yield
    finally:
        _cv_app.reset(outer)


def _cases(name: str) -> list[Case]:
    """The same for every size: they are made of the first firms, which all sizes share."""
    firm = _example()
    middle, offset = _middle(name)
    part = firm.code[9:]
    initials = firm_name.pinyin_initials(firm.sign + firm.trade)[:5]
    return [
        Case("first page", "/firms", {}),
        Case("by name", "/firms", {"sort": "name"}, order="name_order"),
        Case("half way by name", "/firms", {"sort": "name", "after": middle}, (), "name_order", offset),
        Case("rung 2", "/firms", {"rung": "2"}, (Firm.rung == 2,)),
        Case("rung 3 by name", "/firms", {"rung": "3", "sort": "name"}, (Firm.rung == 3,), "name_order"),
        Case("search 2 characters, common", "/firms", {"q": "科技"}, _like("科技")),
        Case("search 2 characters, in every name", "/firms", {"q": "公司"}, _like("公司")),
        Case("search 2 characters, rare", "/firms", {"q": firm.sign}, _like(firm.sign)),
        Case("search 1 character", "/firms", {"q": "铜"}, _like("铜")),
        Case("search initials", "/firms", {"q": initials}, None),
        Case("search part of a code", "/firms", {"q": part}, (Firm.code.like(f"%{part}%"),)),
        Case("box 2 characters, common", "/firms/find", {"q": "科技"}, _like("科技")),
        Case("box 2 characters, rare", "/firms/find", {"q": firm.sign}, _like(firm.sign)),
        Case("box 1 character", "/firms/find", {"q": "绍"}, _like("绍")),
    ]


def _example() -> Invented:
    """A firm of the county that both readers may see."""
    return next(firm for number in range(50, 1_000) if (firm := invented(number)).county == COUNTY)


def _like(text: str) -> tuple[Any, ...]:
    return (Firm.name_normal.like(f"%{text}%"),)


def _middle(name: str) -> tuple[str, int]:
    """The cursor of the row half way through the reader's list by name, and how many rows lie before."""
    mine = (in_scope(actor_named(name)), Firm.is_archived.is_(False))
    half = (db.session.scalar(sa.select(sa.func.count()).select_from(Firm).where(*mine)) or 0) // 2
    row = db.session.execute(
        sa.select(Firm.id, Firm.name_order)
        .where(*mine)
        .order_by(Firm.name_order, Firm.id)
        .offset(half)
        .limit(1)
    ).one()
    return f"{row.id}~{row.name_order}", half + 1


def _measured(client: FlaskClient, case: Case, name: str) -> Seen:
    actor = actor_named(name)
    seen = Seen(reading=_reading(actor, case), peer=_peer(actor, case))
    for _ in range(3):
        with count_statements() as sent, _outside():
            answer = client.get(case.address, query_string=case.query)
            if answer.status_code != 200 or "演示" not in answer.get_data(as_text=True):
                raise RuntimeError(f"{case.name}: answered by {answer.status_code}, or no firm on the page")
    seen.statements = len(sent)
    with _outside():
        until = time.perf_counter() + _SECONDS
        while len(seen.page) < _SAMPLES_MOST and (
            len(seen.page) < _SAMPLES_LEAST or time.perf_counter() < until
        ):
            began, busy = time.perf_counter(), time.process_time()
            client.get(case.address, query_string=case.query).get_data()
            seen.page.append(time.perf_counter() - began)
            seen.processor.append(time.process_time() - busy)
    return seen


def _reading(actor: Actor, case: Case) -> float:
    """Median time of what the page reads: rows, exact total, counts of the views, what matched."""

    def read() -> None:
        if case.address == "/firms":
            listing.firm_page(actor, Filters.read(case.query), today(), after=case.query.get("after"))
        else:
            searching.find(actor, case.query["q"], counted=False)
        db.session.rollback()

    read()
    return median([seconds_of(read) for _ in range(9)])


def _peer(actor: Actor, case: Case) -> float | None:
    """Median time of the ordinary list's two statements."""
    if case.conditions is None:
        return None
    mine = [in_scope(actor), Firm.is_archived.is_(False), *case.conditions]
    limit = listing.PAGE if case.address == "/firms" else 8
    rows = (
        sa.select(Firm.__table__, User.display_name)
        .outerjoin(User, User.id == Firm.owner_id)
        .where(*mine)
        .order_by(getattr(Firm, case.order), Firm.id)
        .limit(limit)
        .offset(case.offset)
    )
    total = sa.select(sa.func.count()).select_from(Firm).where(*mine)

    def ask() -> None:
        with db.engine.connect() as connection:
            connection.execute(rows).all()
            connection.execute(total).scalar_one()

    ask()
    return median([seconds_of(ask) for _ in range(7)])
