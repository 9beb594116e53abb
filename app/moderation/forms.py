"""What moderators and reporters send."""

from typing import Annotated, Literal

from pydantic import Field

from app.kit.forms import SentForm
from app.moderation.steer import Steer
from app.moderation.tables import Action, ReportReason


class DecisionForm(SentForm):
    """A decision, or a first look at its letter. `marks` are numbers of sentences that the guard pointed at."""

    action: Action
    case_version: int
    rule: Annotated[int, Field(ge=0, le=15)] = 0
    marks: list[int] = []
    other_sentence: Annotated[str, Field(max_length=1000)] = ""
    explanation: Annotated[str, Field(max_length=600)] = ""
    press: Literal["decide", "preview"] = "decide"


class ReportForm(SentForm):
    """Why a reader reports a post."""

    reason: ReportReason
    words: Annotated[str, Field(max_length=1000)] = ""


class InboxForm(SentForm):
    """All up to the newest that was on the page was read."""

    until: str = ""


class SteerForm(SentForm):
    """One act, and the board that it is about where it needs one. `asked` names the board whose readers are welcome."""

    act: Steer
    board: Annotated[str, Field(max_length=40)] = ""
    asked: Annotated[str, Field(max_length=40)] = ""
