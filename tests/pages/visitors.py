"""Who walks through the example café in these tests, and how a walk reads: `marja.tap("button", place)`.

A visitor sees and presses what people see and press: roles and names, never classes. Sentences come from the café's
own catalogues, so that a better word there breaks no test here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Locator, Page, expect
from sqlalchemy import exists, func, select

from app.boards.tables import Board
from app.example.accounts import EXAMPLE_DOMAIN, EXAMPLE_PASSWORD
from app.kit import clock
from app.kit.db import Database
from app.kit.messages import translate
from app.kit.settings import Settings
from app.kit.texts import standing
from app.members.by_hand import make_member
from app.members.roles import grant_role
from app.members.sessions import start_session
from app.members.tables import Member, Relation, RoleGrant
from app.members.tables import Role as GrantedRole
from app.moderation.tables import Case, Letter
from app.posting.ask_moderator import ask_moderator
from app.posting.reply import submit_reply
from app.posting.start_thread import Opening, start_thread
from app.posting.write import House
from app.threads.tables import Kind, Post, PostState, Revision, Thread, ThreadAudience, Wish
from tests.databases import SQLITE_FILE, sqlite_url
from tests.servers import Server

PASSWORD = EXAMPLE_PASSWORD
KNOWN = 3  # so many posts are placed of somebody who is new no longer
ANYONE = House(first_posts_read=0)
Role = Literal["link", "button", "checkbox", "radio", "textbox", "heading", "combobox"]

NewPage = Callable[..., Page]


def nl(message: str, **fill: object) -> str:
    """What the café says in Dutch."""
    return translate(message, "nl") % fill if fill else translate(message, "nl")


def text_of(key: str, **fill: object) -> str:
    """A standing text of the café in Dutch."""
    return standing(key, "nl", **fill)


@dataclass(frozen=True)
class Account:
    """A member with a device that is signed in: `secret` is what its cookie holds."""

    id: int
    public_id: str
    pseudonym: str
    email: str
    secret: str


class Cafe:
    """The example café as it is served: finds and makes who and what a walk needs, straight in its database."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.folder = server.log.parent
        url = sqlite_url(self.folder / SQLITE_FILE)
        self.database = Database(url)
        self.settings = Settings(_env_file=None, secret_key="s" * 40, database_url=url, var=self.folder)
        self._asked: set[int] = set()
        self._numbers = count(1)

    def close(self) -> None:
        self.database.close()

    # --- who ---------------------------------------------------------------------------------------------------------

    def account(self, name: str) -> Account:
        """One of the example accounts, by the first part of its mail address."""
        with self.database.reading() as db:
            return self._sign_in(db.scalars(select(Member).where(Member.email == f"{name}@{EXAMPLE_DOMAIN}")).one())

    def regular(self, relation: Relation = Relation.LOTGENOOT) -> Account:
        """Somebody without a role who wrote here before, of whom nothing waits, and whom no other test asked for."""
        placed = (
            select(func.count(Post.id))
            .where(Post.author_id == Member.id, Post.state == PostState.PUBLISHED)
            .scalar_subquery()
        )
        with self.database.reading() as db:
            member = db.scalars(
                select(Member)
                .where(
                    Member.relation == relation,
                    Member.id.not_in(self._asked),
                    ~exists().where(RoleGrant.member_id == Member.id),
                    ~exists().where(Post.author_id == Member.id, Case.post_id == Post.id, Case.decided_at.is_(None)),
                    placed >= KNOWN,
                )
                .order_by(Member.id.desc())
                .limit(1)
            ).one()
        self._asked.add(member.id)
        return self._sign_in(member)

    def newcomer(self, relation: Relation = Relation.LOTGENOOT) -> Account:
        """Somebody who came in a month ago and never wrote."""
        number = next(self._numbers)
        with self.database.writing() as db:
            member = make_member(
                db,
                self.settings,
                f"Nieuw aan tafel {number}",
                f"nieuw{number}@{EXAMPLE_DOMAIN}",
                relation,
                clock.now() - timedelta(days=30),
            )
        return self._sign_in(member)

    def _sign_in(self, member: Member) -> Account:
        with self.database.writing() as db:
            secret, _ = start_session(db, member.id, "Chromium", clock.now())
        return Account(member.id, member.public_id, member.pseudonym, member.email, secret)

    # --- what --------------------------------------------------------------------------------------------------------

    def thread(
        self,
        author: Account,
        board: str = "dagelijks-leven",
        title: str = "Hoe doen jullie boodschappen?",
        text: str = "Ik kom de winkel niet meer rond. Hoe doen jullie dat?",
        audience: ThreadAudience = ThreadAudience.BOARD,
        wish: Wish = Wish.EXPERIENCES,
    ) -> str:
        """A conversation that is placed; answers its public id."""
        with self.database.writing() as db:
            home = db.scalars(select(Board).where(Board.slug == board)).one()
            opening = Opening(title, text, Kind.QUESTION, wish, audience)
            posted = start_thread(db, home, author.id, opening, ANYONE, clock.now())
            assert posted.is_shown, f"the guard stopped {text!r}: {posted.judged.findings}"
            return posted.post.thread.public_id

    def reply(self, thread_id: str, author: Account, text: str, to: str | None = None, *, stopped: bool = False) -> str:
        """An answer that is placed, or one that the guard stops; answers the post's public id."""
        with self.database.writing() as db:
            thread = db.scalars(select(Thread).where(Thread.public_id == thread_id)).one()
            db.refresh(thread, ["board"])
            parent = None
            if to:
                parent = db.scalars(select(Post).where(Post.public_id == to)).one()
                db.refresh(parent, ["thread"])
            posted = submit_reply(db, thread, author.id, text, parent, ANYONE, clock.now())
            assert posted.is_shown is not stopped, f"the guard thinks otherwise: {text!r}: {posted.judged.findings}"
            return posted.post.public_id

    def case(self, author: Account, text: str) -> str:
        """A text that waits for a moderator, asked for by its writer if need be; answers the case's public id."""
        post_id = self.reply(self.thread(self.account("marja")), author, text, stopped=True)
        with self.database.writing() as db:
            post = db.scalars(select(Post).where(Post.public_id == post_id)).one()
            db.refresh(post, ["thread"])
            if post.state is PostState.BLOCKED:
                ask_moderator(db, post, clock.now())
            return db.scalars(select(Case.public_id).where(Case.post_id == post.id)).one()

    def grant(self, account: Account, role: GrantedRole, board: str = "") -> Account:
        """Give somebody a role; they are signed in again."""
        with self.database.writing() as db:
            member = db.get_one(Member, account.id)
            grant_role(db, member, role, board, None, clock.now())
        return self._sign_in(member)

    def newest_letter(self, account: Account) -> str:
        """The public id of the last letter to this member."""
        with self.database.reading() as db:
            mine = select(Letter.public_id).where(Letter.recipient_id == account.id)
            return db.scalars(mine.order_by(Letter.id.desc()).limit(1)).one()

    def opening_of(self, thread_id: str) -> str:
        """The public id of a conversation's first post."""
        with self.database.reading() as db:
            of_thread = (Post.thread_id == Thread.id, Thread.public_id == thread_id, Post.parent_id.is_(None))
            return db.scalars(select(Post.public_id).join(Thread).where(*of_thread)).one()

    def longest_thread(self) -> str:
        """The public id of the conversation that most was written in."""
        with self.database.reading() as db:
            return db.scalars(select(Thread.public_id).order_by(Thread.published_count.desc(), Thread.id)).first() or ""

    def newest_state(self, author: Account) -> PostState:
        """What became of the last text that this member sent."""
        with self.database.reading() as db:
            newest = select(Post.state).join(Revision, Revision.post_id == Post.id).where(Post.author_id == author.id)
            return db.scalars(newest.order_by(Revision.id.desc()).limit(1)).one()


