"""A café with something hidden in every corner, for the promises about who may see what.

Anna wrote everything: in boards for all, for patients, and in one that Omar moderates; a conversation for lotgenoten
only; posts that are held, returned, blocked, refused, hidden, withdrawn; an edit that waits and a text of before. In
each stands a word of its own, a canary, with the roles that may read it.
"""

from asyncio import AbstractEventLoop, Event, Runner
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from re import compile as pattern
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.boards.tables import Audience, Board, ModerationMode, Section
from app.kit import clock
from app.kit.db import Base, Database
from app.kit.guarding import session_cookie_name
from app.kit.ids import hash_of, new_id, new_secret
from app.kit.settings import Settings
from app.main import build, every_route
from app.members.links import make_link
from app.members.tables import LinkPurpose, Member, MemberSession, Relation, Role, RoleGrant
from app.moderation.decide import Choice, decide_case
from app.moderation.report import report_post
from app.moderation.tables import Action, Case, Letter, ReportReason
from app.notifications.notify import announce_post
from app.notifications.tables import Notification, NotificationKind
from app.posting.edit import Stale, edit_post
from app.posting.withdraw import withdraw_post
from app.posting.write import House
from app.threads.move import move_thread
from app.threads.tables import Post, PostState, ThreadAudience
from tests.cast import ALL, Cast, Person, post_row, thread_row

ROLES = ("guest", "new_member", "lotgenoot", "owner", "naaste", "moderator", "other_moderator", "administrator")
PATIENTS = frozenset({Audience.LOTGENOOT, Audience.BEING_EXAMINED})
READ_FIRST, READ_LATER = House(first_posts_read=100_000), House(first_posts_read=0)
# Where a thing stands, and in which state: for each there is a thread, a post, and mostly a case.
BOARDS = {"members_board": "dagelijks", "patients_board": "onder-ons", "other_board": "bij-omar"}
OPEN_STATES = (*BOARDS, "lotgenoten_thread")
POST_STATES = ("held", "returned", "blocked", "refused", "hidden", "withdrawn")
STATES = (*OPEN_STATES, *POST_STATES)
PATIENT_ROLES = frozenset({"new_member", "lotgenoot", "owner", "moderator"})
ADVICE = "Je moet meteen stoppen met pregabaline."
HOST = "https://cafe.example"
NOWHERE = "(?!)"
Sent = dict[str, Any]

_WORDS = pattern(r"kanarie[a-z]{12}")


def word(name: str) -> str:
    """The canary of this name: a word that stands nowhere else."""
    letters = b32encode(sha256(name.encode()).digest()).decode().lower()
    return "kanarie" + letters.translate(str.maketrans("234567", "uvwxyz"))[:12]


def words_in(text: str) -> set[str]:
    return set(_WORDS.findall(text.lower()))


@dataclass(frozen=True)
class Canary:
    """A word in something hidden. `readers` may come across it, on a page like `only_at`; anybody at `open_at`."""

    name: str
    readers: frozenset[str]
    only_at: str = ".*"
    open_at: str = NOWHERE

    def may_show(self, role: str, path: str) -> bool:
        mine = role in self.readers and pattern(self.only_at).fullmatch(path) is not None
        return mine or pattern(self.open_at).fullmatch(path) is not None


@dataclass
class World:
    """The café, its people by role, its things by kind and state, its canaries by their word."""

    forum: FastAPI
    cast: Cast
    people: dict[str, Person | None]
    things: dict[tuple[str, str], str] = field(default_factory=dict)
    canaries: dict[str, Canary] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.cast.database

    def canary(self, name: str, readers: Any = (), only_at: str = ".*", open_at: str = NOWHERE) -> str:
        made = word(name)
        self.canaries[made] = Canary(name, frozenset(readers), only_at, open_at)
        return made

    def person(self, role: str) -> Person:
        person = self.people[role]
        assert person is not None
        return person

    def keep(self, state: str, thread: str, post: str) -> None:
        self.things["thread", state], self.things["post", state] = thread, post
        with self.database.reading() as db:
            self.things["thread of post", state] = post_row(db, post).thread.public_id
            of_post = select(Case.public_id).join(Post, Post.id == Case.post_id).where(Post.public_id == post)
            case = db.scalars(of_post.order_by(Case.id.desc())).first()
        if case is not None:
            self.things["case", state] = case


