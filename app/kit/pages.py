"""Pages: one Jinja environment a language, escaping always on, compiled once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse

from app.kit.forms import TOKEN_FIELD, FormTokens
from app.kit.messages import DEFAULT_LANGUAGE, LANGUAGES, N_, translate, translations
from app.kit.settings import Settings
from app.kit.texts import standing

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
HERE = ZoneInfo("Europe/Amsterdam")

_NEAR_DAYS = {0: N_("today"), 1: N_("yesterday")}
THEMES = ("system", "light", "dark", "contrast")
SIZES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Display:
    """How somebody wants the pages to look."""

    language: str = DEFAULT_LANGUAGE
    theme: str = "system"
    size: int = 1
    lines: int = 1
    saver: bool = False

    def as_text(self) -> str:
        """A short form for a cookie: `nl.dark.2.1.0`."""
        return f"{self.language}.{self.theme}.{self.size}.{self.lines}.{int(self.saver)}"

    @classmethod
    def from_text(cls, text: str) -> "Display":
        """Reads the short form; whatever is odd becomes the usual."""
        parts = text.split(".")
        if len(parts) != 5:
            return cls()
        language, theme, size, lines, saver = parts
        return cls(
            language if language in LANGUAGES else DEFAULT_LANGUAGE,
            theme if theme in THEMES else "system",
            int(size) if size in {"1", "2", "3", "4"} else 1,
            2 if lines == "2" else 1,
            saver == "1",
        )


class Visited(Protocol):
    """What a page needs to know of whoever looks."""

    request: Request
    viewer: Any
    display: Display
    now: datetime
    session_secret: str | None


Frame = Callable[[Any], Mapping[str, Any]]


class Pages:
    """Renders templates for one app. `frame` gives what stands around every page, such as a number of letters."""

    def __init__(self, app: FastAPI, settings: Settings, tokens: FormTokens) -> None:
        self._environments = {language: _environment(language, app, settings) for language in LANGUAGES}
        self._tokens = tokens
        self.frame: Frame = lambda visit: {}

    def render(self, visit: Visited, template: str, what: Mapping[str, Any], *, framed: bool = True) -> str:
        environment = self._environments[visit.display.language]
        token = self._tokens.make(visit.session_secret)
        around = self.frame(visit) if framed else {}
        return environment.get_template(template).render(
            visit={"unread_count": 0, "queue_count": 0, **around},
            viewer=visit.viewer,
            display=visit.display,
            form_token=lambda: Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, token),
            moment=partial(moment, now=visit.now, language=visit.display.language),
            now=visit.now,
            **what,
        )


def page(visit: Visited, template: str, status: int = 200, **what: Any) -> HTMLResponse:
    """A page for this visitor; `what` is all that the template shows."""
    pages: Pages = visit.request.app.state.pages
    return HTMLResponse(pages.render(visit, template, what), status)


def redirect(request: Request, name: str, fragment: str = "", query: str = "", **params: Any) -> RedirectResponse:
    """A 303 to a route of our own, by its name."""
    address = str(request.app.url_path_for(name, **params))
    return RedirectResponse(address + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else ""), 303)


def full_address(request: Request, name: str, **params: Any) -> str:
    """A whole address for a mail, built from the configured one and never from the request."""
    settings: Settings = request.app.state.settings
    return settings.base_url + str(request.app.url_path_for(name, **params))


def _environment(language: str, app: FastAPI, settings: Settings) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = translations(language)
    # Jinja trusts what a translator answers. A reason that is no message of ours could be somebody's own words.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: escape(words.gettext(message)),
        lambda one, many, number: escape(words.ngettext(one, many, number)),
        newstyle=True,
    )
    environment.globals.update(
        cafe=settings,
        url=lambda name, **params: str(app.url_path_for(name, **params)),
        static=static_address,
        standing=partial(_standing, language, settings),
    )
    # `moment` needs the visitor's now; a filter gets it from the context.
    environment.filters["moment"] = _moment_filter
    environment.filters["day"] = partial(day, language=language)
    return environment


def _standing(language: str, settings: Settings, key: str, **fill: object) -> str:
    return standing(key, language, **{**house_fill(settings), **fill})


def house_fill(settings: Settings) -> dict[str, str]:
    """What standing texts say of the association itself."""
    return {
        "vereniging": settings.association,
        "adres_vereniging": settings.association_address,
        "vereniging_telefoon": settings.association_phone,
        "vereniging_mail": settings.association_mail,
        "contact_mail": settings.contact_mail,
        "privacy_mail": settings.privacy_mail,
    }


@cache
def static_address(path: str) -> str:
    """The address of a file of our own, with its fingerprint, so that it may be kept for ever."""
    content = (STATIC / path).read_bytes()
    return f"/static/{path}?v={sha256(content).hexdigest()[:12]}"


@cache
def lasting_addresses() -> frozenset[str]:
    """The addresses of all our files with their fingerprints: only under these they are kept for ever."""
    return frozenset(static_address(str(one.relative_to(STATIC))) for one in STATIC.rglob("*") if one.is_file())


@pass_context
def _moment_filter(context: Context, when: datetime) -> str:
    return str(context["moment"](when))


def moment(when: datetime, now: datetime, language: str) -> str:
    """A moment in words as people say it: today 04:10, yesterday 19:05, Friday 09:00, 3 May, 3 May 2024."""
    local, here = when.astimezone(HERE), now.astimezone(HERE)
    time = format_time(local, "HH:mm", locale=language)
    days = (here.date() - local.date()).days
    if days in _NEAR_DAYS:
        return f"{translate(_NEAR_DAYS[days], language)} {time}"
    if 1 < days < 7:
        return f"{format_date(local.date(), 'EEEE', locale=language)} {time}"
    return day(local.date(), language, year=local.year != here.year)


def day(when: date | datetime, language: str, year: bool = True) -> str:
    """A day in words: 3 May 2024."""
    local = when.astimezone(HERE).date() if isinstance(when, datetime) else when
    return format_date(local, "d MMMM y" if year else "d MMMM", locale=language)
