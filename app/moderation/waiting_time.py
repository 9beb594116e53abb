"""How long a post waits for a moderator, said honestly: the median of what people really waited, over two weeks."""

from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.texts import standing
from app.moderation.tables import Action, Case, Decision
from app.threads.tables import Revision

OVER = timedelta(days=14)
FEWEST = 3  # fewer decisions than this say nothing
BUSY_HOURS = 8
LONG = timedelta(hours=24)


def median_wait(db: Session, now: datetime) -> timedelta | None:
    """The median time between writing and deciding of the last two weeks; None when too few were decided."""
    rows = db.execute(
        select(Revision.written_at, Decision.decided_at)
        .join(Revision, (Revision.post_id == Decision.post_id) & (Revision.number == Decision.revision_number))
        .join(Case, Case.id == Decision.case_id)
        .where(
            Decision.decided_at > now - OVER,
            Decision.action.in_((Action.APPROVE, Action.RETURN, Action.REFUSE)),
        )
    ).all()
    waits = [(decided_at - written_at).total_seconds() for written_at, decided_at in rows]
    return timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None


def waiting_words(db: Session, now: datetime, language: str) -> str:
    """What to tell somebody whose post has just begun to wait."""
    return words_for(median_wait(db, now), timedelta(0), language)


def words_for(usual: timedelta | None, waited: timedelta, language: str) -> str:
    """What to tell somebody whose post waits, given the usual wait and how long this one took so far."""
    if waited > LONG and (usual is None or waited > usual):
        return standing("wachttijd.lang", language)
    if usual is None:
        return standing("wachttijd.onbekend", language)
    hours = max(1, round(usual.total_seconds() / 3600 + 0.4))
    key = "wachttijd.druk" if hours > BUSY_HOURS else "wachttijd.gewoon"
    return standing(key, language, uren=hours)