# --- where things are ------------------------------------------------------------------------------------------------

KIND_OF = {"thread_id": "thread", "post_id": "post", "to": "post", "case_id": "case", "letter_id": "letter"}
SECRET_OF = {"confirm": "confirm", "link_sign_in": "sign_in", "new_password": "new_password"}


def routes_with(forum: FastAPI, method: str) -> list[APIRoute]:
    """The routes that answer to a method."""
    return [route for route in every_route(forum) if method in (route.methods or ())]


def kinds_of(route: APIRoute) -> dict[str, str]:
    """What each changing part of a route's address names: `{"slug": "board"}`."""
    found = {}
    for part in route.param_convertors:
        kind = KIND_OF.get(part, part.removesuffix("_id"))
        if part == "slug":
            kind = "section" if "section" in route.path else "board"
        if part == "thread_id" and "to" in route.param_convertors:
            kind = "thread of post"
        found[part] = kind
    return found


def random_address(world: World, route: APIRoute) -> str | None:
    """An address of a route about something that is not there; None when it is about nothing in particular."""
    parts = {part: f"niet-hier-{new_id()}" if part == "slug" else new_id() for part in route.param_convertors}
    return str(world.forum.url_path_for(route.name, **parts)) if parts else None


def addresses(world: World, route: APIRoute) -> dict[str, str]:
    """The addresses of a route by the state of what it is about; "-" when it is about nothing in particular."""
    kinds = kinds_of(route)
    if not kinds:
        return {"-": route.path}
    if "secret" in kinds:
        of = SECRET_OF[route.name.removeprefix("show_").removeprefix("send_")]
        return {of: str(world.forum.url_path_for(route.name, secret=world.things["secret", of]))}
    states = [state for kind, state in world.things if kind == list(kinds.values())[-1] and state != "moved"]
    return {
        state: str(
            world.forum.url_path_for(route.name, **{part: world.things[kind, state] for part, kind in kinds.items()})
        )
        for state in states
    }


# --- building it -----------------------------------------------------------------------------------------------------


def make_world(settings: Settings) -> World:
    """The world in a forum without limits on how often: these tests ask a lot."""
    forum = build(settings.model_copy(update={"limits_factor": 100_000}), with_postman=False)
    cast = Cast(forum.state.database)
    cast.make_board(BOARDS["patients_board"], PATIENTS, PATIENTS)
    omars = cast.make_board(BOARDS["other_board"], PATIENTS, PATIENTS)
    people = {
        "guest": None,
        "new_member": cast.make_member("Nieuwe", shows_posts=False),
        "lotgenoot": cast.make_member("Lotte"),
        "owner": cast.anna,
        "naaste": cast.nora,
        "moderator": cast.mo,
        "other_moderator": cast.make_member("Omar", Relation.NAASTE, Role.MODERATOR, omars),
        # A naaste: what an administrator reads must come of the role alone.
        "administrator": cast.make_member("Adam", Relation.NAASTE, Role.ADMINISTRATOR),
    }
    world = World(forum, cast, people)
    reporter = cast.make_member(world.canary("name of the reporter"))
    _rename_boards(world)
    _open_things(world, reporter)
    around = cast.thread("Ik kan niet slapen.", "Wakker liggen", cast.bram, _board(world, "voorzichtig"))
    for state in POST_STATES:
        thread, post = _in_state(world, state, reporter, None), _in_state(world, state, reporter, around)
        world.keep(state, thread, post)
        with world.database.reading() as db:
            of_opening = select(Case.public_id).join(Post, Post.id == Case.post_id)
            case = db.scalars(of_opening.where(Post.public_id == cast.opening_of(thread))).first()
        if case is not None:
            world.things["case of opening", state] = case
    _withdrawn_without_answers(world, around)
    _edits(world, reporter)
    _moved(world)
    _names_of_writers(world, reporter)
    _personal_things(world)
    _hide_mail_addresses(world)
    return world


