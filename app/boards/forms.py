"""What an administrator says about sections and boards."""

from typing import Annotated

from pydantic import Field, field_validator

from app.boards.add_board import BoardPlan
from app.boards.tables import Audience, ModerationMode
from app.kit.forms import SentForm, wrong
from app.kit.messages import N_

Slug = Annotated[str, Field(min_length=2, max_length=40)]
TAKEN_WORDS = frozenset({"new"})


def _good_slug(slug: str) -> str:
    words = slug.replace("_", "-").split("-")
    if not all(word.isascii() and word.isalnum() and word == word.lower() for word in words) or slug in TAKEN_WORDS:
        raise wrong(N_("Use small letters, numbers and hyphens only, such as spierziektebreed."))
    return slug


class SectionForm(SentForm):
    """A section, without its address."""

    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    diagnosis: str = Field("", max_length=40)
    position: int = Field(ge=1, le=999)


class NewSectionForm(SectionForm):
    """A section that is added; its address is chosen once."""

    slug: Slug

    _slug = field_validator("slug")(_good_slug)


class BoardForm(SentForm):
    """A board, without its address. `asked`: the administrator says that who wrote here agrees with new readers."""

    section: str = Field(max_length=40)
    title: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=300)
    readers: list[Audience] = Field(default_factory=list)
    writers: list[Audience] = Field(default_factory=list)
    moderation_mode: ModerationMode
    rules: list[Annotated[int, Field(ge=1, le=15)]] = Field(default_factory=list)
    explains_medicines: bool = False
    position: int = Field(ge=1, le=999)
    asked: bool = False

    @field_validator("readers")
    @classmethod
    def _somebody_reads(cls, readers: list[Audience]) -> list[Audience]:
        if not readers:
            raise wrong(N_("Say who reads here. With nobody, only moderators would."))
        return readers

    @field_validator("writers")
    @classmethod
    def _members_write(cls, writers: list[Audience]) -> list[Audience]:
        if Audience.GUEST in writers:
            raise wrong(N_("A guest cannot write: every post has a member behind it."))
        return writers

    def as_plan(self, section_id: int) -> BoardPlan:
        return BoardPlan(
            section_id,
            self.title,
            self.description,
            frozenset(self.readers) | frozenset(self.writers),
            frozenset(self.writers),
            self.moderation_mode,
            tuple(sorted(set(self.rules))),
            self.explains_medicines,
            self.position,
        )


class NewBoardForm(BoardForm):
    """A board that is added; its address is chosen once."""

    slug: Slug

    _slug = field_validator("slug")(_good_slug)
