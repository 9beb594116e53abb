"""What a writer sends."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from app.kit.forms import SentForm, wrong
from app.kit.html import MAX_TITLE, over_limit
from app.kit.messages import N_
from app.threads.tables import Kind, ThreadAudience, Wish


def _readable(text: str) -> str:
    if not text.strip():
        raise wrong(N_("Write something first, please."))
    reason = over_limit(text)
    if reason is not None:
        raise wrong(reason)
    return text


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise wrong(N_("Give it a title, please. A few words of your question will do."))
    if len(title) > MAX_TITLE:
        raise wrong(N_("This title is too long. At most 120 characters, please."))
    return title


Words = Annotated[str, AfterValidator(_readable)]
Title = Annotated[str, AfterValidator(_title)]
Once = Annotated[str, Field(max_length=40, pattern=r"^[a-z2-7]*$")]
Step = Literal["place", "preview"]


class OpeningForm(SentForm):
    """A new conversation."""

    title: Title = Field("", validate_default=True)
    text: Words = Field("", validate_default=True)
    kind: Kind = Kind.QUESTION
    wish: Wish = Wish.EXPERIENCES
    audience: ThreadAudience = ThreadAudience.BOARD
    once: Once = ""
    step: Step = "place"


class ReplyForm(SentForm):
    """An answer; `parent` is the public id of the post that is answered, or empty for the opening post."""

    text: Words = Field("", validate_default=True)
    parent: str = Field("", max_length=20)
    once: Once = ""
    step: Step = "place"


class EditForm(SentForm):
    """A new text of a post; `seen` is the number of the revision that the writer changed."""

    title: str = Field("", max_length=400)
    text: Words = Field("", validate_default=True)
    seen: int = Field(0, ge=0, le=100_000)
    step: Step = "place"

    @field_validator("title")
    @classmethod
    def _short(cls, title: str) -> str:
        return _title(title) if title.strip() else ""
