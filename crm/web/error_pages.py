"""Errors become pages once, here: status, sentence, what to do."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from crm.domain.errors import ChangedMeanwhileError, CrmError, NotAllowedError, NotFoundError
from crm.web.sentences import sentence
from crm.web.signed_in import is_htmx, login_manager, safe_next

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(CrmError)
    def _refused(error: CrmError) -> Any:
        if isinstance(error, NotFoundError):
            return _page(404, gettext("没有找到"), sentence(error))
        if isinstance(error, NotAllowedError):
            return _page(403, gettext("没有权限"), sentence(error))
        if isinstance(error, ChangedMeanwhileError):
            return _page(409, gettext("记录已被修改"), sentence(error))
        return _page(422, gettext("不能完成"), sentence(error))

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> Any:
        if not current_user.is_authenticated:
            # The session ran out under an open form: sign in and come back; the draft is kept in the browser.
            flash(gettext("登录已过期，请重新登录；刚才填写的内容还在。"), "soon")
            return login_manager.unauthorized()
        return _page(
            400,
            gettext("页面已过期"),
            gettext("这个页面打开太久或您已重新登录。请返回后再提交一次，内容仍在。"),
        )

    @app.errorhandler(RequestEntityTooLarge)
    def _too_large(error: RequestEntityTooLarge) -> Any:
        most = app.config["CRM"].upload_limit_megabytes
        return _page(413, gettext("文件太大"), gettext("文件超过 %(most)s MB。请拆分后分次上传。", most=most))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        code = error.code or 500
        if code == 404:
            return _page(404, gettext("没有找到"), gettext("没有找到，或不在您的管辖区域内。"))
        if code == 405:
            return _page(
                405, gettext("不能这样打开"), gettext("这个地址只接受表单提交。请从页面上的按钮进入。")
            )
        if code < 400:
            return error
        return _page(code, gettext("不能完成"), error.description or error.name)

    @app.errorhandler(OverflowError)
    @app.errorhandler(DataError)
    def _out_of_range(error: Exception) -> Any:
        # A number in the address beyond what the database counts with: no such page, no fault of ours.
        return _page(404, gettext("没有找到"), gettext("没有找到，或不在您的管辖区域内。"))

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Any:
        mark = uuid.uuid4().hex[:8]
        log.exception("fault %s at %s %s", mark, request.method, request.path)
        if app.config.get("PROPAGATE_FAULTS"):
            raise error
        return _page(
            500,
            gettext("系统出错"),
            gettext("没有保存任何内容。请重试；若仍出错，把编号 %(mark)s 告诉管理员。", mark=mark),
        )


def _page(status: int, title: str, text: str) -> Any:
    if is_htmx():
        return render_template("web/_error_message.html", title=title, text=text), status
    return render_template("web/error.html", status=status, title=title, text=text), status


def refused_to_flash(error: CrmError, endpoint: str, **values: Any) -> Any:
    """Say a refusal on the page one came from, where no form stands to show it beside a field."""
    flash(sentence(error), "late")
    return redirect(safe_next(request.form.get("next")) or url_for(endpoint, **values), code=303)
