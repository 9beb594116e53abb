"""Builds the forum: settings, database, routers, error pages. Nothing imports it but the command line and the tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.boards.routes import router as boards
from app.error_pages import add_error_pages
from app.house.routes import router as house
from app.kit.db import Database
from app.kit.forms import FormTokens, keep_words
from app.kit.guarding import Guarding
from app.kit.mail import Postman
from app.kit.pages import STATIC, Pages
from app.kit.permission import policy_of
from app.kit.settings import Settings
from app.members.routes import dev_mail
from app.members.routes import router as members
from app.members.viewer import OpenVisit
from app.moderation.inbox import unread_count
from app.moderation.queue import waiting_count
from app.moderation.routes import router as moderation
from app.moderation.steer_routes import router as steering
from app.posting.routes import router as posting
from app.threads.routes import router as threads

ROUTERS: tuple[APIRouter, ...] = (house, boards, members, threads, posting, moderation, steering)


class UndeclaredRoute(RuntimeError):
    """A route that does not say who may use it, or a POST route that reads no checked form."""


class Forum(FastAPI):
    """FastAPI with our guarding outermost: the page for our own mistakes is made outside all other middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        return Guarding(super().build_middleware_stack(), self.state.settings)


def build(settings: Settings, *, with_postman: bool = True) -> FastAPI:
    """The whole forum as an ASGI app. Raises when a route is not declared or the SQLite is not safe."""
    database = Database(settings.database_url, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        postman = Postman(database, settings)
        if with_postman:
            postman.start()
        yield
        if with_postman:
            postman.stop()
        database.close()

    app = Forum(
        title=settings.name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        dependencies=[Depends(keep_words)],
    )
    tokens = FormTokens(settings.secret)
    app.state.settings, app.state.database, app.state.form_tokens = settings, database, tokens
    app.state.pages = Pages(app, settings, tokens)
    app.state.pages.frame = _frame
    for router in ROUTERS:
        app.include_router(router)
    if settings.development:
        app.include_router(dev_mail)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_pages(app)
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
    for part in app.routes:
        if isinstance(part, Mount) and part.name == "static":
            continue
        # FastAPI keeps a router that was included as one part of its own list.
        routes = getattr(part, "original_router", None)
        for route in routes.routes if isinstance(routes, APIRouter) else [part]:
            if not isinstance(route, APIRoute):
                raise UndeclaredRoute(f"{route} is no route of ours")
            yield route


def _frame(visit: OpenVisit) -> dict[str, int]:
    """What stands around every page of a member."""
    viewer = visit.viewer
    if not viewer.is_member:
        return {}
    waiting = waiting_count(visit.db, viewer) if viewer.may_moderate else 0
    return {"unread_count": unread_count(visit.db, viewer), "queue_count": waiting}
