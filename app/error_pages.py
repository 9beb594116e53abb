"""Error pages: clear words, and the visitor's own words in a box again. They work also when little else does."""

import logging
from datetime import timedelta
from html import escape
from traceback import walk_tb
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.kit import clock
from app.kit.errors import Refusal, SignInFirst, TooMany
from app.kit.guarding import BodyTooLarge
from app.kit.messages import N_, translate
from app.kit.pages import HERE, Display, Pages
from app.members.viewer import GUEST, OpenVisit, visiting

log = logging.getLogger(__name__)

# What a kept text is called; a field that is not here is sent along unseen.
KEPT_LABELS = {
    "title": N_("Title"),
    "text": N_("Your text"),
    "words": N_("Your text"),
    "explanation": N_("Your explanation"),
}
LONG = frozenset({"text", "words", "explanation"})
# Never shown again: secrets, and the key of a form that was refused.
NOT_KEPT = frozenset({"once", "password", "new_password", "current_password", "email"})
HAS_PAGE = frozenset({403, 404, 409, 429})


def add_error_pages(app: FastAPI) -> None:
    """Let every refusal and failure become a page."""
    app.add_exception_handler(Refusal, _show_refusal)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(RequestValidationError, _show_odd_address)
    app.add_exception_handler(BodyTooLarge, _show_too_large)
    app.add_exception_handler(OperationalError, _show_unavailable)
    app.add_exception_handler(Exception, _show_failure)


def _show_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if isinstance(refusal, SignInFirst) and request.method in {"GET", "HEAD"}:
        query = request.scope["query_string"].decode("latin-1")
        back = request.scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"{request.app.url_path_for('show_sign_in')}?{urlencode({'next': back})}", 303)
    if not isinstance(refusal, TooMany):
        return _page(request, refusal.status, reason=refusal.reason)
    until = (clock.now() + timedelta(seconds=refusal.seconds)).astimezone(HERE).strftime("%H:%M")
    answer = _page(request, 429, until=until)
    answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _show_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # An unknown address and a method that a page does not know are the same to a visitor.
    status = {404: 404, 405: 404, 413: 413}.get(error.status_code, 400 if error.status_code < 500 else 500)
    return _page(request, status)


def _show_odd_address(request: Request, error: Exception) -> Response:
    """Something in the address that no page of ours makes, such as page_number=x."""
    return _page(request, 404)


def _show_too_large(request: Request, error: Exception) -> Response:
    return _page(request, 413)


def _show_unavailable(request: Request, error: Exception) -> Response:
    """The database does not answer now: say so, and give the words back."""
    log.error("the database does not answer: %s", type(error).__name__)
    return _page(request, 503)


def _show_failure(request: Request, error: Exception) -> Response:
    """Our own mistake. The log gets the kind of error and the place, never what was written."""
    where = "?"
    for frame, line in walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").startswith("app."):
            where = f"{frame.f_globals['__name__']}:{line}"
    name = getattr(request.scope.get("route"), "name", "?")
    log.error("%s failed: %s at %s", name, type(error).__name__, where)
    return _page(request, 500)


def _page(request: Request, status: int, **what: Any) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    try:
        if status in HAS_PAGE:
            with visiting(request) as visit:
                return HTMLResponse(
                    pages.render(visit, f"errors/{status}.html", {**what, **_kept(request, visit)}, framed=False),
                    status,
                )
        secret = getattr(request.state, "session_secret", None)  # the form is theirs, though we cannot look them up
        visit = OpenVisit(request, None, GUEST, clock.now(), Display(), secret)  # type: ignore[arg-type]
        shown = status if status in {500, 503} else 422
        return HTMLResponse(
            pages.render(visit, f"errors/{shown}.html", {**what, **_kept(request, visit)}, framed=False), status
        )
    except Exception:  # whatever is broken, words must come back
        log.error("an error page failed")
        return HTMLResponse(_bare_page(request), status if status >= 500 else 503)


def _kept(request: Request, visit: OpenVisit) -> dict[str, Any]:
    """The texts that were sent, to be sent again from the error page."""
    rows: list[tuple[str, str, str, bool]] = []
    for name, value in getattr(request.state, "kept", {}).items():
        if name not in NOT_KEPT:
            label = translate(KEPT_LABELS.get(name, ""), visit.language)
            rows += [(name, label, one, name in LONG) for one in (value if isinstance(value, list) else [value])]
    # Only when there are words to keep; a button without words is pressed again on its own page.
    has_words = any(label and value for _, label, value, _ in rows)
    return {"kept": rows, "kept_action": request.scope["path"]} if has_words else {}


def _bare_page(request: Request) -> str:
    """A page that needs nothing at all, with the words that were sent, if there were any."""
    kept = getattr(request.state, "kept", {})
    words = "".join(
        f"<textarea rows=12 cols=60 readonly>{escape(str(kept[name]))}</textarea>"
        for name in KEPT_LABELS
        if kept.get(name)
    )
    line = "<p>Je tekst is bewaard, hieronder. Kopieer hem voor straks.</p>" if words else ""
    return (
        '<!doctype html><html lang="nl"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Er ging iets mis bij ons</title><main><h1>Er ging iets mis bij ons</h1><p>Dat ligt niet aan jou."
        f' Probeer het straks nog eens.</p>{line}{words}<p><a href="/">Naar het café</a></p></main>'
    )
