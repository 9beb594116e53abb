"""What a visitor sends: one idea of text, tokens that fit one visitor, and nothing that was typed is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from unicodedata import category, is_normalized

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from app.kit import clock
from app.kit.forms import Filled, FormTokens, SentForm, blank, clean_text, wrong
from app.posting.forms import EditForm, OpeningForm, ReplyForm
from tests.browser import Browser
from tests.cast import Cast

Say = Callable[[str], None]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Gewoon", "Gewoon"),
        ("één ë ç ñ ß €", "één ë ç ñ ß €"),
        ("e\u0301e\u0301n", "één"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("a\0b\x01c\x1b[31md\x7fe\x85f", "abc[31mdef"),
        ("a\u202eb\u202cc\u2066d\u2069e\u200ef\u061cg", "abcdefg"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("a\u200bb", "a\u200bb"),
        ("a\ud800b", "a?b"),
        ("\U0001f600", "\U0001f600"),
        ("  ruimte  blijft  ", "  ruimte  blijft  "),
        ("ﬁ ½ ①", "ﬁ ½ ①"),
        ("\u2028\u2029", "\u2028\u2029"),
        ("", ""),
    ],
)
def test_there_is_one_idea_of_text(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


def test_cleaning_twice_is_cleaning_once(say: Say) -> None:
    seen = 0

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(st.text(st.characters(), max_size=80))
    def check(typed: str) -> None:
        nonlocal seen
        kept = clean_text(typed)
        assert clean_text(kept) == kept
        assert is_normalized("NFC", kept) or not is_normalized("NFC", typed)
        assert not [sign for sign in kept if category(sign) in {"Cc", "Cs"} and sign not in "\n\t"]
        kept.encode("utf-8")
        seen += 1

    check()
    say(f"forms: {seen} texts cleaned: twice is once, and each can be kept")


def test_a_token_fits_one_visitor_only(say: Say) -> None:
    tokens, others = FormTokens("a" * 40), FormTokens("b" * 40)
    mine, guest = tokens.make("secret"), tokens.make(None)
    assert tokens.fits(mine, "secret") and tokens.fits(guest, None), "control"
    misfits = [
        (tokens, mine, "another secret"), (tokens, mine, None), (tokens, guest, "secret"), (others, mine, "secret"),
        (others, guest, None), (tokens, "", "secret"), (tokens, "", None), (tokens, mine.upper(), "secret"),
        (tokens, mine + "0", "secret"), (tokens, mine[:-1], "secret"), (tokens, "é" * 64, "secret"),
        (tokens, guest + "x", None), (tokens, guest.replace("guest", "host"), None), (tokens, "guest", None),
        (tokens, "\0", None), (tokens, "é.é.é", None), (tokens, tokens.make(""), "secret"),
    ]  # fmt: skip
    assert not [token for by, token, secret in misfits if by.fits(token, secret)]
    say(f"forms: {len(misfits)} of {len(misfits)} tokens of another refused")


def test_a_guests_token_lasts_a_day() -> None:
    tokens = FormTokens("a" * 40)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        token = tokens.make(None)
        traveller.shift(timedelta(hours=23, minutes=59))
        assert tokens.fits(token, None)
        assert tokens.age(token) == pytest.approx(24 * 3600 - 60, abs=2)
        traveller.shift(timedelta(minutes=2))
        assert not tokens.fits(token, None) and tokens.age(token) is None


def test_a_token_says_nothing_of_the_session() -> None:
    tokens = FormTokens("a" * 40)
    assert "secret" not in tokens.make("secret") and tokens.make("secret") == tokens.make("secret")


class Sample(SentForm):
    name: Annotated[str, Field(min_length=3, max_length=5)]
    number: int = 0


def test_what_is_wrong_is_said_per_field_and_the_words_stay() -> None:
    form = Filled(None, {"name": "Marja"}, {"number": "Kies."}).wrong("name", "Bezet.")
    assert form.data is None and form.values == {"name": "Marja"}
    assert form.errors == {"number": "Kies.", "name": "Bezet."}
    assert blank(name="x").values == {"name": "x"} and blank().errors == {}
    assert wrong("Zeg het anders.").message() == "Zeg het anders."


def test_fields_that_are_not_named_are_not_read() -> None:
    read = Sample.model_validate({"name": " Anna ", "number": "3", "role": "administrator", "__class__": "x"})
    assert read.model_dump() == {"name": "Anna", "number": 3}
    assert not hasattr(read, "role")


# The answers to sign-up so far travel in `state`, signed; an administrator chooses the `position` of a board.
SIGN_UP = ("NameForm", "RulesForm", "SignUpForm")
MENU = ("SectionForm", "NewSectionForm", "BoardForm", "NewBoardForm")


def test_every_form_of_the_cafe_ignores_what_it_does_not_name(say: Say) -> None:
    def below(kind: type[BaseModel]) -> list[type[BaseModel]]:
        return [one for child in kind.__subclasses__() for one in (child, *below(child))]

    forms = [form for form in below(SentForm) if form.__module__.startswith("app.")]
    assert {OpeningForm, ReplyForm, EditForm} <= set(forms)
    assert all(form.model_config.get("extra") == "ignore" for form in forms)
    owned = {"id", "public_id", "author_id", "member_id", "state", "position", "role_id", "published_at", "is_admin"}
    named = {(form.__name__, name) for form in forms for name in form.model_fields if name in owned}
    assert named <= {*((form, "state") for form in SIGN_UP), *((form, "position") for form in MENU)}
    say(f"forms: {len(forms)} forms read only what they name")


def test_through_a_page_the_last_of_twins_counts_and_odd_signs_are_gone(browser: Browser, cast: Cast) -> None:
    anna = browser.as_(cast.anna)
    thread = cast.thread()
    body = f"form_token={anna.token()}&text=Eerst&text=Dan%00%E2%80%AE%0D%0Adit%ED%A0%80&once=&step=preview"
    answer = anna.client.post(
        f"/threads/{thread}/replies", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200
    assert "Dan\ndit" in answer.text and "Eerst" not in answer.text
    assert "\0" not in answer.text and "\u202e" not in answer.text


def test_a_refused_form_gives_the_words_back(browser: Browser, cast: Cast) -> None:
    anna, thread = browser.as_(cast.anna), cast.thread()
    words = 'Een lange <tekst> met "tekens" & meer.'
    for token in ("", "x" * 64):
        refused = anna.post(f"/threads/{thread}/replies", {"text": words}, token=token)
        assert refused.status_code == 403
        assert "Een lange &lt;tekst&gt; met &#34;tekens&#34; &amp; meer." in refused.text
    assert anna.post(f"/threads/{thread}/replies", {"text": words}).status_code == 303, "control"