def _readers_of(state: str) -> set[str]:
    return set(PATIENT_ROLES) | ({"other_moderator"} if state == "other_board" else set())


def _moderators_of(state: str) -> set[str]:
    return {"moderator", "other_moderator"} if state == "other_board" else {"moderator"}


def _rename_boards(world: World) -> None:
    """An administrator lays the menu card, and reads of these boards nothing but what stands on it."""
    with world.database.writing() as db:
        for state in ("patients_board", "other_board"):
            board = db.scalars(select(Board).where(Board.slug == BOARDS[state])).one()
            section = db.get_one(Section, board.section_id)
            for row, field_name in (
                (board, "title"),
                (board, "description"),
                (section, "title"),
                (section, "description"),
            ):
                name = f"{field_name} of the {'board' if row is board else 'section'} in {state}"
                laid = "/administration/.*"
                text = f"Deel {world.canary(name, _readers_of(state), open_at=laid)}"
                setattr(row, field_name, text)
    for state in BOARDS:
        world.things["board", state] = BOARDS[state]
        world.things["section", state] = f"s-{BOARDS[state]}"


def _board(world: World, slug: str, mode: ModerationMode = ModerationMode.NEW_MEMBERS_FIRST) -> int:
    with world.database.reading() as db:
        found = db.scalar(select(Board.id).where(Board.slug == slug))
    return found or world.cast.make_board(slug, ALL, ALL, mode)


def _open_things(world: World, reporter: Person) -> None:
    cast = world.cast
    for state in OPEN_STATES:
        secret = state != "members_board"
        readers = PATIENT_ROLES if state == "lotgenoten_thread" else _readers_of(state)
        title = world.canary(f"title in {state}", readers) if secret else "met koude voeten"
        text = world.canary(f"text in {state}", readers) if secret else "Dank jullie wel."
        audience = ThreadAudience.LOTGENOTEN if state == "lotgenoten_thread" else ThreadAudience.BOARD
        board = _board(world, BOARDS.get(state, "dagelijks"))
        thread = cast.thread(f"Hoe slapen jullie? {text}", f"Slapen {title}", cast.anna, board, audience)
        post = cast.reply(thread, f"Ik neem een extra laken. {text}", cast.anna)
        words = world.canary(f"words of the report in {state}", _moderators_of(state), "/moderation/cases/.*")
        _report(world, post, reporter, words)
        world.keep(state, thread, post)


def _in_state(world: World, state: str, reporter: Person, around: str | None) -> str:
    """A thread whose opening is in this state, or an answer `around` which it is; answers its public id."""
    cast, what = world.cast, f"{'answer' if around else 'opening'} {state}"
    readers = {"owner"} if state == "withdrawn" else {"owner", "moderator"}
    text, house = (
        world.canary(f"text of {what}", readers),
        READ_LATER if state in {"hidden", "withdrawn"} else READ_FIRST,
    )
    words = f"Ik slaap slecht. {text}" + (f" {ADVICE}" if state == "blocked" else "")
    if around is None:
        title = f"Slapen {world.canary(f'title of {what}', readers)}"
        thread = cast.thread(words, title, cast.anna, _board(world, "voorzichtig"), house=house)
        post = cast.opening_of(thread)
    else:
        thread, post = around, cast.reply(around, words, cast.anna, house=house)
    explanation = world.canary(
        f"explanation of {what}", {"owner", "moderator"}, "/(moderation/cases/|letters/|my-posts).*"
    )
    if state in {"returned", "refused"}:
        action = Action.RETURN if state == "returned" else Action.REFUSE
        decide(world, post, Choice(action, 0, 2, (words,), explanation))
    if state in {"hidden", "withdrawn"}:
        cast.reply(thread, "Dat herken ik.", cast.bram, to=post)
        only = "/moderation/cases/.*"
        _report(world, post, reporter, world.canary(f"words of the report on {what}", {"moderator"}, only))
    if state == "hidden":
        decide(world, post, Choice(Action.HIDE, 0, 2, (words,), explanation))
    if state == "withdrawn":
        with world.database.writing() as db:
            withdraw_post(db, post_row(db, post), clock.now())
    if state not in {"returned", "refused", "hidden"}:
        del world.canaries[explanation]
    with world.database.reading() as db:
        assert post_row(db, post).state is PostState(state), f"the world is not as it should be: {what}"
    return thread if around is None else post