@dataclass
class Visitor:
    """Somebody with a browser of their own. `taps` counts what was pressed, typing not included."""

    page: Page
    faults: list[str] = field(default_factory=list)
    taps: int = 0

    def go(self, address: str, status: int = 200) -> None:
        """Open an address; the answer must have this status."""
        answer = self.page.goto(address)
        assert answer is not None and answer.status == status, f"{address}: {answer and answer.status}"

    def find(self, role: Role, name: str, about: str = "") -> Locator:
        """What has this role and name; `about` is what follows the name for who does not see the page."""
        inside = self.page.get_by_role("main")
        if not about:
            return inside.get_by_role(role, name=name, exact=True)
        return inside.get_by_role(role, name=re.compile(f"^{re.escape(name)}.*{re.escape(about)}"))

    def tap(self, role: Role, name: str, about: str = "") -> None:
        """Press it, once, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.find(role, name, about).click()
        self.taps += 1

    def open_more(self, about: str) -> None:
        """Open what lies behind the three dots of a post."""
        self.page.locator("summary", has_text=re.compile(f"{re.escape(nl('More'))}.*{re.escape(about)}")).click()
        self.taps += 1

    def type(self, label: str, text: str) -> None:
        self.find("textbox", label).fill(text)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def sees_not(self, text: str) -> None:
        expect(self.page.get_by_role("main")).not_to_contain_text(text)

    def is_at(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)

    def sign_out(self) -> None:
        self.page.get_by_role("contentinfo").get_by_role("button", name=nl("Sign out")).click()


class Visitors:
    """Opens the door: `visitors(marja)` is Marja with a browser, `visitors()` a guest."""

    def __init__(self, cafe: Cafe, new_page: NewPage) -> None:
        self.cafe, self._new_page, self._all = cafe, new_page, list[Visitor]()
        self.requests = 0

    def __call__(self, account: Account | None = None, **how: Any) -> Visitor:
        page = self._new_page(self.cafe.url, **how)
        if account is not None:
            page.context.add_cookies([{"name": "s", "value": account.secret, "url": self.cafe.url}])
        visitor = Visitor(page)
        page.on("console", lambda message: self._listen(visitor, message))
        page.on("request", lambda _: self._count())
        page.on("pageerror", lambda error: visitor.faults.append(f"script: {error}"))
        self._all.append(visitor)
        return visitor

    def _listen(self, visitor: Visitor, message: ConsoleMessage) -> None:
        """Chromium also complains of a page that is answered with 404 or 422; such a page may be meant."""
        is_page = message.location["url"].partition("#")[0] == visitor.page.url.partition("#")[0]
        if message.type not in {"error", "warning"} or (is_page and message.text.startswith("Failed to load")):
            return
        visitor.faults.append(f"console: {message.text} ({message.location['url']})")

    def _count(self) -> None:
        self.requests += 1

    def forgive(self) -> None:
        """Forget the faults so far: a test that plants some begins anew."""
        for visitor in self._all:
            visitor.faults.clear()

    def faults(self) -> Iterator[str]:
        for visitor in self._all:
            yield from visitor.faults
