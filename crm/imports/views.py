"""Import in the browser: file → settings → preview → write → report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, current_app, flash, render_template, request
from flask_babel import gettext

from crm.domain.access import Permission
from crm.domain.errors import RefusedError
from crm.imports import files, queries, reading, use_cases
from crm.imports.importer import Importer, ImportOptions
from crm.imports.labels import ENCODINGS, KIND_WORDS, STATE_TONES, STATE_WORDS
from crm.imports.models import ImportBatch
from crm.spreadsheets.columns import IGNORE
from crm.web.sentences import sentence
from crm.web.signed_in import current_actor, go_to, needs

blueprint = Blueprint("imports", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"import_kinds": KIND_WORDS, "import_states": STATE_WORDS, "import_tones": STATE_TONES}


@blueprint.get("/imports")
@needs(Permission.FIRM_IMPORT)
def index() -> Any:
    """Send a file; what was brought in before."""
    return _index(None)


@blueprint.post("/imports")
@needs(Permission.FIRM_IMPORT)
def receive() -> Any:
    """Take a file in; nothing is written yet."""
    upload = request.files.get("file")
    kind = request.form.get("kind", "")
    try:
        if kind not in KIND_WORDS:
            raise RefusedError("kind", "import_kind")
        if upload is None or not upload.filename:
            raise RefusedError("file", "file_required")
        previous = request.form.get("previous", type=int)
        batch = use_cases.receive(current_actor(), kind, upload.filename, upload.stream, previous_id=previous)
    except RefusedError as error:
        return _index(sentence(error), kind), 422
    return go_to("imports.show", batch_id=batch.id)


def _index(problem: str | None, kind: str = "firms") -> str:
    before = request.args.get("before", type=int)
    lines, more = queries.recent_batches(current_actor(), before=before)
    previous = request.args.get("previous", type=int)
    if previous is not None:
        kind = queries.batch_for(current_actor(), previous).kind
    return render_template(
        "imports/index.html", lines=lines, more=more, problem=problem, kind=kind, previous=previous
    )


@blueprint.get("/imports/<int:batch_id>")
@needs(Permission.FIRM_IMPORT)
def show(batch_id: int) -> Any:
    """Where the import stands: settings, progress, preview or report."""
    batch = queries.batch_for(current_actor(), batch_id)
    if batch.state in queries.RUNNING:
        return render_template("imports/running.html", batch=batch, silent=queries.is_unanswered(batch))
    if batch.state in ("checked", "applied") and not request.args.get("settings"):
        page = queries.preview_page(batch, request.args.get("rows"), request.args.get("page", 1, type=int))
        return render_template(
            "imports/preview.html",
            batch=batch,
            page=page,
            headings=_headings(batch, page),
            own=batch.created_by == current_actor().user_id,
            notes=_notes(batch),
            error=_error(batch),
            shown_kinds=_shown_words(),
        )
    return _settings_page(batch)


def _headings(batch: ImportBatch, page: queries.PreviewPage) -> dict[str, str]:
    """Field -> heading in the file: name and code first, then what is marked on this page, then the rest."""
    kept = (batch.preview or {}).get("headings", {})
    marked = {note.field for row in page.rows for note in row.notes}
    marked |= {field for row in page.rows for field in row.changes}
    names = [spec.name for spec in _importer(batch).fields if spec.name in kept]
    names.sort(key=lambda name: (name not in ("name", "code"), name not in marked))
    return {name: kept[name] for name in names}


def _shown_words() -> dict[str, str]:
    return {
        "look": gettext("需看"),
        "all": gettext("全部"),
        "new": gettext("新增"),
        "changed": gettext("变更"),
        "same": gettext("相同"),
        "warned": gettext("存疑"),
        "refused": gettext("拒绝"),
    }


@blueprint.get("/imports/<int:batch_id>/progress")
@needs(Permission.FIRM_IMPORT)
def progress(batch_id: int) -> Any:
    """The bar alone; tells htmx to load the page anew once the work has ended."""
    batch = queries.batch_for(current_actor(), batch_id)
    page = render_template("imports/_progress.html", batch=batch, silent=queries.is_unanswered(batch))
    if batch.state in queries.RUNNING:
        return page
    return Response(page, headers={"HX-Refresh": "true"})


@blueprint.post("/imports/<int:batch_id>/settings")
@needs(Permission.FIRM_IMPORT)
def settings(batch_id: int) -> Any:
    """Keep how the file is read and see what writing would do."""
    actor = current_actor()
    batch = queries.own_batch(actor, batch_id)
    options = _options(batch)
    use_cases.set_options(actor, batch_id, options)
    if request.form.get("only") == "read":
        return go_to("imports.show", batch_id=batch_id)
    try:
        use_cases.check_batch(actor, batch_id)
    except RefusedError as error:
        return _settings_page(queries.batch_for(actor, batch_id), sentence(error)), 422
    return go_to("imports.show", batch_id=batch_id)


def _options(batch: ImportBatch) -> ImportOptions:
    """What the form says; columns count only where sheet, heading and encoding are as they were shown."""
    kept = ImportOptions.of(batch.options)
    form = request.form
    options = replace(
        kept,
        sheet=form.get("sheet") or None,
        header_row=form.get("header_row", type=int),
        encoding=form.get("encoding") or None,
        defaults={
            name.removeprefix("default-"): value
            for name, value in form.items()
            if name.startswith("default-") and value
        },
        mapping={},
    )
    as_shown = (options.sheet, options.header_row, options.encoding) == (
        form.get("shown_sheet") or None,
        form.get("shown_header_row", type=int),
        form.get("shown_encoding") or None,
    )
    picked = {name.removeprefix("column-"): v for name, v in form.items() if name.startswith("column-")}
    if as_shown and picked:
        opened = _opened(batch, options)
        options = replace(options, mapping=reading.chosen_columns(opened, picked))
    return options


def _opened(batch: ImportBatch, options: ImportOptions) -> reading.OpenedList:
    workbook = reading.open_file(files.path_of(batch.stored_name), batch.filename, options)
    return reading.open_list(workbook, _importer(batch), options)


def _importer(batch: ImportBatch) -> Importer:
    importer: Importer = current_app.extensions["importers"][batch.kind]
    return importer


@dataclass(frozen=True)
class _Column:
    """A column of the file on the settings page."""

    letter: str
    header: str
    samples: list[str]
    field: str
    is_double: bool


def _settings_page(batch: ImportBatch, problem: str | None = None) -> str:
    """How the file is read: guessed, shown, and to be changed by hand."""
    options = ImportOptions.of(batch.options)
    importer = _importer(batch)
    workbook, opened, columns, notes = None, None, [], []
    try:
        workbook = reading.open_file(files.path_of(batch.stored_name), batch.filename, options)
        try:
            opened = reading.open_list(workbook, importer, options)
            columns = _columns(opened)
        except RefusedError as error:
            if error.field != "map":
                raise
            # a choice that cannot be followed is shown as it was made, beside what is wrong with it
            problem = problem or sentence(error)
            opened = reading.open_list(workbook, importer, replace(options, mapping={}))
            columns = _columns(opened, options.mapping)
        notes = [sentence(RefusedError(None, note.reason, **note.values)) for note in opened.notes]
    except (RefusedError, OSError) as error:
        words = (
            sentence(error)
            if isinstance(error, RefusedError)
            else sentence(RefusedError("file", "file_gone", filename=batch.filename))
        )
        problem = problem or words
    return render_template(
        "imports/settings.html",
        batch=batch,
        options=options,
        workbook=workbook,
        opened=opened,
        columns=columns,
        fields=importer.fields,
        default_fields=[spec for spec in importer.fields if spec.name in importer.defaults],
        encodings=ENCODINGS,
        notes=notes,
        problem=problem or _error(batch),
        own=batch.created_by == current_actor().user_id,
        again=queries.same_file_before(current_actor(), batch),
    )


def _columns(opened: reading.OpenedList, chosen: Mapping[str, str] | None = None) -> list[_Column]:
    """Columns with their fields: as chosen by heading or letter where that is given, else as guessed."""
    guessed = {index: name for name, index in opened.guess.mapping.items()}
    doubles = {column.index for double in opened.guess.duplicates for column in double.columns}
    columns = []
    for column, samples in zip(opened.table.columns, opened.samples(), strict=True):
        field = guessed.get(column.index, "")
        if chosen is not None:
            field = chosen.get(column.header) or chosen.get(column.letter) or ""
        columns.append(_Column(column.letter, column.header, samples, field, column.index in doubles))
    if chosen is not None:
        counted = Counter(column.field for column in columns)
        twice = {field for field, times in counted.items() if times > 1} - {"", IGNORE}
        columns = [replace(column, is_double=column.field in twice) for column in columns]
    return columns


@blueprint.post("/imports/<int:batch_id>/apply")
@needs(Permission.FIRM_IMPORT)
def apply(batch_id: int) -> Any:
    """Write what the preview shows; refused rows stay out."""
    return _step(batch_id, use_cases.apply_batch)


@blueprint.post("/imports/<int:batch_id>/cancel")
@needs(Permission.FIRM_IMPORT)
def cancel(batch_id: int) -> Any:
    """Stop; nothing is written."""
    return _step(batch_id, use_cases.cancel_batch)


def _step(batch_id: int, step: Any) -> Any:
    try:
        step(current_actor(), batch_id)
    except RefusedError as error:
        flash(sentence(error), "late")
    return go_to("imports.show", batch_id=batch_id)


@blueprint.post("/imports/<int:batch_id>/discard")
@needs(Permission.FIRM_IMPORT)
def discard(batch_id: int) -> Any:
    """Throw a file away that was not written."""
    try:
        use_cases.discard_batch(current_actor(), batch_id)
    except RefusedError as error:
        flash(sentence(error), "late")
        return go_to("imports.show", batch_id=batch_id)
    flash(gettext("已删除这次导入的文件，什么也没有写入。"), "ok")
    return go_to("imports.index")


@blueprint.get("/imports/<int:batch_id>/refused")
@needs(Permission.FIRM_IMPORT)
def refused(batch_id: int) -> Any:
    """The refused rows with their reasons, ready to be mended and dropped again."""
    batch = queries.batch_for(current_actor(), batch_id)
    if not files.path_of(batch.stored_name).exists():
        raise RefusedError("file", "file_gone", filename=batch.filename)
    headers = {"Content-Disposition": f"attachment; filename=refused-{batch.id}.csv"}
    return Response(use_cases.refused_file_of(batch), content_type="text/csv; charset=utf-8", headers=headers)


def _notes(batch: ImportBatch) -> list[str]:
    kept = (batch.preview or {}).get("notes", [])
    return [sentence(RefusedError(None, reason, **values)) for reason, values in kept]


def _error(batch: ImportBatch) -> str | None:
    if not batch.error:
        return None
    error = batch.error
    return sentence(RefusedError(error.get("field"), error["reason"], **error.get("values", {})))
