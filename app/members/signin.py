"""The cookie: set when somebody comes in, taken away when they leave (promises P23, P24, D8)."""

from datetime import datetime

from starlette.responses import Response

from app.kit.guarding import session_cookie_name
from app.kit.ids import hash_of
from app.kit.settings import Settings
from app.members.devices import device_words
from app.members.sessions import end_session, start_session
from app.members.viewer import OpenVisit

LEAVE_NOTHING = '"cache", "cookies", "storage"'


def sign_in(visit: OpenVisit, member_id: int, answer: Response) -> Response:
    """Begin a session with a fresh secret; the one that this browser had, whoever's it was, is over."""
    if visit.session_secret is not None:
        end_session(visit.db, hash_of(visit.session_secret))
    device = device_words(visit.request.headers.get("user-agent", ""))
    secret, ends = start_session(visit.db, member_id, device, visit.now)
    _set_cookie(answer, visit.settings, secret, visit.now, ends)
    return answer


def sign_out(visit: OpenVisit, answer: Response) -> Response:
    """End this browser's session and leave nothing behind in it."""
    if visit.session_secret is not None:
        end_session(visit.db, hash_of(visit.session_secret))
    _set_cookie(answer, visit.settings, "", visit.now, visit.now)
    answer.headers["Clear-Site-Data"] = LEAVE_NOTHING
    return answer


def _set_cookie(answer: Response, settings: Settings, secret: str, now: datetime, ends: datetime) -> None:
    answer.set_cookie(
        session_cookie_name(settings),
        secret,
        max_age=int((ends - now).total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
