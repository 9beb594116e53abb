"""Hold a case for a while, so that two people do not read the same one. It lapses by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from app.kit.errors import Conflict
from app.kit.messages import N_
from app.moderation.tables import Case, CaseState


@dataclass(frozen=True)
class Holder:
    """Who looks at a case now, and for how many minutes still."""

    name: str
    minutes: int
    is_viewer: bool


class CaseMoved(Conflict):
    """A case is not as this moderator saw it, or somebody else has it; the case's page says who and when."""


def claim_case(db: Session, case: Case, member_id: int, minutes: int, now: datetime) -> None:
    """Take a case up, or hold it longer; raises `CaseMoved` when another holds it or it waits no longer."""
    taken = db.execute(
        update(Case)
        .where(Case.id == case.id, Case.state == CaseState.WAITING, free_for(member_id, now))
        .values(claimed_by_id=member_id, claimed_until=now + timedelta(minutes=minutes))
        .returning(Case.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if taken is None:
        raise CaseMoved(N_("Somebody else has just taken this case up."))
    db.refresh(case, ["claimed_by_id", "claimed_until"])


def release_case(db: Session, case: Case, member_id: int) -> None:
    """Put a case back, if this member holds it."""
    db.execute(
        update(Case)
        .where(Case.id == case.id, Case.claimed_by_id == member_id)
        .values(claimed_by_id=None, claimed_until=None),
        execution_options={"synchronize_session": False},
    )


def free_for(member_id: int, now: datetime) -> ColumnElement[bool]:
    """The cases that nobody else holds, for a query over `Case`."""
    return or_(Case.claimed_by_id.is_(None), Case.claimed_by_id == member_id, Case.claimed_until <= now)


def holder_of(
    claimed_by_id: int | None, claimed_until: datetime | None, name: str | None, member_id: int | None, now: datetime
) -> Holder | None:
    """Who holds a case now; a lapsed claim is none."""
    if claimed_by_id is None or claimed_until is None or claimed_until <= now:
        return None
    minutes = max(1, -(-int((claimed_until - now).total_seconds()) // 60))
    return Holder(name or "", minutes, claimed_by_id == member_id)
