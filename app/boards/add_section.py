"""Add a section to the menu card: a new diagnosis, or a table of its own. It shows once it has a board."""

from sqlalchemy.orm import Session

from app.boards.tables import Section


def add_section(db: Session, slug: str, title: str, description: str, diagnosis: str | None, position: int) -> Section:
    """A new section; its slug must be free."""
    section = Section(slug=slug, title=title, description=description, diagnosis=diagnosis, position=position)
    db.add(section)
    db.flush()
    return section
