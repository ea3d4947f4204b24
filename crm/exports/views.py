"""Submissions: profiles, check, write, download, compare."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Blueprint, Response, flash, render_template, request
from flask_babel import gettext

from crm.clock import today
from crm.domain.access import Permission
from crm.domain.errors import NotAllowedError, RefusedError
from crm.domain.export_profiles import ordered, profiles
from crm.exports import queries, use_cases
from crm.exports.comparison import compare, read_back
from crm.exports.forms import WriteForm
from crm.exports.labels import ENCODING_WORDS, REASON_WORDS, problem_words
from crm.territories.queries import tree
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("exports", __name__)
SHOWN_ROWS = 20
SHOWN_PROBLEMS = 200
View = TypeVar("View", bound=Callable[..., Any])


def _refusals_kept(view: View) -> View:
    """Decorate a view, outside its permission: who tries without the right leaves an audit entry."""

    @functools.wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except NotAllowedError as error:
            use_cases.note_refused(current_actor(), error.permission, f"{request.method} {request.path}")
            raise

    return kept  # type: ignore[return-value]


@blueprint.get("/exports")
@_refusals_kept
@needs(Permission.EXPORT_READ)
def index() -> Any:
    """Profiles, and what was handed in before."""
    page = queries.submission_page(
        current_actor(),
        profile=request.args.get("profile"),
        before=request.args.get("before", type=int),
        after=request.args.get("after", type=int),
    )
    known = profiles()
    return render_template(
        "exports/index.html", profiles=known, page=page, tree=tree(), chosen=request.args.get("profile")
    )


@blueprint.get("/exports/profiles/<profile_name>")
@_refusals_kept
@needs(Permission.EXPORT_READ)
def profile(profile_name: str) -> Any:
    """Check a profile on a day: every problem with the place that mends it, and the first rows."""
    return _profile_page(profile_name, WriteForm())


@blueprint.post("/exports/profiles/<profile_name>")
@_refusals_kept
@needs(Permission.EXPORT_WRITE)
def write(profile_name: str) -> Any:
    """Make the file and freeze it."""
    form = WriteForm()
    if not form.validate_on_submit():
        return _profile_page(profile_name, form), 422
    seen = form.problems_seen.data
    try:
        written = use_cases.write(
            current_actor(),
            profile_name,
            _day(),
            territory=request.args.get("territory") or None,
            purpose=form.purpose.data,
            problems_seen=int(seen) if seen and seen.isdigit() else 0,
        )
    except RefusedError as error:
        form[error.field if error.field in form else "purpose"].errors = [sentence(error)]
        return _profile_page(profile_name, form), 422
    flash(gettext("已生成并留底：%(rows)s 行。", rows=written.submission.row_count), "ok")
    return go_to("exports.show", submission_id=written.submission.id)


def _day() -> date:
    try:
        return date.fromisoformat(request.args.get("on") or today().isoformat())
    except ValueError as error:
        raise RefusedError("on", "date_unreadable", text=request.args.get("on")) from error


def _profile_page(profile_name: str, form: WriteForm) -> str:
    actor = current_actor()
    result = use_cases.check(actor, profile_name, _day(), request.args.get("territory") or None)
    kind = request.args.get("kind")
    shown = [p for p in result.problems if not kind or p.group == kind]
    places = [
        node for i in tree().districts_of(actor.territory_id) if not (node := tree().by_id[i]).is_retired
    ]
    return render_template(
        "exports/profile.html",
        profile=result.profile,
        result=result,
        problems=shown[:SHOWN_PROBLEMS],
        problem_total=len(shown),
        rows=ordered(result.profile, result.rows)[:SHOWN_ROWS],
        kind=kind,
        form=form,
        places=sorted(places, key=lambda node: node.code),
        place=tree().by_id[result.territory_id],
        encoding_words=ENCODING_WORDS,
    )


@blueprint.get("/exports/<int:submission_id>")
@_refusals_kept
@needs(Permission.EXPORT_READ)
def show(submission_id: int) -> Any:
    """One frozen submission."""
    actor = current_actor()
    submission = queries.submission_for(actor, submission_id)
    choices = queries.comparable_with(actor, submission)
    return render_template(
        "exports/show.html",
        reason_words=REASON_WORDS,
        problem_words=problem_words,
        submission=submission,
        made_by=queries.made_by(submission),
        profile=profiles().get(submission.profile),
        place=tree().by_id[submission.territory_id],
        choices=choices,
        earlier=queries.earlier_of(choices, submission),
        encoding_words=ENCODING_WORDS,
        tree=tree(),
    )


@blueprint.get("/exports/<int:submission_id>/download")
@_refusals_kept
@needs(Permission.EXPORT_READ)
def download(submission_id: int) -> Any:
    """The same bytes again, as an attachment that no browser runs."""
    submission = queries.submission_for(current_actor(), submission_id, with_content=True)
    charset = "utf-8" if submission.encoding == "utf-8-sig" else submission.encoding
    response = Response(submission.content, mimetype="text/csv", content_type=f"text/csv; charset={charset}")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=submission-{submission.id}.csv; filename*=UTF-8''{quote(submission.filename)}"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.get("/exports/<int:submission_id>/compare")
@_refusals_kept
@needs(Permission.EXPORT_READ)
def compare_with(submission_id: int) -> Any:
    """What changed from an earlier submission to this one."""
    actor = current_actor()
    later = queries.submission_for(actor, submission_id, with_content=True)
    earlier_id = request.args.get("with", type=int)
    if earlier_id is None:
        return go_to("exports.show", submission_id=later.id)
    earlier = queries.submission_for(actor, earlier_id, with_content=True)
    if earlier.profile != later.profile or later.profile not in profiles():
        raise RefusedError(None, "submissions_differ")
    if earlier.id > later.id:
        earlier, later = later, earlier
    difference = compare(
        profiles()[later.profile],
        read_back(earlier.content, earlier.encoding),
        read_back(later.content, later.encoding),
    )
    return render_template(
        "exports/compare.html", earlier=earlier, later=later, difference=difference, most=300
    )
