"""Finds what reaches or identifies a person: numbers, addresses, names (house rules 6, 7 and 12).

The place of a finding is what has to go (the number, the address, the name), so that one tap can take it out.
A first name, a pen name, a hospital, a public place, 112 and 113 are no personal data.
"""

import re
from collections.abc import Iterator

from app.guard.house_rules import finding
from app.guard.lexicon import FOLDER, read_list
from app.guard.normalise import Plain
from app.guard.rules import Ruleset
from app.guard.verdict import Finding

_FIRST_NAMES = frozenset(read_list(FOLDER / "first_names.txt"))
_NOT_NAMES = frozenset(read_list(FOLDER / "not_surnames.txt"))

_DIGITS = re.compile(r"(?<![\w/.,-])\+?\(?\d[\d \-./()]{6,22}\d(?![\w%]|[.,]\d)")
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]| at | apenstaartje )\s?[\w-]{2,40}(?:\s?(?:\.|\(dot\)|"
    r" punt | dot )\s?[a-z0-9-]{2,24}){1,3}",
    re.IGNORECASE,
)
_MAIL_SIGN = re.compile(r"@|\(at\)|\[at\]|apenstaartje")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z]{4} ?)?\d{4}(?: ?\d{2,4}){1,4}\b")
_POSTCODE = re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b(?! ?(?:mg|MG|NL))")
# The end of a street name with a house number. What stands before it is looked up afterwards, so that a long word is
# read once and not once for each of its letters.
_HOUSE = re.compile(
    r"(straat|laan|weg|plein|dijk|kade|gracht|singel|hof|steeg|pad|dreef|plantsoen|burg|wal|markt|hoek|veld|"
    r"akker|kamp|erf|oord|"
    r"poort|park|rand|ring|meent|horst|brink|wetering|wiek|pol|kerk|appel) \d{1,4} ?[a-zA-Z]?\b"
    r"(?! ?(?:jaar|uur|euro|keer|mensen|minuten|dagen|weken|km|x\b|kilometer|procent|%|mg))"
)
# Words that end like a street, before a number that is no house: "antwoord 3", "mijn tweede ervaring 5 keer".
_ORDINARY = re.compile(
    r"(?:woord|[a-z](?:er|ar|ss|ell|ijv|ev|ov|av|iz|ig|id|in|on|itt|eid)ing|omweg|onderweg|overweg|lichaamshoek|verband|avond"
    r"|(?:werk|school|vakantie|verjaar)park)$"
)
_ALONE = frozenset(["straat", "laan", "weg", "plein", "dijk", "kade", "gracht", "singel", "hof", "dreef"])
_STREET_NAME = re.compile(
    r"(?:(?:[A-Z][\w'-]{1,30}\.?|oude|nieuwe|van|de|den|der|het|'t|[a-z]{3,12}(?= (?:straat|laan|weg|dijk)))"
    r" ){0,4}[\w'-]{0,40}$"
)
_ENGLISH_STREET = re.compile(
    r"\b\d{1,4} (?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]*(?: (?:Street|Road|Lane|Avenue|Drive)|laan|straat|weg|wiek|"
    r"plein|kade)\b"
)
_TITLE = re.compile(
    r"\b(?:(?i:dr|drs|prof|mr|mevr|mw|dhr|ir|mrs|ms)\.?|(?i:dokter|professor|mevrouw|meneer|heer|zuster|doctor|arts|"
    r"huisarts|neuroloog|cardioloog|fysiotherapeut|verzekeringsarts|reumatoloog|psycholoog|tandarts|specialist|"
    r"kinderarts|"
    r"logopediste?|ergotherapeute?|verpleegkundige|mister)) "
    r"((?:[A-Z]\.? ?){0,3}(?:(?:van|de|den|der|ter|ten|te|'t|von|el) ){0,3}[A-Z][\w-]{2,}(?: (?:(?:van|de|der|"
    r"den|ter|ten)\b|[A-Z][\w-]*)){0,3})"
)
_FULL_NAME = re.compile(
    r"(?<![\w.])([A-Z][a-z]+(?:-[A-Z][a-z]+)?)((?: [A-Z][a-z]+)?(?: (?:van|de|den|der|ter|ten|te|het|'t|von|el|"
    r"al|Oude|Van|De))* "
    r"[A-Z][a-z]{2,}(?:-(?:(?:van|de|den|der|ter|ten) )*[A-Z]?[a-z]+(?: [A-Z][a-z]+)?)*)"
)
_DOUBLE_NAME = re.compile(
    r"(?<![\w.-])([A-Z][a-z]{2,}) ((?:(?:van|de|den|der|ter|ten) )*[A-Z][a-z]{2,}-(?:(?:van|de|den|der|ter|ten)"
    r" )*[A-Z][a-z]{1,})"
)
_INITIALS_NAME = re.compile(
    r"(?<![\w.])(?:[A-Z]\.){1,4} ?(?:(?:van|de|den|der|ter|ten) ){0,2}[A-Z][a-z]{2,}(?:-[A-Z][a-z]+)?"
)
_CALLED = re.compile(
    r"\b(?:heet|heette|naam is|naam was|genaamd|called|name is|eigenlijk|echt|vraag naar|opgeven bij|"
    r"aanmelden bij|schrijf naar|"
    r"stuur je kaart naar|bel met)\s+((?:[A-Z][\w.'-]+|van|de|den|der|ter|ten|te)(?: (?:[A-Z][\w.'-]+|van|de|"
    r"den|der|ter|ten|te)){1,5})"
)
_SIGNED = re.compile(
    r"(?:groet|groeten|groetjes|liefs|vriendelijke groet|hoogachtend|regards)[,!.]?\s+([A-Z][a-z]+ (?:(?:van|"
    r"de|der|den|ter) )*[A-Z][a-z]{2,}[\w-]*)\s*$"
)
_OWN = re.compile(
    r"\b(?:mijn naam is|ik ben|ik heet|my name is|i am|i'm|naam:?)\s+([A-Z][a-z]+(?: [A-Z][a-z]+)?(?: (?:van|"
    r"de|der|den|ter|ten))* [A-Z][a-z]{2,}[\w-]*)"
)
_FILE_NUMBER = re.compile(
    r"\b(?:patientn(?:ummer|r)|patientennummer|polisnummer|dossiernummer|lidnummer|klantnummer|inschrijfnummer|"
    r"wachtwoord|password|"
    r"gebruikersnaam)\.?:?\s*(?:is\s)?([\w.-]{4,20}(?: \d{2,4}){0,3})",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"\b(?:geb|geboren|geboortedatum|geboortedag|born|date of birth)\.?(?: op| is|"
    r" on)?:?\s+(\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ]\d{2,4})",
    re.IGNORECASE,
)
_FULL_DATE = re.compile(r",\s(\d{2}-\d{2}-19\d{2}),")
_RELATIVE = re.compile(
    r"\b(?:mijn|mn|m'n|my) (?:man|vrouw|moeder|vader|zoon|dochter|zus|broer|partner|vriend|schoonmoeder|"
    r"husband|wife|mother|son|daughter)\b|"
    r"\b(?:haar|zijn|her|his) (?:hartfilmpje|bloed|uitslag|uitslagen|scan|mri|diagnose|medicatie|dossier)\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?:weet|wist) (?:niet dat ik|er niets van|van niets)|mag (?:het|dit) niet weten|zonder dat (?:hij|zij|ze)"
    r" het weet|wil er niet over praten",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:haar|zijn) (?:hartfilmpje|bloed|bloedwaarden|uitslag|uitslagen|scan|mri|waarden|ck|hb)"
    r"\b.{0,120}?\b(?:afwijkend|slikt|kreeg|positief|herhaling|wil een|\d{2,})",
    re.IGNORECASE,
)
_NUMBER_CUE = re.compile(
    r"(?:bel|bellen|app|appen|tel|telefoon|mobiel|nummer|06|signal|whatsapp|call|phone|bereik|reach)", re.IGNORECASE
)
_NOT_A_PHONE = frozenset(("08000113", "08002000", "0800113", "113", "112", "09008844", "14", "0880"))


