"""Threads, posts and their revisions, with what the guard found in each."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.boards.tables import Board
from app.guard.verdict import Label, Outcome
from app.kit.db import Base, UtcDateTime, choice
from app.kit.ids import new_id
from app.members.tables import Member


class Kind(StrEnum):
    """What sort of conversation it is."""

    QUESTION = "question"
    EXPERIENCE = "experience"
    TIP = "tip"
    HEART = "heart"  # getting something off one's chest
    MEETING = "meeting"


class Wish(StrEnum):
    """What the writer would like in return."""

    LISTEN = "listen"
    EXPERIENCES = "experiences"
    TIPS = "tips"


class ThreadAudience(StrEnum):
    """Who reads along: everyone the board allows, or fellow patients only."""

    BOARD = "board"
    LOTGENOTEN = "lotgenoten"


class PostState(StrEnum):
    """The one state a post is in. The moves between them stand in `lifecycle.MOVES`."""

    HELD = "held"
    BLOCKED = "blocked"
    RETURNED = "returned"
    REFUSED = "refused"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class Thread(Base):
    """A conversation. Title, counts and last moment are recomputed by `lifecycle.refresh_thread`, never added to."""

    __tablename__ = "threads"
    __table_args__ = (Index("ix_threads_board_last", "board_id", "last_post_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    wish: Mapped[Wish] = mapped_column(choice(Wish, "wish"))
    audience: Mapped[ThreadAudience] = mapped_column(choice(ThreadAudience, "audience"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What others may know of it: empty, 0 and None as long as nothing in it is published.
    title: Mapped[str] = mapped_column(String(120), default="")
    published_count: Mapped[int] = mapped_column(default=0)
    last_position: Mapped[int] = mapped_column(default=0)
    last_post_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    board: Mapped[Board] = relationship(lazy="raise")
    author: Mapped[Member | None] = relationship(lazy="raise")


class ThreadPlacement(Base):
    """A second board in which a moderator shows a thread; it is written in under the rules of its home."""

    __tablename__ = "thread_placements"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"), primary_key=True, index=True)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Post(Base):
    """A post. `position` is its place in order of publication, and so its page, for ever; None until then."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("thread_id", "position"),
        Index("ix_posts_thread_state", "thread_id", "state"),
        Index("ix_posts_author_state", "author_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    state: Mapped[PostState] = mapped_column(choice(PostState, "state"))
    position: Mapped[int | None]
    revision_number: Mapped[int] = mapped_column(default=1)  # the one that is shown; a later one waits for a moderator
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hidden_rule: Mapped[int | None]  # the rule that a hidden post's stub names

    thread: Mapped[Thread] = relationship(lazy="raise")
    author: Mapped[Member | None] = relationship(lazy="raise")

    @property
    def is_opening(self) -> bool:
        return self.parent_id is None


class Revision(Base):
    """One text of a post: as typed, and as clean HTML. Never changed; an edit makes the next one."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str | None] = mapped_column(String(120))  # of an opening post
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    render_version: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    ruleset: Mapped[str] = mapped_column(String(40))
    waits_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # a moderator looks, while an earlier one is shown
    banners: Mapped[str] = mapped_column(String(300), default="")  # keys of standing texts, with spaces between

    post: Mapped[Post] = relationship(lazy="raise")


class RevisionFinding(Base):
    """What the guard found in a revision: the very characters, the rule, and the pattern that says why."""

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), index=True)
    in_title: Mapped[bool]
    pattern: Mapped[str] = mapped_column(String(60))
    label: Mapped[Label] = mapped_column(choice(Label, "label"))
    rule: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    medicine: Mapped[str | None] = mapped_column(String(80))


class Submission(Base):
    """A form that was sent, by its own key: sending it twice makes one post (promise P52)."""

    __tablename__ = "submissions"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
