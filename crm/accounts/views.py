"""Sign-in, own account, people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user

from crm.accounts import queries, use_cases
from crm.accounts.demo_people import DEMO_PASSWORD, demo_sign_ins
from crm.accounts.forms import PasswordForm, PersonForm, ResetForm, SignInForm
from crm.domain.access import Permission, Role
from crm.domain.errors import CrmError, RefusedError
from crm.territories.queries import tree
from crm.web.front_page import ROLE_WORDS
from crm.web.sentences import sentence
from crm.web.signed_in import (
    begin_session,
    client_address,
    current_actor,
    end_session,
    go_to,
    is_loopback,
    needs,
    public,
    safe_next,
)

blueprint = Blueprint("accounts", __name__)


def _demo_allowed() -> bool:
    return current_app.config["CRM"].embedded and is_loopback()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The sign-in page; shows the demo accounts while demo data is loaded, on this machine only."""
    target = safe_next(request.values.get("next"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(target or "/")
    form = SignInForm()
    status = 200
    if form.validate_on_submit():
        try:
            user, token = use_cases.sign_in(
                form.name.data,
                form.password.data,
                source=client_address(),
                user_agent=str(request.user_agent),
                demo_allowed=_demo_allowed(),
            )
        except RefusedError as error:
            form.form_errors.append(sentence(error))
            status = 422
        else:
            begin_session(user, queries.actor_of(user, source=client_address()), token)
            return redirect(target or "/", code=303)
    form.next.data = target
    demo = demo_sign_ins() if _demo_allowed() else []
    return render_template("accounts/sign_in.html", form=form, demo=demo, demo_password=DEMO_PASSWORD), status


@blueprint.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> Any:
    """End the session here and on the server."""
    use_cases.sign_out(current_actor(), current_user.token)
    end_session()
    return go_to("accounts.sign_in")


@blueprint.post("/language")
@public
def language() -> Any:
    """Language of the sign-in page, before anybody is known."""
    session["language"] = "en" if request.form.get("language") == "en" else "zh"
    return redirect(safe_next(request.form.get("next")) or url_for("accounts.sign_in"), code=303)


@blueprint.get("/account")
@needs(Permission.OWN_ACCOUNT)
def account() -> Any:
    """Own data, language, theme, sessions."""
    return render_template("accounts/account.html", sessions=queries.open_sessions(current_actor()))


@blueprint.get("/more")
@needs(Permission.OWN_ACCOUNT)
def more() -> Any:
    """The rest of the menu on a phone."""
    return render_template("accounts/more.html")


@blueprint.post("/account/preferences")
@needs(Permission.OWN_ACCOUNT)
def preferences() -> Any:
    """Language and theme."""
    use_cases.set_preference(
        current_actor(), language=request.form.get("language"), theme=request.form.get("theme")
    )
    return redirect(safe_next(request.form.get("next")) or "/", code=303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def password() -> Any:
    """Change the own password; every session ends, the person signs in anew."""
    form = PasswordForm()
    if form.validate_on_submit():
        if form.password.data != form.again.data:
            form.again.errors = [sentence(RefusedError("again", "password_differs"))]
        else:
            try:
                use_cases.change_own_password(
                    current_actor(),
                    form.old_password.data,
                    form.password.data,
                    policy=current_app.config["CRM"].password_policy,
                )
            except RefusedError as error:
                form[error.field or "password"].errors = [sentence(error)]
            else:
                end_session()
                flash(gettext("密码已修改，请用新密码登录。"), "ok")
                return go_to("accounts.sign_in")
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@blueprint.get("/people")
@needs(Permission.USER_ADMIN)
def people() -> Any:
    """People of the administrator's territory."""
    users = queries.people_in_scope(current_actor(), only_active=False)
    return render_template("accounts/people.html", users=users, tree=tree())


@blueprint.route("/people/new", methods=["GET", "POST"])
@needs(Permission.USER_ADMIN)
def person_new() -> Any:
    """A new person."""
    form = _person_form()
    if form.validate_on_submit():
        try:
            user = use_cases.create_user(
                current_actor(),
                name=form.name.data or "",
                display_name=form.display_name.data,
                role=form.role.data,
                territory_code=form.territory.data,
                email=form.email.data,
                password=form.password.data or "",
                policy=current_app.config["CRM"].password_policy,
                must_change=True,
            )
        except RefusedError as error:
            form[error.field or "name"].errors = [sentence(error)]
        else:
            flash(gettext("已新增 %(name)s。首次登录须改密码。", name=user.display_name), "ok")
            return go_to("accounts.people")
    return render_template("accounts/person.html", form=form, user=None), 422 if form.errors else 200


@blueprint.route("/people/<int:user_id>", methods=["GET", "POST"])
@needs(Permission.USER_ADMIN)
def person(user_id: int) -> Any:
    """Change a person."""
    user = use_cases.managed_user(current_actor(), user_id)
    form = _person_form(user)
    if form.validate_on_submit():
        try:
            use_cases.change_user(
                current_actor(),
                user_id,
                version=int(form.version.data) if (form.version.data or "").isdecimal() else 0,
                display_name=form.display_name.data,
                role=form.role.data,
                territory_code=form.territory.data,
                email=form.email.data,
                is_active=form.is_active.data,
            )
        except CrmError as error:
            name = getattr(error, "field", None) or "display_name"
            form[name].errors = [sentence(error)]
        else:
            flash(gettext("已保存 %(name)s。", name=form.display_name.data), "ok")
            return go_to("accounts.people")
    return render_template(
        "accounts/person.html", form=form, user=user, reset=ResetForm()
    ), 422 if form.errors else 200


@blueprint.post("/people/<int:user_id>/password")
@needs(Permission.USER_ADMIN)
def person_password(user_id: int) -> Any:
    """Set a first password for somebody who lost theirs."""
    form = ResetForm()
    try:
        use_cases.reset_password(
            current_actor(),
            user_id,
            form.password.data or "",
            policy=current_app.config["CRM"].password_policy,
        )
        flash(gettext("已重置密码，请当面告知本人，首次登录须改。"), "ok")
    except RefusedError as error:
        flash(sentence(error), "late")
    return go_to("accounts.person", user_id=user_id)


def _person_form(user: Any = None) -> PersonForm:
    form = PersonForm(obj=user)
    form.role.choices = [(str(role), ROLE_WORDS[role]) for role in Role]
    nodes = [tree().by_id[i] for i in tree().subtree_ids(current_actor().territory_id)]
    form.territory.choices = [
        (node.code, f"{node.name} {node.code}")
        for node in sorted(nodes, key=lambda n: n.code)
        if not node.is_retired
    ]
    if user is not None and request.method == "GET":
        form.territory.data = user.territory.code
        form.version.data = str(user.version)
    return form
