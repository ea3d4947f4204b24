"""Every route names its permission, docs/permissions.md prints it, and it is kept: by role and by territory.

The test finds routes by itself; a new one is tried without a line added here.
"""

from __future__ import annotations

import pytest

from crm.domain.access import MATRIX, Permission, Role
from crm.settings import ROOT
from crm.web.permission_table import permission_of_routes, text
from tests.factories.everything import make_everything, values_for

ROLE_OF = {
    "officer": Role.COUNTY_OFFICER,
    "liaison": Role.TOWNSHIP_LIAISON,
    "city": Role.CITY_OFFICER,
    "chief": Role.SECTION_CHIEF,
    "viewer": Role.VIEWER,
    "auditor": Role.AUDITOR,
    "administrator": Role.ADMINISTRATOR,
}
# Arguments that name no record of a territory.
OF_NOBODY = {"profile", "profile_name", "kind"}


def test_every_route_names_a_permission(app):
    assert [row for row in permission_of_routes(app) if row[2] == "none"] == []


def test_the_page_of_permissions_is_true(app):
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert page == text(app), "run: python -m crm.web.permission_table --write"


def _routes(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        permission = getattr(view, "crm_permission", None)
        if permission is not None:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method, Permission(permission)


def _address(app, rule, method, everything):
    return app.url_map.bind("localhost").build(rule.endpoint, values_for(rule, everything), method=method)


def test_nobody_signed_in_is_sent_to_sign_in(app, cast):
    everything = make_everything(cast)
    client = app.test_client()
    wrong = []
    for rule, method, _ in _routes(app):
        address = _address(app, rule, method, everything)
        answer = client.open(address, method=method)
        if answer.status_code != 302 or "/sign-in" not in answer.headers["Location"]:
            wrong.append((method, address, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("name", sorted(ROLE_OF))
def test_a_role_without_the_permission_is_refused(app, cast, sign_in, name):
    everything = make_everything(cast)
    client = sign_in(name)
    wrong = []
    for rule, method, permission in _routes(app):
        if permission in MATRIX[ROLE_OF[name]]:
            continue
        address = _address(app, rule, method, everything)
        answer = client.open(address, method=method)
        if answer.status_code != 403:
            wrong.append((method, address, answer.status_code))
    assert not wrong


def test_a_stranger_finds_nothing_of_another_county(app, cast, sign_in):
    """Everything with an id in its address is of 柯桥区; the officer of 诸暨市 gets 404, GET and POST."""
    everything = make_everything(cast)
    client = sign_in("stranger")
    tried, wrong = 0, []
    for rule, method, permission in _routes(app):
        if permission not in MATRIX[Role.COUNTY_OFFICER] or not rule.arguments - OF_NOBODY:
            continue
        address = _address(app, rule, method, everything)
        answer = client.open(address, method=method)
        tried += 1
        if answer.status_code != 404:
            wrong.append((method, address, answer.status_code))
    assert not wrong
    assert tried > 40


def test_the_owner_of_everything_finds_it(app, cast, sign_in):
    """The other side of the stranger's 404: the same addresses answer the officer of 柯桥区."""
    everything = make_everything(cast)
    client = sign_in("officer")
    wrong = []
    for rule, method, permission in _routes(app):
        if method != "GET" or permission not in MATRIX[Role.COUNTY_OFFICER]:
            continue
        address = _address(app, rule, method, everything)
        answer = client.get(address)
        if answer.status_code not in (200, 302, 303):
            wrong.append((address, answer.status_code))
    assert not wrong
