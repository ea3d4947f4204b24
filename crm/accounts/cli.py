"""flask users …: people from the command line, and the demo sign-ins the run command prints."""

from __future__ import annotations

import sys

import click
from flask import current_app

from crm.accounts import queries, use_cases
from crm.accounts.demo_people import DEMO_PASSWORD, demo_sign_ins
from crm.web.commands import CrmGroup, emit, json_option

users = CrmGroup("users", help="人员")
COMMANDS = [users]


@users.command("create")
@click.argument("name")
@click.option("--role", required=True)
@click.option("--territory", required=True, metavar="CODE")
@click.option("--email", required=True, metavar="MAIL")
@click.option("--display-name", default=None)
@json_option
def create(name: str, role: str, territory: str, email: str, display_name: str | None, as_json: bool) -> None:
    """Create a person; the password is one line on standard input."""
    password = (
        click.prompt("Password", hide_input=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    user = use_cases.create_user(
        queries.system_actor("flask users create", via="cli"),
        name=name,
        role=role,
        territory_code=territory,
        email=email,
        password=password,
        display_name=display_name,
        policy=current_app.config["CRM"].password_policy,
    )
    document = {"id": user.id, "name": user.name, "role": user.role, "territory": user.territory.code}
    emit(document, as_json, f"{user.name} {user.role} {user.territory.code} {user.territory.name}")


@users.command("demo-sign-ins")
@json_option
def sign_ins(as_json: bool) -> None:
    """The demo sign-in of each role, while demo data is loaded."""
    people = [vars(person) | {"password": DEMO_PASSWORD} for person in demo_sign_ins()]
    lines = [f"{p['name']:<12} {p['password']:<14} {p['role']:<18} {p['territory']}" for p in people]
    emit(people, as_json, "\n".join(lines))
