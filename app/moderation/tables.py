"""Cases, reports, decisions, letters and the journal."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.db import Base, UtcDateTime, choice
from app.kit.ids import new_id
from app.members.tables import Member
from app.threads.tables import Post


class CaseState(StrEnum):
    """Where a case stands. With the author: returned, and out of the queue until they answer."""

    WAITING = "waiting"
    WITH_AUTHOR = "with_author"
    DECIDED = "decided"


class CaseReason(StrEnum):
    """Why a case is in the queue, in words a moderator reads."""

    HELP = "help"  # somebody may be in danger: always on top
    RULE = "rule"  # the guard found something
    NEW_MEMBER = "new_member"
    BOARD_FIRST = "board_first"  # everything (or every new thread) waits in this board
    REQUEST = "request"  # the author asked a moderator to look at what the guard stopped
    REPORT = "report"
    EDIT = "edit"  # a change of a published post brought something new
    RESUBMITTED = "resubmitted"
    MODERATOR = "moderator"  # a moderator came across it


class ReportReason(StrEnum):
    """Why a reader reports a post."""

    ADVICE = "advice"
    UNKIND = "unkind"
    PRIVATE = "private"
    SELLING = "selling"
    WORRIED = "worried"
    UNLAWFUL = "unlawful"
    OTHER = "other"


class Action(StrEnum):
    """What a moderator can decide about a post."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"
    HIDE = "hide"
    RESTORE = "restore"
    KEEP = "keep"  # a reported post stays as it is
    BLOCK = "block"  # never by a moderator: the guard's own stop, for the journal and the letter


class Case(Base):
    """One thing for a moderator to look at: one post, one revision of it. At most one open case a post."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open_post",
            "post_id",
            unique=True,
            sqlite_where=text("state <> 'decided'"),
            postgresql_where=text("state <> 'decided'"),
        ),
        Index("ix_cases_queue", "state", "urgent", "waiting_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    revision_number: Mapped[int]
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), index=True)  # when opened; rights follow the thread
    state: Mapped[CaseState] = mapped_column(choice(CaseState, "case_state"))
    version: Mapped[int] = mapped_column(default=1)  # raised by every change; a decision names the one it saw
    urgent: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    post: Mapped[Post] = relationship(lazy="raise")
    claimed_by: Mapped[Member | None] = relationship(lazy="raise")


class CaseLabel(Base):
    """A reason why a case is in the queue; `rule` is the house rule, or 0."""

    __tablename__ = "case_labels"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[CaseReason] = mapped_column(choice(CaseReason, "case_reason"), primary_key=True)
    rule: Mapped[int] = mapped_column(primary_key=True, default=0)


class Report(Base):
    """A reader says that a post breaks a rule. Who that was never reaches the author."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("case_id", "reporter_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    reason: Mapped[ReportReason] = mapped_column(choice(ReportReason, "report_reason"))
    words: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Decision(Base):
    """What was decided about one revision of a post, by whom, under which rule, about which sentence."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("case_id", "case_version"),)  # each version of a case is decided on once

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    case_version: Mapped[int]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    revision_number: Mapped[int]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    action: Mapped[Action] = mapped_column(choice(Action, "action"))
    rule: Mapped[int] = mapped_column(default=0)
    sentence: Mapped[str] = mapped_column(Text, default="")
    explanation: Mapped[str] = mapped_column(Text, default="")
    noticed_by: Mapped[str] = mapped_column(String(20))  # key of the standing text `gemerkt.*`
    automatic: Mapped[str] = mapped_column(String(20))  # key of the standing text `automatisch.*`
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Letter(Base):
    """A statement of reasons (DSA art. 17) or another letter of the moderation team, whole on the site only."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # key of the standing text `brief.*`
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JournalLine(Base):
    """What was done, by whom: only ever added to. It holds hashes of the text before and after, never the text."""

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[int | None]
    post_id: Mapped[int | None]
    thread_id: Mapped[int | None]
    rule: Mapped[int] = mapped_column(default=0)
    before: Mapped[str] = mapped_column(String(80), default="")
    after: Mapped[str] = mapped_column(String(80), default="")
