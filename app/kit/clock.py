"""The one place that asks the clock. Everything else gets `now` handed in."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
