"""Answer in a conversation."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.posting.write import House, Posted, write_post
from app.threads.tables import Post, Thread


def submit_reply(
    db: Session, thread: Thread, author_id: int, text: str, parent: Post | None, house: House, now: datetime
) -> Posted:
    """Write an answer to a post, or to the opening post when no other is meant. `thread.board` must be loaded."""
    if parent is None:
        parent = db.scalars(select(Post).where(Post.thread_id == thread.id, Post.parent_id.is_(None))).one()
    posted = write_post(db, thread, author_id, parent=parent, title=None, text=text, house=house, now=now)
    posted.post.thread = thread
    return posted