def _withdrawn_without_answers(world: World, around: str) -> None:
    text = world.canary("text withdrawn before anybody answered", {"owner"})
    post = world.cast.reply(around, f"Ik trek dit terug. {text}", world.cast.anna)
    with world.database.writing() as db:
        withdraw_post(db, post_row(db, post), clock.now())


def _edits(world: World, reporter: Person) -> None:
    """A text of before, which the desk alone looks up; and one that waits while others read the old one."""
    cast, both = world.cast, {"owner", "moderator"}
    old = [world.canary(f"old {part}", {"moderator"}, "/moderation/cases/.*") for part in ("title", "text")]
    thread = cast.thread(f"Ik lees veel. {old[1]}", f"Lezen {old[0]}", cast.anna)
    _edit(world, cast.opening_of(thread), "Lezen in bed", "Ik lees veel, ook in bed.")
    words = world.canary("words of the report on an edited post", {"moderator"}, "/moderation/cases/.*")
    _report(world, cast.opening_of(thread), reporter, words)
    board = _board(world, "alles-eerst", ModerationMode.EVERYTHING_FIRST)
    thread = cast.thread("Ik wandel veel.", "Wandelen", cast.anna, board)
    decide(world, cast.opening_of(thread), Choice(Action.APPROVE, 0))
    new = [world.canary(f"{part} of an edit that waits", both) for part in ("title", "text")]
    _edit(world, cast.opening_of(thread), f"Wandelen {new[0]}", f"Ik wandel veel. {new[1]}")


def _edit(world: World, post_id: str, title: str, text: str) -> None:
    with world.database.writing() as db:
        post = post_row(db, post_id)
        assert not isinstance(edit_post(db, post, title, text, 1, READ_LATER, clock.now()), Stale)


def _moved(world: World) -> None:
    """A naaste wrote in a conversation that went to a board for patients: of what came after she hears nothing."""
    cast, readers = world.cast, PATIENT_ROLES
    thread = cast.thread("Ik was bij de bakker.", "Bakker", cast.bram, _board(world, "voorzichtig"))
    held = cast.reply(thread, "Ik wacht nog op de moderator.", cast.nora, house=READ_FIRST)
    with world.database.writing() as db:
        board = db.get_one(Board, _board(world, BOARDS["patients_board"]))
        move_thread(db, thread_row(db, thread), board)
    title, text = (world.canary(f"{part} after the move", readers) for part in ("title", "text"))
    _edit(world, cast.opening_of(thread), f"Bakker {title}", "Ik was bij de bakker.")
    cast.reply(thread, f"Nu onder ons. {text}", cast.bram)
    world.things["thread", "moved"], world.things["post of the naaste", "moved"] = thread, held


def _names_of_writers(world: World, reporter: Person) -> None:
    """Whoever wrote what is gone is not named any more; on a page about a member every member finds a name."""
    cast, profile = world.cast, "/members/.*"
    for state, readers in (("hidden", {"moderator"}), ("withdrawn", set[str]())):
        name = world.canary(f"name of who wrote the opening that is {state}", readers, open_at=profile)
        writer = cast.make_member(name)
        thread = cast.thread("Ik bak brood.", f"Brood {state}", writer, _board(world, "voorzichtig"))
        opening = cast.opening_of(thread)
        cast.reply(thread, "Lekker.", cast.bram, to=opening)
        if state == "hidden":
            _report(world, opening, reporter, "")
            decide(world, opening, Choice(Action.HIDE, 0, 2, ("Ik bak brood.",)))
        else:
            with world.database.writing() as db:
                withdraw_post(db, post_row(db, opening), clock.now())


