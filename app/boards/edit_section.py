"""Change what the menu card says of a section. Its address stays: people have it in their notes."""

from sqlalchemy.orm import Session

from app.boards.tables import Section


def edit_section(
    db: Session, section: Section, title: str, description: str, diagnosis: str | None, position: int
) -> None:
    section.title, section.description = title, description
    section.diagnosis, section.position = diagnosis, position
    db.flush()
