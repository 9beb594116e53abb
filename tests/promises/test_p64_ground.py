"""The ground of the promises about requests: a café in which every page has something to show and every form works.

Here stands, for each route, an address that exists and for each form a filling that is taken. A new route without one
fails the first test below, so no promise about "all routes" can grow holes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import MetaData, select, text, update

from app.boards.tables import Audience, ModerationMode
from app.kit import clock
from app.kit.db import Base
from app.kit.ids import hash_of, new_id, new_secret
from app.kit.mail import Mail
from app.kit.permission import policy_of
from app.kit.settings import Settings
from app.main import build, every_route
from app.members import passwords
from app.members.links import make_link
from app.members.register import SignUp, carry
from app.members.tables import Consent, LinkPurpose, Member, MemberSession, Purpose, Relation
from app.members.viewer import Viewer
from app.moderation.report import post_for_reporting, report_post
from app.moderation.tables import Action, Letter, ReportReason
from app.notifications.tables import Notification
from app.posting.write import House
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.moderation.desk import case_id_of, decide

Say = Callable[[str], None]
Sent = dict[str, Any]

ADVICE = "Ik lees je. Je moet meteen stoppen met pregabaline."
PASSWORD = "vier paarse fietsen zingen"
# What everybody may know of the tables: alembic's own is no row of ours.
ALL_READ = House(first_posts_read=100_000)
OTHERS_TABLES = frozenset({"alembic_version"})


@dataclass
class Ground:
    """A forum with people in it. `address` and `filling` say where each route is and what its form takes."""

    forum: FastAPI
    cast: Cast
    routes: tuple[APIRoute, ...]
    waiting: str  # a conversation in which every answer waits for a moderator
    portal: BlockingPortal  # one for all requests: starting one takes longer than most answers
    tables: MetaData  # as the database has them, not as our classes say
    thread: str = ""

    # --- who asks ---------------------------------------------------------------------------------------------------

    def fresh(self, person: Person | None) -> Browser:
        """Somebody on a device of their own, so that signing one out leaves the others."""
        if person is None:
            return self._quick(Browser(self.forum))
        secret, now = new_secret(), clock.now()
        with self.cast.database.writing() as db:
            db.add(
                MemberSession(
                    member_id=person.id, secret_hash=hash_of(secret), created_at=now, last_seen_at=now,
                    expires_at=now + timedelta(days=1), device="Test",
                )
            )  # fmt: skip
        return self._quick(Browser(self.forum, Person(person.id, person.public_id, person.pseudonym, secret)))

    def _quick(self, one: Browser) -> Browser:
        one.client.portal = self.portal
        return one

    def person_for(self, route: APIRoute) -> Person | None:
        """Whom a route is meant for."""
        policy = policy_of(route.endpoint)
        assert policy is not None
        cast = self.cast
        people = {"members": cast.anna, "moderators": cast.mo, "administrators": cast.ada}
        if policy.name in people:
            return people[policy.name]
        return None if policy.name == "guests" or "secret" in route.path or "/sign-" in route.path else cast.anna

    def people(self) -> dict[str, Person | None]:
        return {"guest": None, "member": self.cast.anna, "moderator": self.cast.mo, "administrator": self.cast.ada}

    # --- where ------------------------------------------------------------------------------------------------------

    def gets(self) -> list[APIRoute]:
        return [route for route in self.routes if "GET" in route.methods]

    def posts(self) -> list[APIRoute]:
        return [route for route in self.routes if "POST" in route.methods]

    def route(self, name: str) -> APIRoute:
        return next(route for route in self.routes if route.name == name)

    def address(self, route: APIRoute) -> str:
        """An address of this route at which there is something, made for whoever `person_for` says."""
        self._prepare(route.name)
        return str(self.forum.url_path_for(route.name, **self._parameters(route)))

    def addresses(self, route: APIRoute, value: str) -> str:
        """The address of this route with this value in every place that varies."""
        return str(self.forum.url_path_for(route.name, **dict.fromkeys(route.param_convertors, value)))

    def _parameters(self, route: APIRoute) -> dict[str, str]:
        wanted, name = set(route.param_convertors), route.name
        found: dict[str, str] = {}
        if "slug" in wanted:
            found["slug"] = "s-dagelijks" if "section" in name else "dagelijks"
        if "secret" in wanted:
            found["secret"] = self.link(name)
        if "member_id" in wanted:
            found["member_id"] = self.cast.nora.public_id
        if "device_id" in wanted:
            found["device_id"] = self.device()
        if "case_id" in wanted:
            found["case_id"] = self.case(held=name == "send_release")
        if "letter_id" in wanted:
            found["letter_id"] = self.letter()
        if "thread_id" in wanted:
            found["thread_id"] = self.cast.thread(author=self.cast.bram)
            if "to" in wanted:
                found["to"] = self.cast.opening_of(found["thread_id"])
            if name == "send_unfollow":
                assert self.fresh(self.cast.anna).post(f"/threads/{found['thread_id']}/follow").status_code == 303
        if "post_id" in wanted:
            found["post_id"] = self.post_for(name)
        assert wanted <= set(found), f"say in the ground where {route.path} is"
        return found

    def post_for(self, name: str) -> str:
        """A post that this route is about."""
        cast = self.cast
        if "report" in name or "look" in name:
            return cast.reply(cast.thread(), "Ik zet een stoel naast de jouwe.", author=cast.bram)
        if "ask_moderator" in name:
            return cast.reply(cast.thread(author=cast.bram), ADVICE, author=cast.anna)
        if "sent" in name:
            return self.held(cast.anna)
        return cast.reply(cast.thread(author=cast.bram), "Ik neem een dunner laken.", author=cast.anna)

    def case(self, held: bool = False) -> str:
        """A case that waits."""
        case_id = case_id_of(self.cast, self.held(self.cast.bram))
        if held:
            assert self.fresh(self.cast.mo).post(f"/moderation/cases/{case_id}/claim").status_code == 303
        return case_id

    def letter(self) -> str:
        """An unread letter to Anna."""
        decide(self.cast, self.held(self.cast.anna), Action.APPROVE)
        with self.cast.database.reading() as db:
            newest = select(Letter.public_id).where(Letter.recipient_id == self.cast.anna.id).order_by(Letter.id.desc())
            return db.scalars(newest.limit(1)).one()

    def held(self, author: Person) -> str:
        """A post that waits, however many somebody wrote before."""
        return self.cast.reply(self.waiting, "Ik zet een stoel naast de jouwe.", author=author, house=ALL_READ)

    def device(self) -> str:
        """Another device of Anna's."""
        secret = self.fresh(self.cast.anna).person
        assert secret is not None
        with self.cast.database.reading() as db:
            of_it = MemberSession.secret_hash == hash_of(secret.secret)
            return db.scalars(select(MemberSession.public_id).where(of_it)).one()

    def link(self, name: str) -> str:
        """A link from a mail that works: of an account to confirm, or of Bram's."""
        purpose = {"confirm": LinkPurpose.CONFIRM, "link_sign_in": LinkPurpose.SIGN_IN}
        chosen = purpose.get(name.removeprefix("show_").removeprefix("send_"), LinkPurpose.NEW_PASSWORD)
        with self.cast.database.writing() as db:
            member_id = self.cast.bram.id
            if chosen is LinkPurpose.CONFIRM:
                member_id = unconfirmed(db, f"Wietske {new_id()[:6].translate(LETTERS)}").id
            return make_link(db, member_id, chosen, clock.now())

    # --- what a form takes --------------------------------------------------------------------------------------------

    def filling(self, name: str) -> Sent:
        """What the form of a route takes, so that it does what it is for."""
        state, now = self.forum.state, clock.now()
        sign_up = SignUp(
            began_at=now.timestamp() - 60,
            said=dict.fromkeys((Purpose.AGE, Purpose.KEEP_HEALTH, Purpose.HOUSE_RULES), "0" * 64),
            relation=Relation.LOTGENOOT,
            pseudonym=f"Sietske {new_id()[:6].translate(LETTERS)}",
        )
        carried = {"state": carry(state.settings.secret, sign_up)}
        number = new_id()
        section = {"title": "GBS", "description": "Voor wie GBS had.", "diagnosis": "gbs", "position": "3"}
        board = {
            "section": "s-dagelijks", "title": "Slapen", "description": "Over nachten.", "position": "2",
            "readers": [one.value for one in Audience if one is not Audience.GUEST], "writers": ["lotgenoot"],
            "moderation_mode": "guard_only", "rules": ["1"],
        }  # fmt: skip
        fillings: dict[str, Sent] = {
            "send_display": {"language": "nl", "theme": "dark", "size": "2", "lines": "1", "saver": "0"},
            "send_new_section": {**section, "slug": f"s{number}"},
            "send_section": section,
            "send_new_board": {**board, "slug": f"b{number}"},
            "send_board": board,
            "send_sign_up_consent": {"age": "yes", "keep_health": "yes", "show_posts": "yes"},
            "send_sign_up_name": {**carried, "relation": "lotgenoot", "pseudonym": "Sietske Anders"},
            "send_sign_up_rules": {**carried, "rules": "yes"},
            "send_sign_up": {**carried, "email": f"{number}@voorbeeld.example", "password": ""},
            "send_new_password": {"password": f"{PASSWORD} {number}"},
            "send_sign_in": {"email": "bram@voorbeeld.example", "password": "", "link": "yes"},
            "send_forgotten": {"email": "bram@voorbeeld.example"},
            "send_relation": {"relation": "being_examined"},
            "send_password": {"password": f"{PASSWORD} {number}"},
            "send_consent": {"purpose": "show_posts"},
            "send_consent_withdrawal": {"purpose": "show_posts"},
            "send_role_grant": {"role": "greeter", "board": ""},
            "send_role_revocation": {"role": "greeter", "board": ""},
            "send_opening": {
                "title": "Slapen", "text": "Hoe slapen jullie?", "kind": "question", "wish": "experiences",
                "audience": "board", "once": number, "step": "place",
            },
            "send_reply": {"text": "Ik ga vroeg naar bed.", "parent": "", "once": number, "step": "place"},
            "send_edit": {"text": "Ik neem nu een dikker laken.", "seen": "1", "step": "place"},
            "send_decision": {"action": "approve", "case_version": "1", "press": "decide"},
            "send_report": {"reason": "other", "words": "Kijk eens."},
            "send_inbox_read": {"until": self.newest_notification()},
            "send_steering": {"act": "pin", "board": ""},
        }  # fmt: skip
        return fillings.get(name, {})

    def _prepare(self, name: str) -> None:
        """Bring about what a form needs that no address tells."""
        cast, now = self.cast, clock.now()
        with cast.database.writing() as db:
            anna = db.get_one(Member, cast.anna.id)
            anna.password_hash, anna.relation = None, Relation.LOTGENOOT
            over = now if name == "send_consent" else None
            db.execute(
                update(Consent)
                .where(Consent.member_id == anna.id, Consent.purpose == Purpose.SHOW_POSTS)
                .values(withdrawn_at=over)
            )
        if name == "send_role_revocation":
            path = f"/administration/members/{cast.nora.public_id}/roles/grant"
            assert self.fresh(cast.ada).post(path, {"role": "greeter"}).status_code == 303
        if name == "send_next":
            self.case()

    def newest_notification(self) -> str:
        with self.cast.database.reading() as db:
            mine = Notification.member_id == self.cast.anna.id
            found = select(Notification.public_id).where(mine).order_by(Notification.id.desc()).limit(1)
            return db.scalars(found).one()

    # --- what changed -----------------------------------------------------------------------------------------------

    def rows(self) -> "Rows":
        """Every row of every table, in an order of its own."""
        with self.cast.database.reading() as db:
            return {
                table.name: tuple(sorted(repr(tuple(row)) for row in db.execute(table.select())))
                for table in self.tables.sorted_tables
                if table.name not in OTHERS_TABLES
            }