def _personal_things(world: World) -> None:
    """Of the owner: a letter, a second device, a notification, links in a mail; and somebody who did not confirm."""
    now, owner = clock.now(), world.person("owner")
    with world.database.writing() as db:
        letters = select(Letter.public_id).where(Letter.recipient_id == owner.id).order_by(Letter.id)
        world.things["letter", "owners"] = db.scalars(letters).first() or ""
        device = MemberSession(
            member_id=owner.id, secret_hash=hash_of(new_secret()), created_at=now, last_seen_at=now,
            expires_at=now + timedelta(days=1), device="Test",
        )  # fmt: skip
        unconfirmed = Member(
            pseudonym="Wietske", skeleton="wietske", email="wietske@voorbeeld.example", relation=Relation.LOTGENOOT,
            joined_at=now, display="",
        )  # fmt: skip
        greets = RoleGrant(member_id=world.person("lotgenoot").id, role=Role.GREETER, granted_at=now)
        db.add_all([device, unconfirmed, greets])
        db.flush()
        world.things["device", "owners"] = device.public_id
        world.things["member", "confirmed"] = world.person("lotgenoot").public_id
        world.things["member", "unconfirmed"] = unconfirmed.public_id
        news = (Notification.member_id == owner.id, Notification.kind == NotificationKind.LETTER)
        world.things["notification", "owners"] = db.scalars(select(Notification.public_id).where(*news)).first() or ""
        for purpose, member_id in (
            (LinkPurpose.CONFIRM, unconfirmed.id),
            (LinkPurpose.SIGN_IN, owner.id),
            (LinkPurpose.NEW_PASSWORD, owner.id),
        ):
            world.things["secret", purpose.value] = make_link(db, member_id, purpose, now)
        for post in db.scalars(select(Post).where(Post.public_id == world.things["post", "members_board"])):
            announce_post(db, post.thread_id, post.public_id, post.author_id, now)


def _hide_mail_addresses(world: World) -> None:
    """Nobody's mail address stands on any page; the form for a link gives back what was typed, no more."""
    with world.database.writing() as db:
        for member in db.scalars(select(Member)):
            member.email = f"{world.canary(f'mail address of {member.pseudonym}')}@voorbeeld.example"


def _report(world: World, post_id: str, reporter: Person, words: str) -> None:
    with world.database.writing() as db:
        report_post(db, post_row(db, post_id), reporter.id, ReportReason.OTHER, f"Kijk eens. {words}", clock.now())


