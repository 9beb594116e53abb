"""Keep how a member wants the pages to look. What a guest chooses stays on their own device, in a cookie."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.kit.pages import Display
from app.members.tables import Member


def keep_display(db: Session, member_id: int, display: Display) -> None:
    """From now on every page of this member looks like this, on each device."""
    db.execute(update(Member).where(Member.id == member_id).values(display=display.as_text()))
