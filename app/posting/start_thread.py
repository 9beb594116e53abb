"""Start a conversation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.boards.tables import Board
from app.posting.write import House, Posted, write_post
from app.threads.tables import Kind, Thread, ThreadAudience, Wish


@dataclass(frozen=True)
class Opening:
    """What somebody starts a conversation with."""

    title: str
    text: str
    kind: Kind
    wish: Wish
    audience: ThreadAudience = ThreadAudience.BOARD


def start_thread(db: Session, board: Board, author_id: int, opening: Opening, house: House, now: datetime) -> Posted:
    """Start a thread in a board with its opening post. Others see it when that post is published."""
    thread = Thread(
        board=board,
        author_id=author_id,
        kind=opening.kind,
        wish=opening.wish,
        audience=opening.audience,
        started_at=now,
        title="",
        published_count=0,
        last_position=0,
    )
    db.add(thread)
    db.flush()
    posted = write_post(
        db, thread, author_id, parent=None, title=opening.title, text=opening.text, house=house, now=now
    )
    posted.post.thread = thread
    return posted
