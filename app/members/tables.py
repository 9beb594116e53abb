"""Members and what hangs on them: sessions, links by mail, roles, consents."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, UtcDateTime, choice
from app.kit.ids import new_id


class Relation(StrEnum):
    """How a member relates to the disease."""

    LOTGENOOT = "lotgenoot"  # fellow patient; the word has no English
    BEING_EXAMINED = "being_examined"
    NAASTE = "naaste"  # partner, family, friend
    PARENT = "parent"


class Role(StrEnum):
    """What a member may do for the café. Granted by a person, never earned by activity."""

    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    GREETER = "greeter"
    CONTACT_PERSON = "contact_person"
    GROUP_LEADER = "group_leader"


class Purpose(StrEnum):
    """What a member said yes to. Each is asked apart, unticked."""

    KEEP_HEALTH = "keep_health"  # what I write about my health is kept
    SHOW_POSTS = "show_posts"  # members may read it
    HOUSE_RULES = "house_rules"
    AGE = "age"  # 16 or older


class LinkPurpose(StrEnum):
    """What a link by mail is for; it does nothing else."""

    CONFIRM = "confirm"
    SIGN_IN = "sign_in"
    NEW_PASSWORD = "new_password"


class Member(Base):
    """An account under a pen name. Until it is confirmed it is an attempt: others may have made one with this
    address."""

    __tablename__ = "members"
    __table_args__ = (
        Index(
            "uq_members_email_confirmed",
            "email",
            unique=True,
            sqlite_where=text("confirmed_at IS NOT NULL"),
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    pseudonym: Mapped[str] = mapped_column(String(40))
    skeleton: Mapped[str] = mapped_column(String(80), unique=True)  # two names that look alike have the same one
    email: Mapped[str] = mapped_column(String(254), index=True)  # lower case
    password_hash: Mapped[str | None] = mapped_column(String(200))
    relation: Mapped[Relation] = mapped_column(choice(Relation, "relation"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    display: Mapped[str] = mapped_column(String(40), default="")


class MemberSession(Base):
    """A device that is signed in. Only the hash of its secret is kept."""

    __tablename__ = "member_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device: Mapped[str] = mapped_column(String(80))


class MailLink(Base):
    """A link that was mailed: one purpose, once, for a short time. Nobody's link (for an unknown address) opens
    nothing: it is there so that asking for one is the same work, and takes as long, for every address."""

    __tablename__ = "mail_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose, "purpose"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoleGrant(Base):
    """A role of a member, in one board or (without a board) in all."""

    __tablename__ = "role_grants"
    __table_args__ = (
        UniqueConstraint("member_id", "role", "board_id"),
        # NULLs are never equal in a unique constraint; this one holds for "all boards".
        Index(
            "uq_role_grants_everywhere",
            "member_id",
            "role",
            unique=True,
            sqlite_where=text("board_id IS NULL"),
            postgresql_where=text("board_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    board_id: Mapped[int | None] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))


class Consent(Base):
    """A yes of a member, with the version of the text it was said to; withdrawn ones stay as proof."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose, "purpose"))
    text_version: Mapped[str] = mapped_column(String(20))
    text_hash: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
