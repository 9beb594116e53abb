"""Builds the forum: settings, database, routers, error pages. Nothing imports it but the command line and the tests."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.boards.routes import router as boards
from app.house.routes import router as house
from app.kit.db import Database
from app.kit.dev_mail import router as dev_mail
from app.kit.errors import NotFound, Refusal, SignInFirst, TooMany
from app.kit.forms import FormTokens
from app.kit.guarding import BodyTooLarge, Guarding
from app.kit.mail import Postman
from app.kit.messages import N_, translate
from app.kit.pages import STATIC, Pages
from app.kit.permission import policy_of
from app.kit.settings import Settings
from app.members.routes import router as members
from app.members.viewer import OpenVisit, visiting
from app.moderation.queue import waiting_count
from app.moderation.routes import router as moderation
from app.notifications.inbox import unread_count
from app.notifications.routes import router as notifications
from app.posting.routes import router as posting
from app.threads.routes import router as threads

log = logging.getLogger(__name__)

ROUTERS: tuple[APIRouter, ...] = (house, boards, members, threads, posting, notifications, moderation)
# What a kept text is called on an error page; a field that is not here is sent along unseen.
KEPT_LABELS = {"title": N_("Title"), "text": N_("Your text"), "words": N_("Your text"), "explanation": N_("Your explanation")}


class UndeclaredRoute(RuntimeError):
    """A route that does not say who may use it, or a POST route that reads no checked form."""


def build(settings: Settings, *, with_postman: bool = True) -> FastAPI:
    """The whole forum as an ASGI app. Raises when a route is not declared or the SQLite is not safe."""
    database = Database(settings.database_url, settings.limits_factor)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        postman = Postman(database, settings)
        if with_postman:
            postman.start()
        yield
        if with_postman:
            postman.stop()
        database.close()

    app = FastAPI(title=settings.name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    tokens = FormTokens(settings.secret)
    app.state.settings, app.state.database, app.state.form_tokens = settings, database, tokens
    app.state.pages = Pages(app, settings, tokens)
    app.state.pages.frame = _frame
    for router in ROUTERS:
        app.include_router(router)
    if settings.development:
        app.include_router(dev_mail)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(Refusal, _show_refusal)
    app.add_exception_handler(HTTPException, _show_http_error)
    app.add_exception_handler(BodyTooLarge, _show_too_large)
    app.add_exception_handler(OperationalError, _show_unavailable)
    app.add_exception_handler(Exception, _show_failure)
    app.add_middleware(Guarding, settings=settings)
    check_declared(app)
    return app


def check_declared(app: FastAPI) -> None:
    """Refuse to start when a route does not declare who may use it; raises `UndeclaredRoute`."""
    for route in every_route(app):
        if policy_of(route.endpoint) is None:
            raise UndeclaredRoute(f"{route.path} ({route.name}): say who may use it with @open_to(...)")
        reads_form = any(hasattr(one.call, "reads_form") for one in route.dependant.dependencies)
        if "POST" in (route.methods or ()) and not reads_form:
            raise UndeclaredRoute(f"{route.path} ({route.name}): a POST route reads its form with filled(...)")


def every_route(app: FastAPI) -> Iterator[APIRoute]:
    """All routes of the café; whatever is mounted beside them must be the static files."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        elif not (isinstance(route, Mount) and route.name == "static"):
            raise UndeclaredRoute(f"{route} is no route of ours")


def _frame(visit: OpenVisit) -> dict[str, int]:
    """What stands around every page of a member."""
    viewer = visit.viewer
    if not viewer.is_member:
        return {}
    waiting = waiting_count(visit.db, viewer) if viewer.may_moderate else 0
    return {"unread_count": unread_count(visit.db, viewer), "queue_count": waiting}


def _show_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if isinstance(refusal, SignInFirst) and request.method in {"GET", "HEAD"}:
        query = f"?next={request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
        return Response(status_code=303, headers={"Location": str(request.app.url_path_for("show_sign_in")) + query})
    answer = _error_page(request, refusal.status, reason=refusal.reason, **_retry(refusal))
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _retry(refusal: Refusal) -> dict[str, Any]:
    return {"minutes": max(1, -(-refusal.seconds // 60))} if isinstance(refusal, TooMany) else {}


def _show_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # A method that a page does not know, an unknown address, a malformed id: all the same to a visitor.
    status = 404 if error.status_code in {404, 405} else error.status_code if error.status_code in {400, 413} else 500
    return _error_page(request, status)


def _show_too_large(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Dit is te groot om te lezen.", 413)


def _show_unavailable(request: Request, error: Exception) -> Response:
    """The database does not answer now: say so, and give the words back."""
    log.error("database not available: %s", type(error).__name__)
    return _error_page(request, 503)


def _show_failure(request: Request, error: Exception) -> Response:
    """Our own mistake. The log gets what happened, never what was written."""
    log.error("a page failed: %s %s: %s", request.method, request.scope.get("path"), type(error).__name__, exc_info=error)
    return _error_page(request, 500)


def _error_page(request: Request, status: int, **what: Any) -> HTMLResponse:
    """An error page with the visitor's own words in a box again; a bare one if even that cannot be made."""
    pages: Pages = request.app.state.pages
    template = f"errors/{status if status in {403, 404, 409, 422, 429, 503} else 500}.html"
    try:
        if status >= 500:
            raise NotFound
        with visiting(request) as visit:
            return HTMLResponse(pages.render(visit, template, {**what, **_kept(request, visit)}, framed=False), status)
    except Exception:
        return HTMLResponse(_bare_page(request, status), status)


def _kept(request: Request, visit: OpenVisit) -> dict[str, Any]:
    """The texts that were sent, to be sent again from the error page."""
    rows = []
    for name, value in getattr(request.state, "kept", {}).items():
        if "password" in name:
            continue
        for one in value if isinstance(value, list) else [value]:
            label = translate(KEPT_LABELS.get(name, ""), visit.language)
            rows.append((name, label, one, name in {"text", "words", "explanation"}))
    # Only when there are words to keep; a button without words is pressed again on its own page.
    has_words = any(label and value for _, label, value, _ in rows)
    return {"kept": rows, "kept_action": request.url.path} if has_words else {}


def _bare_page(request: Request, status: int) -> str:
    """A page that needs no database: with the words that were sent, if there were any."""
    from html import escape

    kept = getattr(request.state, "kept", {})
    words = "".join(f"<textarea rows=12 cols=60 readonly>{escape(str(kept[name]))}</textarea>" for name in KEPT_LABELS if kept.get(name))
    title, line = (
        ("Het café is even dicht", "We zijn zo terug. Probeer het over een paar minuten nog eens.")
        if status == 503
        else ("Er ging iets mis bij ons", "Dat ligt niet aan jou. Probeer het straks nog eens.")
    )
    kept_line = "<p>Je tekst is bewaard, hieronder. Kopieer hem voor straks.</p>" if words else ""
    return (
        f'<!doctype html><html lang="nl"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><main><h1>{title}</h1><p>{line}</p>{kept_line}{words}"
        f'<p><a href="/">Naar het café</a></p></main>'
    )
