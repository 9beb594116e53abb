"""Close a thread for new answers, or open it again. Reading goes on."""

from datetime import datetime

from app.threads.tables import Thread


def lock_thread(thread: Thread, now: datetime) -> None:
    """Close it; moderators can still write."""
    thread.locked_at = thread.locked_at or now


def unlock_thread(thread: Thread) -> None:
    """Open it again."""
    thread.locked_at = None
