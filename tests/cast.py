"""The cast of the tests: Anna and Bram write, Nora is a naaste, Mo moderates, Ada administers. Written straight to the
database, so that a test begins where its story begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.boards.tables import Audience, Board, BoardAccess, ModerationMode, Section
from app.kit import clock
from app.kit.db import Database
from app.kit.ids import hash_of, new_secret
from app.members.names import skeleton
from app.members.tables import Consent, Member, MemberSession, Purpose, Relation, Role, RoleGrant
from app.posting.reply import submit_reply
from app.posting.start_thread import Opening, start_thread
from app.posting.write import House
from app.threads.tables import Kind, Post, Thread, ThreadAudience, Wish

_numbers = count(1)
ALL = frozenset(Audience) - {Audience.GUEST}
OPEN_HOUSE = House(first_posts_read=0)


@dataclass(frozen=True)
class Person:
    """A member with a device that is signed in; `secret` is what its cookie holds."""

    id: int
    public_id: str
    pseudonym: str
    secret: str


class Cast:
    """Makes members, boards and conversations."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.board = self.make_board("dagelijks", writers=ALL)
        self.anna = self.make_member("Anna")
        self.bram = self.make_member("Bram")
        self.nora = self.make_member("Nora", Relation.NAASTE)
        self.mo = self.make_member("Mo", role=Role.MODERATOR)
        self.mia = self.make_member("Mia", role=Role.MODERATOR)
        self.ada = self.make_member("Ada", role=Role.ADMINISTRATOR)

    def make_board(
        self,
        slug: str,
        readers: frozenset[Audience] = ALL,
        writers: frozenset[Audience] = ALL,
        mode: ModerationMode = ModerationMode.GUARD_ONLY,
    ) -> int:
        """A board in a section of its own; answers its id."""
        with self.database.writing() as db:
            number = next(_numbers)
            section = Section(slug=f"s-{slug}", title=f"Deel {slug}", description="Een deel.", position=number)
            db.add(section)
            db.flush()
            board = Board(
                section_id=section.id,
                slug=slug,
                title=f"Rubriek {slug}",
                description="Een rubriek.",
                moderation_mode=mode,
                rules="1",
                position=number,
            )
            db.add(board)
            db.flush()
            db.add_all(BoardAccess(board_id=board.id, audience=one, may_write=one in writers) for one in readers)
            return board.id

    def make_member(
        self,
        pseudonym: str,
        relation: Relation = Relation.LOTGENOOT,
        role: Role | None = None,
        board_id: int | None = None,
        shows_posts: bool = True,
        password_hash: str | None = None,
    ) -> Person:
        """A confirmed member who is signed in on one device."""
        now = clock.now()
        with self.database.writing() as db:
            member = Member(
                pseudonym=pseudonym,
                skeleton=skeleton(pseudonym),
                email=f"{pseudonym.casefold()}@voorbeeld.example",
                relation=relation,
                joined_at=now - timedelta(days=400),
                confirmed_at=now - timedelta(days=400),
                display="",
                password_hash=password_hash,
            )
            db.add(member)
            db.flush()
            purposes = [Purpose.KEEP_HEALTH, *([Purpose.SHOW_POSTS] if shows_posts else [])]
            db.add_all(
                Consent(member_id=member.id, purpose=one, text_version="1", text_hash="", given_at=now)
                for one in purposes
            )
            if role is not None:
                db.add(RoleGrant(member_id=member.id, role=role, board_id=board_id, granted_at=now))
            secret = new_secret()
            db.add(
                MemberSession(
                    member_id=member.id,
                    secret_hash=hash_of(secret),
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + timedelta(days=1),
                    device="Test",
                )
            )
            return Person(member.id, member.public_id, pseudonym, secret)

    def thread(
        self,
        text: str = "Ik slaap slecht door mijn voeten. Hoe doen jullie dat?",
        title: str = "Slapen met pijnlijke voeten",
        author: Person | None = None,
        board_id: int | None = None,
        audience: ThreadAudience = ThreadAudience.BOARD,
        wish: Wish = Wish.EXPERIENCES,
        now: datetime | None = None,
        house: House = OPEN_HOUSE,
    ) -> str:
        """A conversation, placed if the guard lets it pass; answers its public id."""
        with self.database.writing() as db:
            board = db.get_one(Board, board_id or self.board)
            opening = Opening(title, text, Kind.QUESTION, wish, audience)
            posted = start_thread(db, board, (author or self.anna).id, opening, house, now or clock.now())
            return posted.post.thread.public_id

    def reply(
        self,
        thread_id: str,
        text: str,
        author: Person | None = None,
        to: str | None = None,
        house: House = OPEN_HOUSE,
        now: datetime | None = None,
    ) -> str:
        """An answer; answers the post's public id."""
        with self.database.writing() as db:
            thread = thread_row(db, thread_id)
            parent = post_row(db, to) if to else None
            posted = submit_reply(db, thread, (author or self.bram).id, text, parent, house, now or clock.now())
            return posted.post.public_id

    def opening_of(self, thread_id: str) -> str:
        """The public id of a conversation's opening post."""
        with self.database.reading() as db:
            of_thread = (Post.thread_id == Thread.id, Thread.public_id == thread_id, Post.parent_id.is_(None))
            return db.scalars(select(Post.public_id).join(Thread).where(*of_thread)).one()


def thread_row(db: Session, public_id: str) -> Thread:
    """A thread with its board, as the verbs want it."""
    thread = db.scalars(select(Thread).where(Thread.public_id == public_id)).one()
    db.refresh(thread, ["board"])
    return thread


def post_row(db: Session, public_id: str) -> Post:
    """A post with its thread and board, as the verbs want it."""
    post = db.scalars(select(Post).where(Post.public_id == public_id)).one()
    db.refresh(post, ["thread"])
    db.refresh(post.thread, ["board"])
    return post
