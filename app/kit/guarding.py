"""What every request and every answer meets first: allowed host, same origin, size, and the headers (D6, D7, D10)."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.pages import lasting_addresses
from app.kit.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD"})
MAX_BODY = 256 * 1024
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none';"
    " require-trusted-types-for 'script'"
)
FEATURES = """
accelerometer autoplay camera display-capture encrypted-media fullscreen geolocation gyroscope hid
identity-credentials-get idle-detection magnetometer microphone midi payment picture-in-picture
screen-wake-lock serial usb xr-spatial-tracking browsing-topics
"""
NO_FEATURES = ", ".join(f"{name}=()" for name in FEATURES.split())
ANSWER_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": NO_FEATURES,
    "X-Robots-Tag": "noindex, noarchive",
}
TWO_YEARS = "max-age=63072000; includeSubDomains; preload"


class Guarding:
    """ASGI middleware around everything. It reads no body of its own, so it costs next to nothing."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._base = urlsplit(settings.base_url)
        self._hosts = {self._base.netloc}
        self._local = settings.is_local
        self._headers = dict(ANSWER_HEADERS)
        if settings.is_https:
            self._headers["Strict-Transport-Security"] = TWO_YEARS
        self.session_cookie = session_cookie_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        state = scope.setdefault("state", {})
        state["session_secret"] = cookies.get(self.session_cookie) or None
        state["kept"] = {}
        answer = self._with_headers(scope, send if scope["method"] != "HEAD" else _without_body(send))
        if scope["method"] == "HEAD":  # the same answer as for GET, less its body
            scope["method"] = "GET"
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, _limited(receive), answer)
        except Exception:
            # Was it answered, then with the page about our mistake, and the log knows the place. The server would write
            # down the whole error, and with it what somebody wrote.
            if not state.get("answered"):
                raise

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return PlainTextResponse("Dit adres kennen we niet.", 400)
        if b"%00" in scope["query_string"] or "\0" in scope["path"]:
            return PlainTextResponse("Dit adres kennen we niet.", 400)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return PlainTextResponse("Dit is te groot om te lezen.", 413)
        if scope["method"] in SAFE_METHODS:
            return None
        if not self._same_origin(headers, host):
            return PlainTextResponse("Dit formulier kwam niet van onze eigen pagina's.", 403)
        return None

    def _is_ours(self, host: str) -> bool:
        if host in self._hosts:
            return True
        # On this machine itself both usual names do, at any port: nobody else can reach it.
        return self._local and host.rsplit(":", 1)[0] in {"127.0.0.1", "localhost"}

    def _same_origin(self, headers: Headers, host: str) -> bool:
        """Sec-Fetch-Site decides; a browser without it must send our Origin; neither means no."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return headers.get("origin") == f"{self._base.scheme}://{host}"

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        static = scope["path"].startswith("/static/")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["state"]["answered"] = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if static and message["status"] < 400:
                    # Only under its own fingerprint: what is kept for ever must never turn out to be an older file.
                    forever = f"{scope['path']}?{scope['query_string'].decode('latin-1')}" in lasting_addresses()
                    headers["Cache-Control"] = (
                        "public, max-age=31536000, immutable" if forever else "public, max-age=3600"
                    )
                else:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return answer


def session_cookie_name(settings: Settings) -> str:
    """`__Host-` ties the cookie to this host over https; plain http on this machine itself cannot have it."""
    return "__Host-s" if settings.is_https else "s"


def _without_body(send: Send) -> Send:
    async def answer(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return answer


class BodyTooLarge(Exception):
    """A body without a length that kept coming."""


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise BodyTooLarge
        return message

    return limited
