"""Which help stands with a text when it is placed. Keys of the standing texts `scherm.<banner>.tekst`."""

from app.guard.reading import Reading
from app.guard.verdict import Finding


def for_text(readings: list[Reading], findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The banners in the order in which they are shown, each once."""
    return ()
