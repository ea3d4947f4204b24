"""Headers of every answer: content security policy with a nonce, and the rest."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request


def nonce() -> str:
    """The nonce of this request's answer, made when first asked for."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    value: str = g.csp_nonce
    return value


def install(app: Flask) -> None:
    """Give each answer its headers."""

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            "manifest-src 'self'; frame-src 'self'; "
            f"script-src 'nonce-{nonce()}'; "
            f"style-src 'self' 'nonce-{nonce()}'",
        )
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" and "Cache-Control" not in headers:
            # Pages show data of a territory: a shared browser's back button must not.
            headers["Cache-Control"] = "no-store"
        return response
