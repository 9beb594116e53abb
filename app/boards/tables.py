"""Sections and boards, and who may read and write in each."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, choice
from app.members.tables import Relation


class ModerationMode(StrEnum):
    """What waits for a moderator before anybody else reads it."""

    EVERYTHING_FIRST = "everything_first"
    NEW_THREADS_FIRST = "new_threads_first"
    NEW_MEMBERS_FIRST = "new_members_first"
    GUARD_ONLY = "guard_only"


class Audience(StrEnum):
    """Whom an entry in the list of a board's readers and writers is about: a relation, or a guest."""

    GUEST = "guest"
    LOTGENOOT = Relation.LOTGENOOT.value
    BEING_EXAMINED = Relation.BEING_EXAMINED.value
    NAASTE = Relation.NAASTE.value
    PARENT = Relation.PARENT.value


class Section(Base):
    """One part of the menu card: disease-wide, a diagnosis, or a table of its own."""

    __tablename__ = "sections"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(300))
    diagnosis: Mapped[str | None] = mapped_column(String(40))  # None: for every diagnosis
    position: Mapped[int]


class Board(Base):
    """A board in a section. Its slug is chosen by the administrator; what it holds has ids that cannot be guessed."""

    __tablename__ = "boards"

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id"), index=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(300))
    moderation_mode: Mapped[ModerationMode] = mapped_column(choice(ModerationMode, "moderation_mode"))
    rules: Mapped[str] = mapped_column(Text, default="")  # numbers of the house rules to stress here, with commas
    explains_medicines: Mapped[bool] = mapped_column(default=False)  # each post that names a medicine gets the banner
    position: Mapped[int]


class BoardAccess(Base):
    """Who may read a board, and who may write in it as well."""

    __tablename__ = "board_access"

    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"), primary_key=True)
    audience: Mapped[Audience] = mapped_column(choice(Audience, "audience"), primary_key=True)
    may_write: Mapped[bool]