def findings(ruleset: Ruleset, text: str, plain: Plain) -> list[Finding]:
    """Everything in the text that reaches or identifies a private person."""
    found: list[tuple[str, int, int]] = []
    taken = bytearray(len(plain.text))
    for start, end, pattern in _everything(plain.text):
        if 1 not in taken[start:end]:
            taken[start:end] = b"\x01" * (end - start)
            found.append((pattern, start, end))
    return [finding(ruleset, text, plain, *one) for one in found]


def _everything(text: str) -> Iterator[tuple[int, int, str]]:
    """All candidates, the surest first: an earlier one keeps a later one from the same place."""
    yield from _mails(text)
    yield from (
        (match.start(), match.end(), "gegevens_iban") for match in _IBAN.finditer(text) if is_iban(match.group())
    )
    yield from _numbers(text)
    yield from _addresses(text)
    yield from _records(text)
    yield from _names(text)


def _mails(text: str) -> Iterator[tuple[int, int, str]]:
    for sign in _MAIL_SIGN.finditer(text):
        before = text[sign.start() - 1 : sign.start()]
        if not (before.isalnum() or before.isspace()):
            continue
        # Look near the sign only, so that a text full of letters is read once.
        window_start = max(0, sign.start() - 66)
        match = _MAIL.search(text, window_start, min(len(text), sign.end() + 140))
        if match and match.start() <= sign.start() < match.end():
            yield match.start(), match.end(), "gegevens_mail"


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if is_bsn(digits) and _is_bsn_here(text, match):
            yield match.start(), match.end(), "gegevens_bsn"
        elif _is_phone(match.group(), digits, text[max(0, match.start() - 30) : match.start()]):
            yield match.start(), match.end(), "gegevens_telefoon"


