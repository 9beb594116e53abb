"""Letters of the moderation team: what was decided, about which sentence, by which rule, by whom, and what one can do.

A letter stands whole on the site only. The mail beside it is neutral: no word of the post, no title, board or rule.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from re import sub

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.errors import NotFound
from app.kit.ids import looks_like_id, new_id
from app.kit.mail import queue_mail
from app.kit.messages import N_, translate
from app.kit.pages import Display, day, house_fill
from app.kit.settings import Settings
from app.kit.texts import keys, standing
from app.members.tables import Member
from app.members.viewer import Viewer
from app.moderation.findings import marks_of
from app.moderation.journal import record, trace
from app.moderation.tables import Action, Decision, Letter
from app.notifications.inbox import mark_letter_read
from app.notifications.notify import notify
from app.notifications.tables import NotificationKind
from app.threads.tables import Post, Revision, RevisionFinding

LETTER_PATH = "/letters/{letter_id}"
OBJECTION_MONTHS = 6
KEEP_MONTHS = 6

PARAGRAPHS = (
    ("aanhef",),
    ("wat", "bereik", "duur"),
    ("feiten", "grond"),
    ("gemerkt", "automatisch"),
    ("herstel",),
    ("bezwaar",),
    ("slot",),
)
# What DSA article 17 asks of a statement of reasons; a letter about a restriction has all nine.
ELEMENTS = ("wat", "bereik", "duur", "feiten", "grond", "gemerkt", "automatisch", "herstel", "bezwaar")
RESTRICTIONS = ("terug", "niet_geplaatst", "tegengehouden", "verborgen", "zorg_niet_geplaatst")
KINDS = (*RESTRICTIONS, "geplaatst", "hersteld", "melding_ontvangen", "melding_ja", "melding_nee", "melding_weg")
# The mail that goes with a letter. A receipt has none: it is an answer to a button that was just pressed.
MAILS = {
    "geplaatst": "bericht_geplaatst",
    "terug": "zin_bekijken",
    "niet_geplaatst": "brief_klaar",
    "tegengehouden": "brief_klaar",
    "verborgen": "brief_klaar",
    "zorg_niet_geplaatst": "brief_klaar",
    "hersteld": "brief_klaar",
    "melding_ja": "melding_antwoord",
    "melding_nee": "melding_antwoord",
    "melding_weg": "melding_antwoord",
}


@dataclass(frozen=True)
class Written:
    """A letter in words, before or after it was sent. Paragraphs of lines."""

    title: str
    text: str

    @property
    def paragraphs(self) -> list[list[str]]:
        return [paragraph.split("\n") for paragraph in self.text.split("\n\n")]


@dataclass(frozen=True)
class ShownLetter:
    """A letter as its recipient reads it."""

    public_id: str
    kind: str
    number: str
    written: Written
    sent_at: datetime
    is_read: bool


def write_letter(
    kind: str, recipient: Member, settings: Settings, now: datetime, number: str, **fill: object
) -> Written:
    """The words of a letter, in the recipient's language.

    Callers fill what the case knows: `datum` (a moment), `zin`, `rule`, `uitleg`, `suggestie`, and the variants
    `noticed_by` and `automatic` (keys of the standing texts gemerkt.* and automatisch.*).
    """
    language = language_of(recipient)
    words: dict[str, object] = {
        **house_fill(settings),
        "schuilnaam": recipient.pseudonym,
        "dossier": number,
        "bezwaar_tot": day(months_later(now, OBJECTION_MONTHS), language),
        "bewaar_tot": day(months_later(now, KEEP_MONTHS), language),
        "suggestie": "",
        "uitleg": "",
        **fill,
    }
    if isinstance(words.get("datum"), datetime):
        words["datum"] = day(words["datum"], language)  # type: ignore[arg-type]
    rule = words.pop("rule", 0)
    if rule:
        words |= {"regel_nr": rule, "regel_titel": standing(f"regel.{rule}.titel", language)}
        words["grond"] = standing("grond.regel", language, **words)
    if "noticed_by" in words:
        words["gemerkt"] = standing(f"gemerkt.{words.pop('noticed_by')}", language, **words)
    if "automatic" in words:
        words["automatisch"] = standing(f"automatisch.{words.pop('automatic')}", language, **words)
    for block in ("groet", "blok_bezwaar", "blok_aanpassen", "blok_hulp"):
        words[block] = standing(f"briefblok.{block}", language, **words)
    there = keys(language, under=f"brief.{kind}")
    parts = (
        [standing(key, language, **words) for field in fields if (key := f"brief.{kind}.{field}") in there]
        for fields in PARAGRAPHS
    )
    text = "\n\n".join(_joined(part) for part in parts if _joined(part))
    return Written(standing(f"brief.{kind}.titel", language, **words), text)


def send_letter(
    db: Session,
    kind: str,
    recipient_id: int,
    now: datetime,
    *,
    post_id: int | None = None,
    decision_id: int | None = None,
    **fill: object,
) -> Letter:
    """Send a member a letter, with its notification and a neutral mail that says no more than that it is there."""
    recipient = db.get_one(Member, recipient_id)
    settings = settings_of(db)
    public_id = new_id()
    written = write_letter(kind, recipient, settings, now, number_of(public_id), **fill)
    says_so_already = kind == "tegengehouden" and _lies_unread(db, recipient_id, post_id, kind)
    letter = Letter(
        public_id=public_id,
        recipient_id=recipient_id,
        decision_id=decision_id,
        post_id=post_id,
        kind=kind,
        title=written.title,
        text=written.text,
        sent_at=now,
    )
    db.add(letter)
    db.flush()
    notify(db, recipient_id, NotificationKind.LETTER, public_id, now)
    if kind in MAILS and not says_so_already:
        _send_mail(db, MAILS[kind], recipient, public_id, settings, now)
    return letter


def send_blocked_letter(
    db: Session, post: Post, revision: Revision, findings: Sequence[RevisionFinding], now: datetime
) -> Letter | None:
    """Write down that the guard stopped a text, and send its author the statement of reasons."""
    if post.author_id is None:
        return None
    author = db.get_one(Member, post.author_id)
    marks = marks_of(revision, findings, language_of(author), settings_of(db))
    stopping = [mark for mark in marks if mark.stops] or list(marks)
    # A stop for form only (rule 0: too long, twice the same) falls under the rule about the right place.
    first = next((mark for mark in stopping if mark.rule), None)
    rule = first.rule if first else 11
    chosen = [mark for mark in stopping if mark.rule in (rule, 0)]
    sentence = joined_sentences([mark.words for mark in chosen], language_of(author)) or " ".join(
        revision.text[:200].split()
    )
    reason = chosen[0].reason if chosen else ""
    decision = Decision(
        case_id=None,
        case_version=0,
        post_id=post.id,
        revision_number=revision.number,
        decided_by_id=None,
        action=Action.BLOCK,
        rule=rule,
        sentence=sentence,
        explanation=reason,
        noticed_by="wacht",
        automatic="tegengehouden",
        decided_at=now,
    )
    db.add(decision)
    db.flush()
    record(
        db, now, None, "guard.block", post_id=post.id, thread_id=post.thread_id, rule=rule, after=trace(post, revision)
    )
    return send_letter(
        db,
        "tegengehouden",
        post.author_id,
        now,
        post_id=post.id,
        decision_id=decision.id,
        datum=revision.written_at,
        zin=sentence,
        rule=rule,
        uitleg=reason,
        noticed_by="wacht",
        automatic="tegengehouden",
    )


def read_letter(db: Session, viewer: Viewer, letter_id: str) -> ShownLetter:
    """A letter to this viewer; anybody else's does not exist."""
    letter = letter_for_reading(db, viewer, letter_id)
    written = Written(letter.title, letter.text)
    return ShownLetter(
        letter.public_id, letter.kind, number_of(letter.public_id), written, letter.sent_at, letter.read_at is not None
    )


