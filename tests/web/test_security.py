"""Headers, content security policy, safe next, CSRF."""

from __future__ import annotations

import re

import pytest

from crm.web.signed_in import safe_next


def test_scripts_run_by_nonce_only_and_none_stands_inline(app):
    answer = app.test_client().get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)[1]
    page = answer.get_data(as_text=True)
    assert "unsafe" not in policy
    scripts = re.findall(r"<script[^>]*>", page)
    assert scripts and all(f'nonce="{nonce}"' in tag and "src=" in tag for tag in scripts)
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", page)


def test_every_answer_carries_the_headers(app):
    client = app.test_client()
    for path in ("/sign-in", "/nowhere", "/healthz"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/x",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\r\nb",
        "",
    ],
)
def test_next_never_leaves_this_server(app, target):
    with app.test_request_context("/sign-in"):
        assert safe_next(target) is None


def test_next_keeps_a_page_of_ours(app):
    with app.test_request_context("/sign-in"):
        assert safe_next("/firms?district=330603&q=%E4%B8%80") == "/firms?district=330603&q=%E4%B8%80"


def test_a_form_without_its_token_changes_nothing(app, cast, sign_in):
    client = sign_in(cast.officer)
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200


def test_no_template_holds_an_inline_handler_or_style(app):
    root = app.config["CRM_ROOT"] / "templates"
    for path in root.rglob("*.html"):
        if path.is_relative_to(root / "mail"):
            continue  # a mail has no policy of ours and needs its styles beside the text
        text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(
            r"\son(click|load|change|submit|input)=|\sstyle=|hx-on|<script(?![^>]*nonce)", text
        ), path
