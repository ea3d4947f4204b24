"""Many firms at once, by the columns, search keys and counts that the features themselves make."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.databases import application, migrate, settle
from benchmarks.invention import Invented, invented
from crm.accounts.models import User
from crm.accounts.queries import system_actor
from crm.certifications.models import Certification
from crm.clock import today, utc_now
from crm.database import db, insert_in_chunks, transaction
from crm.demo.words import TOWNSHIPS
from crm.firms import search_index, tallies
from crm.firms.derivation import code_columns, name_columns
from crm.firms.models import NO_DEADLINE, Firm, FirmSearchKey
from crm.territories.queries import forget_tree, tree
from crm.territories.use_cases import ensure_township

_CHUNK = 5_000
_OWNERS_A_COUNTY = 5
# Of a hundred firms so many stand on no rung, on the first, second, third.
_RUNGS = (60, 28, 11, 1)
_SCHEMES = ("", "tech_sme_zhejiang", "hnte", "leading_zhejiang")


def firms_seed(count: int) -> Callable[[Path, str], None]:
    """A seed of so many firms with rungs, certificates, next deadlines, owners, search keys, counts."""
    return lambda folder, url: _seed(folder, url, count, _Ladder(), searchable=True)


def holders_seed(count: int) -> Callable[[Path, str], None]:
    """A seed of so many firms, each with a certificate in force; without search keys."""
    return lambda folder, url: _seed(folder, url, count, _Holders(), searchable=False)


class _Ladder:
    """Rung, deadline and certificate of a firm of the common mixture."""

    def __call__(self, firm: Invented, day: date) -> tuple[int, date, dict[str, Any] | None]:
        rng = random.Random(f"rung {firm.number}")
        rung = 0 if firm.is_branch else rng.choices(range(4), _RUNGS)[0]
        if rung == 0:
            return 0, NO_DEADLINE, None
        due = NO_DEADLINE if rng.random() < 0.1 else day + timedelta(days=rng.randrange(-60, 1_000))
        return rung, due, _grant(firm, _SCHEMES[rung], day - timedelta(days=rng.randrange(40, 900)))


class _Holders:
    """Every firm holds a high-tech certificate."""

    def __call__(self, firm: Invented, day: date) -> tuple[int, date, dict[str, Any] | None]:
        granted = day - timedelta(days=40 + firm.number % 900)
        return 2, NO_DEADLINE, _grant(firm, "hnte", granted)


def _grant(firm: Invented, scheme: str, granted_on: date) -> dict[str, Any]:
    number = f"GR20{23 + firm.number % 3}33{firm.number // 3:06d}"
    return {
        "firm_id": firm.number,
        "scheme": scheme,
        "number": number,
        "number_normal": number,
        "granted_on": granted_on,
        "valid_from": granted_on,
        "valid_to": None if scheme == "tech_sme_zhejiang" else granted_on + timedelta(days=1_095),
        "cohort": f"{granted_on.year}年第1批",
        "created_at": utc_now(),
        "version": 1,
    }


def _seed(folder: Path, url: str, count: int, ladder: Any, *, searchable: bool) -> None:
    with application(folder, url):
        migrate()
        places = _places()
        owners = _owners()
        indexes = _without_indexes() if searchable else []
        numbers = iter(range(1, count + 1))
        while chunk := list(islice(numbers, _CHUNK)):
            firms = [invented(number) for number in chunk]
            with transaction():
                _write(firms, ladder, places, owners, searchable=searchable)
        with transaction():
            for index in indexes:
                index.create(db.session.connection())
            # the difference between no counts and a full count is the counts
            tallies.mend()
            _after_given_ids("firms")
    settle(url)


def _write(
    firms: Iterable[Invented],
    ladder: Any,
    places: dict[tuple[str, str | None], tuple[int, int | None]],
    owners: dict[str, list[int]],
    *,
    searchable: bool,
) -> None:
    now, day = utc_now(), today()
    rows: list[dict[str, Any]] = []
    grants: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    for firm in firms:
        rng = random.Random(f"owner {firm.number}")
        rung, due, grant = ladder(firm, day)
        district_id, township_id = places[firm.county, firm.township]
        rows.append(
            {
                "id": firm.number,
                **name_columns(firm.name),
                **code_columns(firm.code),
                "district_id": district_id,
                "township_id": township_id,
                "registered_on": firm.registered_on,
                "is_branch": firm.is_branch,
                "industry": firm.industry,
                "hnte_field": firm.hnte_field or "新材料",
                "owner_id": rng.choice(owners[firm.county]) if rng.random() < 0.9 else None,
                "is_archived": False,
                "is_demo": False,
                "rung": rung,
                "due_order": due,
                "next_due_kind": None if due == NO_DEADLINE else "certificate_expiry",
                "created_at": now - timedelta(minutes=firm.number),
                "updated_at": now,
                "version": 1,
            }
        )
        if grant:
            grants.append(grant)
        if searchable:
            keys += search_index.keys_of_firm(firm.number, firm.name, firm.code)
            if grant:
                keys += search_index.keys_for(firm.number, "certificate", grant["number"], firm.number)
    insert_in_chunks(_table(Firm), rows)
    insert_in_chunks(_table(Certification), grants)
    _load_keys(keys)


def _load_keys(keys: list[dict[str, Any]]) -> None:
    """Millions of rows: COPY on PostgreSQL, the driver's own executemany on SQLite."""
    if not keys:
        return
    columns = ("suffix", "firm_id", "kind", "source_id")
    values: Iterator[tuple[Any, ...]] = (tuple(key[c] for c in columns) for key in keys)
    name = FirmSearchKey.__tablename__
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    if db.engine.dialect.name == "sqlite":
        raw.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES (?, ?, ?, ?)", values)
        return
    with raw.cursor().copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
        for value in values:
            copy.write_row(value)


def _without_indexes() -> list[sa.Index]:
    """Drop the indexes of the search keys; to be made again in one go when the rows are there."""
    found = sorted(_table(FirmSearchKey).indexes, key=lambda index: str(index.name))
    with transaction():
        for index in found:
            index.drop(db.session.connection())
    return found


def _places() -> dict[tuple[str, str | None], tuple[int, int | None]]:
    """(county, township) -> ids; the townships are made."""
    actor = system_actor("benchmarks")
    found: dict[tuple[str, str | None], tuple[int, int | None]] = {}
    with transaction():
        for code, names in TOWNSHIPS.items():
            county = tree().by_code(code)
            assert county is not None
            found[code, None] = (county.id, None)
            for name in names:
                found[code, name] = (county.id, ensure_township(actor, county.id, name).id)
    forget_tree()
    return found


def _owners() -> dict[str, list[int]]:
    """County -> ids of its officers; those of the cast are among them."""
    now = utc_now()
    found: dict[str, list[int]] = {}
    with transaction():
        for code in TOWNSHIPS:
            county = tree().by_code(code)
            assert county is not None
            for place in range(_OWNERS_A_COUNTY):
                name = f"keeper-{code}-{place}"
                db.session.add(
                    User(
                        name=name,
                        display_name=name,
                        role="county_officer",
                        territory_id=county.id,
                        password_hash="!",
                        password_changed_at=now,
                        created_at=now,
                    )
                )
            db.session.flush()
            officers = sa.select(User.id).where(User.territory_id == county.id, User.role == "county_officer")
            found[code] = list(db.session.scalars(officers.order_by(User.id)))
    return found


def _after_given_ids(table: str) -> None:
    """Let the next id of a table follow the ones that were given."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )


def _table(model: Any) -> sa.Table:
    found: sa.Table = model.__table__
    return found
