"""Sending a form twice makes one post (promise P52): each form carries a key of its own."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.kit.errors import Conflict
from app.kit.messages import N_
from app.threads.tables import Post, Submission


def begin_once(db: Session, member_id: int, key: str, words: str, now: datetime) -> Post | None:
    """Claim this key. None: it is new, go on. A post: it was sent before, and this is what became of it.

    A second request that comes in meanwhile waits here until the first is done. The same key with other words raises
    `Conflict`: nothing is overwritten and nothing is thrown away.
    """
    digest = sha256(words.encode("utf-8")).hexdigest()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = db.execute(
        insert(Submission)
        .values(member_id=member_id, key=key, digest=digest, sent_at=now)
        .on_conflict_do_nothing()
        .returning(Submission.key)
    ).first()
    if made is not None:
        return None
    earlier = db.execute(
        select(Submission.digest, Post)
        .join(Post, Post.id == Submission.post_id)
        .where(Submission.member_id == member_id, Submission.key == key)
    ).first()
    if earlier is None or earlier.digest != digest:
        raise Conflict(N_("You sent this form before, with other words. The first text is kept. Here is the new one."))
    post: Post = earlier.Post
    return post


def end_once(db: Session, member_id: int, key: str, post: Post) -> None:
    """Remember which post came of this key."""
    db.execute(
        update(Submission).where(Submission.member_id == member_id, Submission.key == key).values(post_id=post.id)
    )


def forget_submissions(db: Session, now: datetime) -> None:
    """Drop the keys of forms that were sent more than a week ago: nobody sends those again."""
    db.execute(delete(Submission).where(Submission.sent_at < now - timedelta(days=7)))
