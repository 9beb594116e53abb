"""Every page of the café, for whoever looks: all routes that one can open, with addresses that lead somewhere, and the
walks that bring a page into another state (something missing, a preview, a text that was stopped)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from playwright.sync_api import Route
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from starlette.responses import Response
from starlette.testclient import TestClient

from app.boards.add_board import BoardPlan, add_board
from app.boards.tables import Audience, Board, ModerationMode, Section
from app.kit.errors import Conflict, Forbidden, NotFound, TooMany
from app.kit.forms import Filled, filled
from app.kit.guarding import BodyTooLarge
from app.kit.permission import open_to
from app.main import build, every_route
from app.members.tables import Role
from app.members.viewer import EVERYONE, Visit
from app.moderation.tables import Action
from app.moderation.words import ACTIONS
from app.posting.forms import ReplyForm
from tests.pages.visitors import Account, Cafe, Visitor, Visitors, nl, text_of

Stop = tuple[Visitor, str]  # a page to look at, and what is special about it

ADVICE = "Je moet stoppen met amitriptyline."
DESPAIR = "Ik wil niet meer leven."
LONG_WORD = "Arbeidsongeschiktheidsverzekeringsmaatschappijen"
FOR_MACHINES = {"show_health", "show_robots", "show_security_contact"}
EMPTY_BOARD = "leeg"
ROLES = {"guest": "", "lotgenoot": "marja", "naaste": "kees", "moderator": "willemijn", "administrator": "ineke"}


@dataclass
class Looker:
    """Somebody who looks, and what there is to find: the values for the gaps in addresses."""

    account: Account | None
    fill: dict[str, str]
    own: dict[str, dict[str, str]] = field(default_factory=dict)  # by name of a route, what it wants instead


def looker(cafe: Cafe, role: str) -> Looker:
    """Furnishes the café so that every page has something to show to this role."""
    _add_empty_board(cafe)
    writer = cafe.account("wollensok")
    account = cafe.account(ROLES[role]) if ROLES[role] else None
    thread = cafe.thread(writer, title=f"{LONG_WORD} en ik", text=f"Ik belde met {LONG_WORD}. Wat een dag.")
    opening = cafe.opening_of(thread)
    fill = {
        "slug": "dagelijks-leven",
        "thread_id": thread,
        "post_id": opening,
        "to": opening,
        "case_id": cafe.case(cafe.newcomer(), f"Dat ken ik van vroeger. {ADVICE} Bij mij was het zwaar."),
        "member_id": writer.public_id,
        "letter_id": "a" * 20,
        "secret": "a" * 43,
    }
    found = Looker(account, fill)
    found.own = {name: {"slug": "spierziektebreed"} for name in ("show_section", "show_section_form")}
    found.own["show_thread"] = {"thread_id": cafe.longest_thread()}
    if account is not None:
        cafe.reply(thread, account, ADVICE, stopped=True)
        fill["letter_id"] = cafe.newest_letter(account)
        mine = {"post_id": cafe.reply(thread, account, "Dat herken ik.")}
        found.own |= {name: mine for name in ("show_edit", "show_withdraw", "show_sent")}
    return found


def _add_empty_board(cafe: Cafe) -> None:
    everyone = frozenset(Audience) - {Audience.GUEST}
    with cafe.database.writing() as db:
        if db.scalar(select(Board.id).where(Board.slug == EMPTY_BOARD)) is None:
            section = db.scalars(select(Section.id).order_by(Section.position.desc()).limit(1)).one()
            mode = ModerationMode.GUARD_ONLY
            plan = BoardPlan(section, "Leeg", "Hier stond nog niets.", everyone, everyone, mode, (), False, 99)
            add_board(db, EMPTY_BOARD, plan)


def addresses(looker: Looker, forum: FastAPI) -> Iterator[tuple[str, str]]:
    """Name and address of every page that one can open. A gap without a value is a KeyError: give it one above."""
    for route in every_route(forum):
        if "GET" in (route.methods or ()) and route.name not in FOR_MACHINES:
            yield route.name, route.path.format_map({**looker.fill, **looker.own.get(route.name, {})})


# --- error pages ---------------------------------------------------------------------------------------------------


FilledReply = Annotated[Filled[ReplyForm], Depends(filled(ReplyForm))]
BROKEN: dict[int, Callable[[], Exception]] = {
    403: lambda: Forbidden("This conversation is closed. You can still read it."),
    404: NotFound,
    409: Conflict,
    413: BodyTooLarge,
    429: lambda: TooMany(90),
    500: lambda: RuntimeError("planted"),
    503: lambda: OperationalError("planted", {}, Exception()),
}


def error_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    """Every error page, bare and with the words that were sent. A forum with broken routes makes them."""
    visitor = visitors(account)
    forum = build(cafe.settings.model_copy(update={"base_url": cafe.url}), with_postman=False)
    for method in (forum.get, forum.post):
        method("/broken/{status}")(open_to(EVERYONE)(_break if method == forum.get else _break_words))
    client = TestClient(forum, base_url=cafe.url, raise_server_exceptions=False)
    client.headers["sec-fetch-site"] = "same-origin"
    secret = account.secret if account else None
    if secret:
        client.cookies.set("s", secret)

    def answer(route: Route) -> None:
        path, words = urlsplit(route.request.url).path, urlsplit(route.request.url).query
        token = forum.state.form_tokens.make(secret)
        sent = client.post(path, data={"form_token": token, "text": words}) if words else client.get(path)
        route.fulfill(status=sent.status_code, headers=dict(sent.headers), body=sent.content)

    visitor.page.route("**/broken/*", answer)
    for status in BROKEN:
        visitor.go(f"/broken/{status}", status)
        yield visitor, f"error {status}"
        visitor.go(f"/broken/{status}?Dag.", status)
        yield visitor, f"error {status}, with words"
    forum.state.database.close()


def _break(visit: Visit, status: int) -> Response:
    raise BROKEN[status]()


def _break_words(visit: Visit, status: int, form: FilledReply) -> Response:
    raise BROKEN[status]()


# --- walks: each stop is a page in another state --------------------------------------------------------------------


def guests_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    guest = visitors(account)
    go_on = nl("Go on")
    guest.go("/sign-up")
    guest.tap("button", go_on)
    yield guest, "sign-up: too young"
    guest.go("/sign-up")
    guest.find("checkbox", text_of("aanmelden.begin.leeftijd")).check()
    guest.tap("button", go_on)
    yield guest, "sign-up: consent missing"
    for key in ("aanmelden.begin.leeftijd", "toestemming.bewaren", "toestemming.tonen"):
        guest.find("checkbox", text_of(key)).check()
    guest.tap("button", go_on)
    yield guest, "sign-up: name"
    guest.tap("button", go_on)
    yield guest, "sign-up: name missing"
    guest.type(text_of("aanmelden.naam.label"), "Lezer op de bank")
    guest.find("radio", text_of("aanmelden.rol.naaste")).check()
    guest.tap("button", go_on)
    yield guest, "sign-up: rules"
    guest.tap("button", go_on)
    yield guest, "sign-up: rules not accepted"
    guest.find("checkbox", text_of("aanmelden.regels.akkoord")).check()
    guest.tap("button", go_on)
    yield guest, "sign-up: mail"
    guest.tap("button", text_of("aanmelden.inloggen.knop_wachtzin"))
    yield guest, "sign-up: a sentence for you"
    guest.tap("button", text_of("aanmelden.regels.knop"))
    yield guest, "sign-up: address missing"
    guest.go("/sign-in")
    guest.tap("button", nl("Sign in"))
    yield guest, "sign-in: address missing"
    guest.type(nl("Mail address"), "niemand@voorbeeld.example")
    guest.page.locator("input[type=password]").fill("een verkeerd wachtwoord")
    guest.tap("button", nl("Sign in"))
    yield guest, "sign-in: they do not belong together"
    guest.go("/display")
    guest.page.get_by_role("group", name=nl("Letters")).get_by_role("radio").last.check()
    guest.tap("button", nl("Try first"))
    yield guest, "display: tried"


def members_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    member = visitors(account)
    member.go("/boards/samen-lezen/write")
    member.tap("button", nl("Place it"))
    yield member, "write: something is missing"
    member.type(nl("Title"), "Wat helpt bij jullie tegen kou?")
    member.type(nl("Your text"), "Ik draag twee paar sokken. **Wat doen jullie?**\n\n> Koud is koud.\n\n- een\n- twee")
    member.tap("button", nl("Look at it first"))
    yield member, "write: preview"
    member.type(nl("Your text"), f"Ik las dit: {ADVICE} En je moet magnesium nemen.")
    member.tap("button", nl("Look at it first"))
    yield member, "write: preview with coach"
    member.type(nl("Your text"), DESPAIR)
    member.tap("button", nl("Look at it first"))
    yield member, "write: preview with help"
    member.type(nl("Your text"), f"Dag allemaal. {ADVICE}")
    member.tap("button", nl("Place it"))
    yield member, "write: stopped"
    member.type(nl("Your text"), f"Dag allemaal. {DESPAIR}")
    member.tap("button", text_of("scherm.knop_aanpassen"))
    yield member, "write: held, with help"
    member.tap("link", nl("To the conversation"))
    yield member, "thread: only for its writer"
    member.go("/my-posts")
    yield member, "my posts: it waits"
    member.tap("link", nl("Change it"), "Wat helpt")
    member.type(nl("Your text"), "")
    member.tap("button", nl("Keep the change"))
    yield member, "edit: empty"
    member.type(nl("Your text"), f"Ik bedoelde: {ADVICE}")
    member.tap("button", nl("Look at it first"))
    yield member, "edit: preview with coach"
    thread = cafe.thread(cafe.account("wollensok"), "samen-lezen", "Lang gesprek")
    post = cafe.opening_of(thread)
    for _ in range(7):
        post = cafe.reply(thread, cafe.account("wollensok"), "En toen zat ik ineens heel diep in dit gesprek.", to=post)
    member.go(f"/threads/{thread}")
    for summary in member.page.locator("main summary").all():
        summary.click()
    yield member, "thread: deep, all opened"
    member.go(f"/threads/{thread}/reply/{post}")
    member.tap("button", nl("Place the answer"))
    yield member, "reply: empty"
    member.go(f"/posts/{post}/report")
    member.tap("button", nl("Send the report"))
    yield member, "report: no reason"
    member.page.get_by_role("radio").last.check()
    member.tap("button", nl("Send the report"))
    yield member, "report: received"
    member.go("/account/password")
    member.page.get_by_role("main").get_by_role("button").first.click()
    yield member, "password: missing"
    member.go(f"/boards/{EMPTY_BOARD}")
    yield member, "board: empty"
    member.go("/account/devices?said=device")
    yield member, "devices: signed out"
    member.go("/display?kept=1")
    yield member, "display: kept"


def newcomers_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    """What stands there when there is nothing: for somebody new, and for a desk without work."""
    newcomer = visitors(cafe.newcomer())
    for path in ("/my-posts", "/inbox", "/account/consents"):
        newcomer.go(path)
        yield newcomer, f"{path}: empty"
    idle = visitors(cafe.grant(cafe.newcomer(), Role.MODERATOR, EMPTY_BOARD))
    idle.go("/moderation/queue")
    yield idle, "queue: empty"
    silent = visitors(cafe.newcomer())
    silent.go("/account/consents")
    silent.tap("button", nl("Take my yes back"))
    yield silent, "consents: taken back"
    silent.go("/write")
    yield silent, "where: nowhere, without consent"


def moderators_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    moderator = visitors(account)
    for show in ("mine", "reports", "all&board=dagelijks-leven"):
        moderator.go(f"/moderation/queue?show={show}")
        yield moderator, f"queue: {show}"
    case = cafe.case(cafe.newcomer(), f"Dag. {ADVICE}")
    moderator.go(f"/moderation/cases/{case}")
    moderator.tap("button", nl("Take it up"))
    yield moderator, "case: taken up"
    moderator.page.get_by_role("radio", name=nl(ACTIONS[Action.REFUSE])).check()
    for tick in moderator.page.get_by_role("checkbox").all():
        tick.uncheck()
    moderator.page.get_by_role("combobox", name=nl("Which rule?")).select_option("0")
    moderator.tap("button", nl("Decide and send the letter"))
    yield moderator, "case: rule and sentence missing"
    moderator.page.get_by_role("combobox", name=nl("Which rule?")).select_option("1")
    moderator.page.get_by_role("checkbox").first.check()
    moderator.tap("button", nl("Read the letter first"))
    yield moderator, "case: the letter"
    late = cafe.case(cafe.newcomer(), f"Dag. {ADVICE}")
    colleague = visitors(cafe.account("karin"))
    moderator.go(f"/moderation/cases/{late}")
    colleague.go(f"/moderation/cases/{late}")
    colleague.tap("button", nl("Take it up"))
    moderator.tap("button", nl("Take it up"))
    yield moderator, "case: somebody else has it"
    colleague.tap("button", nl(ACTIONS[Action.APPROVE]))
    moderator.go(f"/moderation/cases/{late}")
    yield moderator, "case: decided"
    moderator.go("/moderation/queue?done=approve")
    yield moderator, "queue: done"
    moderator.go(f"/moderation/cases/{cafe.case(cafe.newcomer(), DESPAIR)}")
    yield moderator, "case: danger"


def administrators_walk(cafe: Cafe, visitors: Visitors, account: Account | None) -> Iterator[Stop]:
    administrator = visitors(account)
    for path in ("/administration/boards/new", "/administration/sections/new"):
        administrator.go(path)
        administrator.tap("button", nl("Save"))
        yield administrator, f"{path}: something is missing"
    for name in ("Willemijn", "Niemand die zo heet"):
        administrator.go(f"/administration/members?name={name}")
        yield administrator, f"roles of {name}"


WALKS: dict[str, tuple[Callable[[Cafe, Visitors, Account | None], Iterator[Stop]], ...]] = {
    "guest": (guests_walk, error_walk),
    "lotgenoot": (members_walk, error_walk),
    "naaste": (members_walk,),
    "moderator": (moderators_walk, newcomers_walk),
    "administrator": (administrators_walk,),
}
