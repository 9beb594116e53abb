"""Where `main.py` finds the page with the mail that would be sent."""

from app.members.routes import dev_mail as router

__all__ = ["router"]
