"""List and search of firms through the web: time and statements per page, growth with the table."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.databases import Place, application
from benchmarks.figures import Figure, median, milliseconds, percentile
from benchmarks.seeding import firms_seed
from tests.factories.people import Cast
from tests.statements import count_statements

ROUNDS = 30
# (case, who, address); a deep page is found by following the list's own links.
CASES = (
    ("list by deadline, city", "city", "/firms"),
    ("list by name, county", "officer", "/firms?sort=name"),
    ("list, tenth page, city", "city", "deep"),
    ("list of one rung, city", "city", "/firms?rung=2&sort=name"),
    ("search, two characters, common", "city", "/firms/find?q=轴承"),
    ("search, two characters, absent", "city", "/firms/find?q=饕餮"),
    ("search, one character", "city", "/firms/find?q=华"),
    ("search, initials", "officer", "/firms/find?q=yszc"),
    ("search, part of a code", "city", "/firms/find?q=D000012"),
)


def figures(place: Place, sizes: list[int]) -> Iterator[Figure]:
    """p50 and p95 of each case at each size; growth is the largest size's p50 over the smallest's."""
    first: dict[str, float] = {}
    for size in sizes:
        with (
            place.seeded(f"firms_{size}", firms_seed(size)) as url,
            application(place.folder, url, testing=True) as app,
        ):
            app.config["WTF_CSRF_ENABLED"] = False
            clients = {name: _signed_in(app, name) for name in ("city", "officer")}
            for case, who, address in CASES:
                samples, statements = _measure(clients[who], _address(clients[who], address))
                middle = median(samples)
                first.setdefault(case, middle)
                yield Figure(
                    place.kind,
                    "pages",
                    f"{case}, {size:,} firms",
                    milliseconds(middle),
                    p95=milliseconds(percentile(samples, 95)),
                    statements=str(statements),
                    growth=middle / first[case] if size != sizes[0] else None,
                )


def _signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": name, "password": Cast.PASSWORD})
    assert answer.status_code == 303, answer.status_code
    return client


def _address(client: FlaskClient, address: str) -> str:
    if address != "deep":
        return address
    address = "/firms"
    for _ in range(10):
        page = client.get(address).get_data(as_text=True)
        following = re.search(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', page)
        if not following:
            break
        address = (following[1] or following[2]).replace("&amp;", "&")
    return address


def _measure(client: FlaskClient, address: str) -> tuple[list[float], int]:
    with count_statements() as sent:
        assert client.get(address).status_code == 200, address
    samples = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        samples.append(time.perf_counter() - began)
    return samples, len([one for one in sent if not one.startswith(("BEGIN", "COMMIT"))])
