"""The standing pages, how pages look, and what machines ask of us."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import text
from starlette.responses import PlainTextResponse, Response

from app.house import pages
from app.house.forms import DisplayForm
from app.house.keep_display import keep_display
from app.kit.forms import Filled, blank, filled
from app.kit.pages import Display, full_address, page, redirect
from app.kit.permission import open_to
from app.kit.settings import Settings
from app.members.viewer import EVERYONE, Visit, display_cookie_name

router = APIRouter()

FilledDisplay = Annotated[Filled[DisplayForm], Depends(filled(DisplayForm))]

A_YEAR = 365 * 24 * 3600
ROBOTS = (Path(__file__).parent / "robots.txt").read_text("ascii")


@router.get("/rules")
@open_to(EVERYONE)
def show_rules(visit: Visit) -> Response:
    rules = pages.read_rules(visit.language, visit.settings)
    version = pages.rules_version(visit.language, visit.settings)
    return page(visit, "house/rules.html", rules=rules, version=version)


@router.get("/how-we-moderate")
@open_to(EVERYONE)
def show_moderation_page(visit: Visit) -> Response:
    return _standing_page(visit, pages.moderation_page)


@router.get("/privacy")
@open_to(EVERYONE)
def show_privacy(visit: Visit) -> Response:
    return _standing_page(visit, pages.privacy_page)


@router.get("/accessibility")
@open_to(EVERYONE)
def show_accessibility(visit: Visit) -> Response:
    return _standing_page(visit, pages.accessibility_page)


@router.get("/about")
@open_to(EVERYONE)
def show_about(visit: Visit) -> Response:
    return _standing_page(visit, pages.about_page)


@router.get("/contact")
@open_to(EVERYONE)
def show_contact(visit: Visit) -> Response:
    return _standing_page(visit, pages.contact_page)


@router.get("/for-naasten")
@open_to(EVERYONE)
def show_for_naasten(visit: Visit) -> Response:
    return _standing_page(visit, pages.naasten_page)


@router.get("/help")
@open_to(EVERYONE)
def show_help(visit: Visit) -> Response:
    return page(visit, "house/help.html", standing_page=pages.help_page(visit.language, visit.settings))


@router.get("/display")
@open_to(EVERYONE)
def show_display(visit: Visit, kept: bool = False) -> Response:
    return page(visit, "house/display.html", form=_as_form(visit.display), kept=kept, tried=False)


@router.post("/display")
@open_to(EVERYONE)
def send_display(visit: Visit, form: FilledDisplay) -> Response:
    if form.data is None:
        return page(visit, "house/display.html", 422, form=form, kept=False, tried=False)
    chosen = form.data.as_display()
    if form.data.attempt:
        visit.display = chosen
        return page(visit, "house/display.html", form=_as_form(chosen), kept=False, tried=True)
    answer = redirect(visit.request, "show_display", query="kept=1")
    if visit.viewer.is_member:
        keep_display(visit.db, visit.member_id, chosen)
    else:
        answer.set_cookie(
            display_cookie_name(visit.settings),
            chosen.as_text(),
            max_age=A_YEAR,
            path="/",
            secure=visit.settings.is_https,
            httponly=True,
            samesite="lax",
        )
    return answer


@router.get("/healthz")
@open_to(EVERYONE)
def show_health(visit: Visit) -> Response:
    """For whoever watches over the server: the café runs and its database answers."""
    visit.db.execute(text("SELECT 1"))
    return PlainTextResponse("ok")


@router.get("/robots.txt")
@open_to(EVERYONE)
def show_robots(visit: Visit) -> Response:
    return PlainTextResponse(ROBOTS)


@router.get("/.well-known/security.txt")
@open_to(EVERYONE)
def show_security_contact(visit: Visit) -> Response:
    expires = (visit.now + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: mailto:{visit.settings.contact_mail}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, en",
        f"Canonical: {full_address(visit.request, 'show_security_contact')}",
    )
    return PlainTextResponse("\n".join((*lines, "")))


def _standing_page(visit: Visit, make: Callable[[str, Settings], pages.StandingPage]) -> Response:
    return page(visit, "house/standing.html", standing_page=make(visit.language, visit.settings))


def _as_form(display: Display) -> Filled[DisplayForm]:
    return blank(
        language=display.language,
        theme=display.theme,
        size=str(display.size),
        lines=str(display.lines),
        saver="1" if display.saver else "0",
    )
