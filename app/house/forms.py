"""What a visitor says about how the pages should look."""

from typing import Annotated, Literal

from pydantic import Field

from app.kit.forms import SentForm
from app.kit.pages import Display


class DisplayForm(SentForm):
    """How somebody wants the pages to look; `attempt` is the button that only tries it."""

    language: Literal["nl", "en"]
    theme: Literal["system", "light", "dark", "contrast"]
    size: Annotated[int, Field(ge=1, le=4)]
    lines: Annotated[int, Field(ge=1, le=2)]
    saver: bool
    attempt: str = Field("", max_length=10)

    def as_display(self) -> Display:
        return Display(self.language, self.theme, self.size, self.lines, self.saver)