LETTERS = str.maketrans("234567", "uvwxyz")
Rows = dict[str, tuple[str, ...]]


def hash_rows(rows: Rows) -> str:
    return sha256(repr(sorted(rows.items())).encode()).hexdigest()


def changed(before: Rows, after: Rows) -> list[str]:
    """The names of the tables in which something changed."""
    return [name for name in before if before[name] != after[name]]


class Compiled(BytecodeCache):
    """Templates as they were compiled for an earlier test: compiling them all takes seconds."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def unconfirmed(db: Any, pseudonym: str, email: str = "") -> Member:
    """An account that waits for its link."""
    now = clock.now()
    member = Member(
        pseudonym=pseudonym, skeleton=f"?{new_id()}", email=email or f"{new_id()}@voorbeeld.example",
        relation=Relation.LOTGENOOT, joined_at=now, display="",
    )  # fmt: skip
    db.add(member)
    db.flush()
    return member


def make_ground(settings: Settings, portal: BlockingPortal) -> Ground:
    """The forum without rate limits, for tests that ask a lot; and with something of everything in it."""
    forum = build(settings.model_copy(update={"limits_factor": 100_000}), with_postman=False)
    for environment in forum.state.pages._environments.values():
        environment.bytecode_cache = COMPILED
    cast, tables = Cast(forum.state.database), MetaData()
    careful = cast.make_board("voorzichtig", mode=ModerationMode.NEW_MEMBERS_FIRST)
    waiting = cast.thread(board_id=careful, author=cast.nora)
    with cast.database.reading() as db:
        tables.reflect(db.connection(), resolve_fks=False)
    ground = Ground(forum, cast, tuple(every_route(forum)), waiting, portal, tables)
    ground.thread = cast.thread(author=cast.anna)
    post = cast.reply(ground.thread, "Bij mij helpt een dunner laken.", author=cast.bram)
    cast.reply(ground.thread, "Dank je, dat probeer ik.", author=cast.anna, to=post)
    ground.held(cast.bram)
    ground.letter()
    with cast.database.writing() as db:
        viewer = Viewer(cast.nora.id, relation=Relation.NAASTE)
        report_post(db, post_for_reporting(db, viewer, post), cast.nora.id, ReportReason.OTHER, "Kijk.", clock.now())
    return ground


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(name="ground")
def the_ground(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    with start_blocking_portal() as portal:
        ground = make_ground(settings, portal)
        yield ground
    ground.forum.state.database.close()


def test_the_ground_has_every_page_and_every_form(ground: Ground, say: Say) -> None:
    for route in ground.gets():
        who = ground.fresh(ground.person_for(route))
        answer = who.get(ground.address(route))
        assert answer.status_code == 200 or answer.headers.get("location"), f"{route.path}: {answer.status_code}"
    nothing = []
    for route in ground.posts():
        address, filling, who = (
            ground.address(route),
            ground.filling(route.name),
            ground.fresh(ground.person_for(route)),
        )
        before = ground.rows()
        answer = who.post(address, filling)
        assert answer.status_code in {200, 303}, f"{route.path}: {answer.status_code} {answer.text}"
        if not changed(before, ground.rows()):
            nothing.append(route.name)
    steps = {"send_sign_up_consent", "send_sign_up_name", "send_sign_up_rules", "send_sign_out"}
    assert set(nothing) <= steps, f"these forms were taken and changed nothing: {set(nothing) - steps}"
    say(f"the ground: {len(ground.gets())} pages answer, {len(ground.posts())} forms are taken")


def test_the_ground_sees_one_changed_row(ground: Ground) -> None:
    """Control of every test that says that nothing changed."""
    before = ground.rows()
    assert hash_rows(before) == hash_rows(ground.rows())
    with ground.cast.database.writing() as db:
        db.execute(text("UPDATE members SET display = 'x' WHERE id = :id"), {"id": ground.cast.anna.id})
    assert changed(before, ground.rows()) == ["members"]
    assert set(before) == set(Base.metadata.tables), "each table is looked at"
    assert before[Mail.__tablename__], "and there is something in it"