def letter_for_reading(db: Session, viewer: Viewer, letter_id: str) -> Letter:
    """The door to a letter: its recipient's only, else `NotFound`."""
    if viewer.member_id is None or not looks_like_id(letter_id):
        raise NotFound
    letter = db.scalar(select(Letter).where(Letter.public_id == letter_id, Letter.recipient_id == viewer.member_id))
    if letter is None:
        raise NotFound
    return letter


def mark_letter(db: Session, letter: Letter, now: datetime) -> None:
    """Its recipient says that a letter was read."""
    letter.read_at = letter.read_at or now
    db.flush()
    mark_letter_read(db, letter.recipient_id, letter.public_id, now)


def number_of(public_id: str) -> str:
    """The number by which a letter is named in a mail: short enough to type, and it counts nothing."""
    return f"{public_id[:4]}-{public_id[4:8]}".upper()


def language_of(member: Member) -> str:
    """The language in which a member reads."""
    return Display.from_text(member.display).language


def joined_sentences(sentences: Iterable[str], language: str) -> str:
    """Several sentences for one pair of quotation marks in a letter."""
    unique = list(dict.fromkeys(" ".join(sentence.split()) for sentence in sentences if sentence.strip()))
    between = translate(N_("and"), language)
    return f"' {between} '".join(unique)


def months_later(when: datetime, months: int) -> datetime:
    """The same day so many months later, or that month's last day."""
    years, month = divmod(when.month - 1 + months, 12)
    year = when.year + years
    return when.replace(year=year, month=month + 1, day=min(when.day, monthrange(year, month + 1)[1]))


def settings_of(db: Session) -> Settings:
    """The settings that this database was opened with; the environment's when it was opened without."""
    given = db.info.get("settings")
    return given if isinstance(given, Settings) else _from_environment()


@lru_cache
def _from_environment() -> Settings:
    return Settings()


def _joined(parts: list[str]) -> str:
    """A paragraph; spaces that an empty filling left behind go."""
    return sub(" {2,}", " ", " ".join(part.strip() for part in parts if part.strip()))


def _lies_unread(db: Session, recipient_id: int, post_id: int | None, kind: str) -> bool:
    same = (Letter.recipient_id == recipient_id, Letter.post_id == post_id, Letter.kind == kind)
    return db.scalar(select(Letter.id).where(*same, Letter.read_at.is_(None)).limit(1)) is not None


def _send_mail(db: Session, name: str, recipient: Member, letter_id: str, settings: Settings, now: datetime) -> None:
    language = language_of(recipient)
    link = settings.base_url + LETTER_PATH.format(letter_id=letter_id)
    greeting = standing("mailblok.groet", language)
    subject = standing(f"mail.{name}.onderwerp", language)
    text = standing(f"mail.{name}.tekst", language, link=link, groet=greeting, afmelden="")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    queue_mail(db, recipient.email, subject, text, now)
