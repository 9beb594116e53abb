"""Sessions: a random secret in a cookie, only its hash in the database (promises D8, D9)."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app.kit.ids import hash_of, new_secret
from app.members.tables import MemberSession, Role, RoleGrant

MEMBER_TIME = timedelta(days=30)
KEY_TIME = timedelta(hours=24)  # a role is a key to other people's words


def start_session(db: Session, member_id: int, device: str, now: datetime) -> tuple[str, datetime]:
    """A new session; answers its secret, which is told this once, and when it ends."""
    has_key = db.scalar(
        select(
            exists().where(RoleGrant.member_id == member_id, RoleGrant.role.in_([Role.MODERATOR, Role.ADMINISTRATOR]))
        )
    )
    secret = new_secret()
    ends = now + (KEY_TIME if has_key else MEMBER_TIME)
    db.add(
        MemberSession(
            member_id=member_id,
            secret_hash=hash_of(secret),
            created_at=now,
            last_seen_at=now,
            expires_at=ends,
            device=device,
        )
    )
    db.flush()
    return secret, ends


def end_session(db: Session, secret_hash: str) -> None:
    """End one session; ending it twice is no harm."""
    db.execute(delete(MemberSession).where(MemberSession.secret_hash == secret_hash))


def end_sessions_of(db: Session, member_id: int) -> None:
    """Sign a member out everywhere."""
    db.execute(delete(MemberSession).where(MemberSession.member_id == member_id))
