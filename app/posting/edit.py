"""Change a post of one's own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.errors import Conflict
from app.kit.messages import N_
from app.posting.write import House, Posted, write_revision
from app.threads.access import EDITABLE
from app.threads.lifecycle import lock_post
from app.threads.tables import Post, Revision


@dataclass(frozen=True)
class Stale:
    """The post was changed elsewhere since this text was opened; nothing was written (promise P54)."""

    newer: Revision


def newest_revision(db: Session, post: Post) -> Revision:
    """The last text that was written of a post, shown or not."""
    return db.scalars(
        select(Revision).where(Revision.post_id == post.id).order_by(Revision.number.desc()).limit(1)
    ).one()


def edit_post(
    db: Session, post: Post, title: str | None, text: str, seen_number: int, house: House, now: datetime
) -> Posted | Stale:
    """Write a new text, if nobody changed the post since `seen_number`. The same text again changes nothing."""
    lock_post(db, post)
    if post.state not in EDITABLE:
        raise Conflict(N_("This post has changed in the meantime. Look at how it stands now."))
    newest = newest_revision(db, post)
    if newest.number != seen_number:
        return Stale(newest)
    return write_revision(db, post, title=title if post.is_opening else None, text=text, house=house, now=now)