def decide(world: World, post_id: str, choice: Choice) -> None:
    """Let Mia decide on a post as it stands; `choice` needs no version."""
    with world.database.writing() as db:
        of_post = select(Case).join(Post, Post.id == Case.post_id).where(Post.public_id == post_id)
        case = db.scalars(of_post.order_by(Case.id.desc())).first()
        assert case is not None
        made = Choice(choice.action, case.version, choice.rule, choice.sentences, choice.explanation)
        decide_case(db, case, world.cast.mia.id, made, clock.now())


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back, to look at later."""

    role: str
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    wrote: int = 0  # rows that a request changed, where that was counted

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Asking:
    """Asks as any role, in the way a server does; each request stands alone, for nothing remembers a cookie."""

    def __init__(self, world: World, loop: AbstractEventLoop) -> None:
        self.world, self._loop = world, loop
        self.cookie = session_cookie_name(world.forum.state.settings)

    def get(self, role: str, path: str, **headers: str) -> Answer:
        return self.ask(role, "GET", path, None, **headers)

    def post(self, role: str, path: str, data: Sent | None = None) -> Answer:
        return self.ask(role, "POST", path, {"form_token": self.token(role), **(data or {})})

    def token(self, role: str) -> str:
        return str(self.world.forum.state.form_tokens.make(self.secret(role)))

    def secret(self, role: str) -> str | None:
        person = self.world.people[role]
        return person.secret if person else None

    def ask(self, role: str, method: str, path: str, data: Sent | None = None, **headers: str) -> Answer:
        body = urlencode(data, doseq=True).encode() if data is not None else b""
        sent = {"host": HOST.partition("//")[2], "sec-fetch-site": "same-origin", "content-length": str(len(body))}
        if data is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
        if self.secret(role) is not None:
            sent["cookie"] = f"{self.cookie}={self.secret(role)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._loop.run_until_complete(self._ask(role, method, path, body, sent))

    async def _ask(self, role: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": plain, "raw_path": plain.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("203.0.113.7", 4711), "server": ("cafe.example", 443),
        }  # fmt: skip
        said: list[dict[str, Any]] = []

        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            part = next(parts, None)
            if part is None:  # whoever asked waits for the answer and does not hang up
                await Event().wait()
            assert part is not None
            return part

        async def send(message: Any) -> None:
            said.append(message)

        await self.world.forum(scope, receive, send)
        lines = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in said[0]["headers"])
        text = b"".join(message.get("body", b"") for message in said[1:]).decode(errors="replace")
        return Answer(role, method, path, said[0]["status"], lines, text)


@contextmanager
def asking(world: World) -> Iterator[Asking]:
    with Runner() as runner:
        yield Asking(world, runner.get_loop())


class Undone(Database):
    """A database in which every request is undone after it was answered, so that none stands in the way of the next.

    `wrote` are the statements of the last transaction that would have been committed and changed a row; `look` sees
    that transaction's rows just before they are undone.
    """

    def __init__(self, like: Database) -> None:
        super().__init__(like.url.render_as_string(hide_password=False))
        self._info = like._info  # the settings it was opened with
        self._statements: list[str] = []
        self.wrote: list[str] = []
        self.look: Any = None
        event.listen(self.engine, "after_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"} and cursor.rowcount != 0:
            self._statements.append(statement)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False, info=self._info) as session:
            self._statements = []
            yield session
            session.flush()
            self.wrote += self._statements
            if self.look is not None:
                self.look(session)
            session.rollback()


@contextmanager
def undone(world: World) -> Iterator[Undone]:
    """While this lasts nothing that is asked of the forum stays."""
    state, real = world.forum.state, world.forum.state.database
    state.database = Undone(real)
    try:
        yield state.database
    finally:
        state.database.close()
        state.database = real


# --- all rows --------------------------------------------------------------------------------------------------------

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def rows_of(db: Session) -> Rows:
    """Every row of every table, by its key."""
    rows: Rows = {}
    for table in Base.metadata.sorted_tables:
        keys = [column.name for column in table.primary_key.columns]
        found = db.execute(table.select()).mappings()
        rows[table.name] = {tuple(row[key] for key in keys): dict(row) for row in found}
    return rows


def hash_of_rows(rows: Rows) -> str:
    lines = sorted(f"{table} {key!r} {sorted(row.items())!r}" for table, of in rows.items() for key, row in of.items())
    return sha256("\n".join(lines).encode()).hexdigest()


def changes(before: Rows, after: Rows) -> dict[tuple[str, str, str], Any]:
    """What differs: (table, what happened, column) → the values, in an order of their own."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for table in before:
        for key in sorted({*before[table], *after[table]}, key=repr):
            old, new = before[table].get(key), after[table].get(key)
            kind = "added" if old is None else "gone" if new is None else "changed"
            for column, value in (new or old or {}).items():
                if kind != "changed" or (old or {})[column] != value:
                    found.setdefault((table, kind, column), []).append(repr(value))
    return {key: tuple(values) for key, values in found.items()}
