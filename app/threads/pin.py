"""Keep a thread on top of its board, or let it go."""

from datetime import datetime

from app.threads.tables import Thread


def pin_thread(thread: Thread, now: datetime) -> None:
    """Put it on top; a thread that is there already stays there."""
    thread.pinned_at = thread.pinned_at or now


def unpin_thread(thread: Thread) -> None:
    """Let it stand in order of time again."""
    thread.pinned_at = None
