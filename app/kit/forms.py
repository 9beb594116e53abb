"""What a visitor sends: read once, cleaned, checked, and never lost.

A form is a Pydantic model. `filled(Model)` is the dependency of every POST route: it checks the form's token, reads the
body and gives a `Filled`: the model, or what is wrong per field, and always the words that were typed.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from hmac import compare_digest
from hmac import new as hmac
from re import compile as pattern
from time import time
from typing import Any, Generic, TypeVar, get_origin
from unicodedata import category, normalize

from fastapi import Request
from itsdangerous import BadSignature, TimestampSigner
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData

from app.kit.errors import Forbidden
from app.kit.messages import N_

Form = TypeVar("Form", bound="SentForm")

TOKEN_FIELD = "form_token"
MAX_FIELDS = 60
GUEST_TOKEN_SECONDS = 24 * 3600
_KEPT_CONTROLS = "\n\t"
# Bidirectional controls can make a sentence read as another; zero-width joiners inside words are left for emoji.
_BIDI = pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class SentForm(BaseModel):
    """Parent of all forms. Fields that are not named are not read (no mass assignment)."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class EmptyForm(SentForm):
    """A button with nothing to fill in."""


@dataclass(frozen=True)
class Filled(Generic[Form]):
    """A form as it was sent: `data` is the checked model, or None when `errors` says what is wrong per field."""

    data: Form | None
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, message: str) -> "Filled[Form]":
        """The same form with something wrong that only the database could tell."""
        return Filled(None, self.values, {**self.errors, name: message})


def blank(**values: Any) -> Filled[Any]:
    """An empty form for a page that shows one for the first time."""
    return Filled(None, values)


def wrong(message: str) -> PydanticCustomError:
    """What a validator of a form raises; `message` is a message id that the page translates."""
    return PydanticCustomError("said", "{said}", {"said": message})


def clean_text(text: str) -> str:
    """One idea of text: NFC, line feeds only, no control or bidirectional characters, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    text = _BIDI.sub("", normalize("NFC", text))
    return "".join(sign for sign in text if sign in _KEPT_CONTROLS or category(sign) not in {"Cc", "Cs"})


class FormTokens:
    """Tokens that tie a form to whoever got its page: to the session, or for guests to a time (promise D10)."""

    def __init__(self, secret: str) -> None:
        self._key = hmac(secret.encode(), b"form token", "sha256").digest()
        self._guests = TimestampSigner(self._key, salt="guest form")

    def make(self, session_secret: str | None) -> str:
        if session_secret is None:
            return self._guests.sign(b"guest").decode("ascii")
        return hmac(self._key, session_secret.encode(), "sha256").hexdigest()

    def fits(self, token: str, session_secret: str | None) -> bool:
        if session_secret is not None:
            return compare_digest(token.encode(), self.make(session_secret).encode())
        return self.age(token) is not None

    def age(self, token: str) -> float | None:
        """Seconds since a guest's form was made, or None if it is none of ours or too old."""
        try:
            _, made = self._guests.unsign(token, max_age=GUEST_TOKEN_SECONDS, return_timestamp=True)
        except BadSignature:
            return None
        return time() - made.timestamp()


async def keep_words(request: Request) -> None:
    """Read what was sent before anything can be refused: nobody loses a text because their session is over."""
    if request.method == "POST":
        sent = await request.form(max_fields=MAX_FIELDS, max_files=0)
        request.state.kept = {
            name: clean_text(value)
            for name, value in sent.multi_items()
            if isinstance(value, str) and name != TOKEN_FIELD
        }


def filled(form: type[Form]) -> Callable[[Request], Coroutine[Any, Any, Filled[Form]]]:
    """The dependency that reads a form of this kind. A wrong token raises `Forbidden`, with the words kept."""

    async def read(request: Request) -> Filled[Form]:
        sent = await request.form(max_fields=MAX_FIELDS, max_files=0)
        values = _values(sent, form)
        request.state.kept = values
        tokens: FormTokens = request.app.state.form_tokens
        token = sent.get(TOKEN_FIELD)
        if not isinstance(token, str) or not tokens.fits(token, request.state.session_secret):
            raise Forbidden(N_("This form was too old. Press the button once more."))
        request.state.form_age = tokens.age(token)
        try:
            return Filled(form.model_validate(values), values)
        except ValidationError as error:
            return Filled(
                None, values, {str(one["loc"][0]): _in_words(one) for one in reversed(error.errors()) if one["loc"]}
            )

    read.reads_form = form  # type: ignore[attr-defined]
    return read


def _values(sent: FormData, form: type[SentForm]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, of in form.model_fields.items():
        texts = [clean_text(value) for value in sent.getlist(name) if isinstance(value, str)]
        if get_origin(of.annotation) is list:
            values[name] = texts
        elif texts:
            values[name] = texts[-1]
    return values


def _in_words(error: Any) -> str:
    """A message id for what Pydantic found."""
    context = error.get("ctx") or {}
    if error["type"] == "said":
        return str(context["said"])
    return {
        "missing": N_("Fill this in, please."),
        "string_too_short": N_("This is still too short."),
        "string_too_long": N_("This is too long."),
        "enum": N_("Choose one of these."),
        "literal_error": N_("Choose one of these."),
    }.get(error["type"], N_("This does not look right. Look once more, please."))