def is_bsn(digits: str) -> bool:
    """Nine digits that pass the eleven test of a burgerservicenummer."""
    if len(digits) != 9 or digits == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def is_iban(written: str) -> bool:
    """An account number whose check figures are right."""
    bare = re.sub(r"\s", "", written).upper()
    if not 15 <= len(bare) <= 34:
        return False
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _is_bsn_here(text: str, match: re.Match[str]) -> bool:
    """One in eleven numbers of nine digits passes the test; so a number written as a telephone number is not a BSN."""
    before = text[max(0, match.start() - 40) : match.start()].lower()
    written = match.group().strip()
    if "bsn" in before or "burgerservice" in before or "sofi" in before:
        return True
    return written.isdigit() and not _NUMBER_CUE.search(before)


def _is_phone(written: str, digits: str, before: str) -> bool:
    if any(digits.startswith(known) and len(digits) <= len(known) + 2 for known in _NOT_A_PHONE if len(known) > 6):
        return False
    if re.search(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}$|\d{4}[-/]\d{2}[-/]\d{2}$", written.strip()):
        return False
    if digits.startswith(("06", "00")) and 9 <= len(digits) <= 15:
        return True
    if written.lstrip("(").startswith("+") and 9 <= len(digits) <= 15:
        return True
    if digits.startswith("0") and 9 <= len(digits) <= 12:
        return True
    return 8 <= len(digits) <= 12 and bool(_NUMBER_CUE.search(before)) and not digits.startswith(("19", "20"))


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    meeting = re.search(r"\b(?:koffie|afspreken|kom|komen|welkom|langs|bijeenkomst|treffen)\b", text, re.IGNORECASE)
    pattern = "afspraak_adres" if meeting else "gegevens_adres"
    for match in _HOUSE.finditer(text):
        street = _street(text, match)
        if street:
            yield match.start() - street, match.end(), pattern
    for expression in (_ENGLISH_STREET, _POSTCODE):
        for match in expression.finditer(text):
            yield match.start(), match.end(), pattern


def _street(text: str, house: re.Match[str]) -> int:
    """How many characters before the end of a street name belong to it; none when it is no street."""
    before = _STREET_NAME.search(text[max(0, house.start() - 60) : house.start()])
    name = before.group().lstrip() if before else ""
    if name.lower().split()[:1] in (["route"], ["ingang"], ["afdeling"], ["kamer"]):
        return 0
    if not before or _ORDINARY.search(f"{name}{house.group(1)}".lower()):
        return 0
    own_word = not name or name.endswith(" ")
    if own_word and house.group(1) not in _ALONE:
        return 0
    return len(name)


def _records(text: str) -> Iterator[tuple[int, int, str]]:
    for expression in (_FILE_NUMBER, _BORN, _FULL_DATE):
        for match in expression.finditer(text):
            if any(character.isdigit() for character in match.group(1)):
                yield match.start(), match.end(), "gegevens_dossier"
    for match in _SECRET.finditer(text):
        if _RELATIVE.search(text):
            yield match.start(), match.end(), "naaste_over_ander"
    for match in _RESULT.finditer(text):
        yield match.start(), match.end(), "naaste_over_ander"


def _names(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _OWN.finditer(text):
        if _is_surname(match.group(1).split()[-1]):
            yield match.start(1), match.end(1), "gegevens_eigen_naam"
    for match in _TITLE.finditer(text):
        if _names_someone(match.group(1)):
            yield match.start(), match.end(), "gegevens_zorgverlener"
    for match in _CALLED.finditer(text):
        if _names_someone(match.group(1)) and len(match.group(1).split()) > 1:
            yield match.start(1), match.end(1), "gegevens_lid"
    for match in _SIGNED.finditer(text):
        yield match.start(1), match.end(1), "gegevens_eigen_naam"
    for expression in (_DOUBLE_NAME, _INITIALS_NAME):
        for match in expression.finditer(text):
            if _names_someone(match.group()):
                yield match.start(), match.end(), "gegevens_lid"
    for match in _FULL_NAME.finditer(text):
        first = match.group(1)
        if first.split("-")[0].lower() in _FIRST_NAMES and _is_surname(match.group(2).split()[-1]):
            yield match.start(), match.end(), "gegevens_lid"


def _names_someone(words: str) -> bool:
    last = words.split()[-1]
    if words.isupper():
        return False
    return last[:1].isupper() and _is_surname(last)


def _is_surname(word: str) -> bool:
    bare = word.strip(".,'").lower()
    return (
        len(bare) > 2
        and not any(part in _NOT_NAMES for part in (bare, bare.split("-")[0]))
        and bare not in _FIRST_NAMES
    )
