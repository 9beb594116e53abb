"""Withdraw a post of one's own. An empty place stays when it was answered."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.moderation.queue import close_case
from app.threads.lifecycle import lock_post, move_post
from app.threads.tables import Post, PostState


def withdraw_post(db: Session, post: Post, now: datetime) -> None:
    """Take it away from everybody else; an open case about it is closed, unless somebody may be in danger."""
    lock_post(db, post)
    move_post(db, post, PostState.WITHDRAWN, now)
    close_case(db, post, now)
