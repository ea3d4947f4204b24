"""Sign-in, sessions on the server, lockout."""

from __future__ import annotations

import pytest

from crm.accounts import use_cases
from crm.domain.errors import RefusedError
from tests.factories.people import Cast


@pytest.mark.both_databases
def test_a_session_ends_on_the_server_with_sign_out(app, cast, sign_in):
    client = sign_in(cast.officer)
    kept = client.get_cookie("crm")
    assert client.get("/account/password").status_code == 200
    assert client.post("/sign-out").status_code == 303
    replay = app.test_client()
    replay.set_cookie("crm", kept.value)
    assert replay.get("/account/password").status_code == 302


def test_failures_lock_the_name_and_the_lock_grows(app, cast):
    for _ in range(use_cases.FREE_FAILURES):
        with pytest.raises(RefusedError, match="sign_in_wrong"):
            use_cases.sign_in("officer", "wrong", source="10.1.1.1", user_agent="", demo_allowed=False)
    with pytest.raises(RefusedError, match="sign_in_locked"):
        use_cases.sign_in("officer", Cast.PASSWORD, source="10.1.1.1", user_agent="", demo_allowed=False)
