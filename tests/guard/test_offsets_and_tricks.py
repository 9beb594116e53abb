"""The place of a finding in the author's own characters, and what no text may do to the guard."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from app.guard.assess import assess
from app.guard.normalise import plain
from app.guard.sentences import split
from app.guard.verdict import Outcome


def _places(text: str) -> list[str]:
    return [text[found.start : found.end] for found in assess(text).findings if found.outcome != Outcome.PUBLISH]


def test_the_marked_place_is_the_sentence() -> None:
    text = "Wat rot voor je.  Je moet stoppen met amitriptyline! Sterkte. 💜"
    assert _places(text) == ["Je moet stoppen met amitriptyline!"]


def test_the_place_holds_behind_invisible_and_accented_characters() -> None:
    text = "Hé 💊 caf\u0301e\u200b\u200b, zeg. Je m\u200boet stoppen met Lyrica. Én dóór."
    assert _places(text) == ["Je m\u200boet stoppen met Lyrica."]


def test_personal_data_is_marked_by_itself() -> None:
    assert _places("Bel me op 06-12345678, dan praten we.") == ["06-12345678"]
    assert _places("Schrijf naar anna@postbus.example of zo.") == ["anna@postbus.example"]


def test_a_spoken_text_is_cut_into_stretches() -> None:
    text = (
        "ik spreek dit in want typen gaat niet meer " * 3
        + "maar u moet die prednison niet meer geven want dat is rommel"
    )
    sentences = split(text)
    assert len(sentences) > 2
    assert all(text[one.start : one.end].strip() == text[one.start : one.end] for one in sentences)


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=400))
@settings(max_examples=150, deadline=None)
def test_never_raises_and_keeps_its_places_inside(text: str) -> None:
    verdict = assess(text)
    assert 0.0 <= verdict.score <= 1.0
    for found in verdict.findings:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.words == text[found.start : found.end]


@given(
    st.lists(
        st.sampled_from(
            [
                "stop",
                "lyrica",
                "je",
                "moet",
                "75",
                "mg",
                "neem",
                "'",
                '"',
                ">",
                "\n",
                ".",
                ",",
                "?",
                "�",
                "\x00",
                "06",
                "@",
                "é",
                "ﬁ",
                "①",
                "ik",
                "zou",
                "niet",
            ]
        ),
        max_size=60,
    )
)
@settings(max_examples=150, deadline=None)
def test_never_raises_on_words_it_knows(words: list[str]) -> None:
    assess(" ".join(words))


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_the_way_back_from_plain_characters(text: str) -> None:
    read = plain(text)
    places = [read.origin(index) for index in range(len(read.text) + 1)]
    assert places == sorted(places)
    assert places[-1] == len(text)
    start, end = read.span(0, len(read.text))
    assert 0 <= start <= end <= len(text)


def test_plain_text_is_unchanged() -> None:
    assert plain("Ik slik 75 mg, 's avonds.").text == "Ik slik 75 mg, 's avonds."


HOSTILE = ("a", "' ", "a.", "@", "neem lyrica ", "\n> ", "é", "06-", "Jan-Piet van ", "www.a", "ik , ", "A. ")


def test_time_grows_with_the_length() -> None:
    """Four times as long may cost eight times as much, where a quadratic reader would take sixteen. The best of three,
    for what else the machine does only ever adds."""
    for piece in HOSTILE:
        short, long = piece * (16_384 // len(piece)), piece * (65_536 // len(piece))
        few, many = _seconds(short), _seconds(long)
        assert many < 8 * few + 0.03, f"{piece!r}: {few:.4f} s at 16 kB, {many:.4f} s at 64 kB"


def _seconds(text: str) -> float:
    times = []
    for _ in range(3):
        begin = time.process_time()
        assess(text)
        times.append(time.process_time() - begin)
    return min(times)
