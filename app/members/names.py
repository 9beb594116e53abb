"""Pen names: what one may look like, and when two look too much alike (promise D17)."""

import re
from functools import cache
from unicodedata import category, normalize

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data

from app.kit.messages import N_

SHORTEST, LONGEST, FEWEST_LETTERS = 3, 30, 3
PUNCTUATION = frozenset(" -_.,'’()&!")

# Signs that people read as another. Pairs of letters come first: "rn" looks like "m".
_PAIRS = (("rn", "m"), ("vv", "w"))
_FOLDED = str.maketrans("01345789|!@$i", "oleastbgllasl")
_SPELLED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "p", "ħ": "h", "ı": "i"})
_ADDRESS = re.compile(r"@|://|\bwww\b|[^\W_]\.[^\W\d_]{2,}\b|\b(apenstaart|at)\b.*\b(punt|dot)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")

# As a word of a name: whoever has it seems to speak for the house.
RESERVED_WORDS = (
    "moderator moderators moderatie moderatieteam moderation beheer beheerder beheerders administrator administratie"
    " admin admins team cafeteam systeem system redactie webmaster webbeheer helpdesk support root bestuur"
    " lotgenotencafe"
)
# Even inside another word.
RESERVED_ANYWHERE = ("moderator", "moderatie", "beheerder", "administrator", "lotgenotencafe")
# Only as a whole name: it would read as nobody.
RESERVED_NAMES = (
    "gast guest anoniem anonymous anonymus onbekend unknown iedereen everyone niemand nobody lid member oudlid"
    " verwijderd deleted ingetrokken hetcafe cafe dewacht wacht null none undefined"
)


def tidy(name: str) -> str:
    """A name as we keep it: compatibility forms made plain (NFKC), one space between words."""
    return " ".join(normalize("NFKC", name).split())


def skeleton(name: str) -> str:
    """What is left of a name when all that looks alike is made the same; two members never share one."""
    plain = "".join(_lookalikes().get(sign, sign) for sign in normalize("NFKC", name))
    plain = normalize("NFKD", plain.casefold().translate(_SPELLED))
    plain = "".join(sign for sign in plain if not category(sign).startswith("M")).translate(_FOLDED)
    plain = "".join(sign for sign in plain if sign.isalnum())
    for pair, sign in _PAIRS:
        plain = plain.replace(pair, sign)
    return plain


def problem_with(name: str, cafe: str) -> str | None:
    """Why somebody may not have this name, as a message id; None when they may. `cafe` is the name of the café."""
    letters = [sign for sign in name if sign.isalpha()]
    if not SHORTEST <= len(name) <= LONGEST:
        return N_("A pen name has 3 to 30 characters.")
    if len(letters) < FEWEST_LETTERS:
        return N_("A pen name has at least three letters.")
    if _ADDRESS.search(name):
        return N_("This looks like a mail address or a website. Choose a name that leads nowhere else.")
    if any(alias(sign) != "LATIN" for sign in letters):
        return N_("Use letters from a to z, with accents if you like, so that everybody can read your name.")
    if not all(_is_plain(sign) for sign in name) or len(skeleton(name)) > 2 * LONGEST:
        return N_("Use letters, digits, spaces and simple signs only, such as a dash.")
    if not skeleton(name):
        return N_("A pen name has at least three letters.")
    return N_("This name belongs to the house. Choose another one.") if _is_reserved(name, cafe) else None


def _is_plain(sign: str) -> bool:
    return sign in PUNCTUATION or category(sign)[0] in {"L", "M"} or (category(sign) == "Nd" and sign.isascii())


def _is_reserved(name: str, cafe: str) -> bool:
    whole = skeleton(name)
    ours = skeleton(cafe)
    words = {skeleton(word) for word in _WORD.findall(name)} | {whole}
    return (
        whole in {skeleton(one) for one in RESERVED_NAMES.split()}
        or not words.isdisjoint(skeleton(one) for one in RESERVED_WORDS.split())
        or any(skeleton(one) in whole for one in RESERVED_ANYWHERE)
        or (len(ours) >= 4 and ours in whole)
    )


@cache
def _lookalikes() -> dict[str, str]:
    """From Unicode's table of confusable characters: a foreign sign and the plain letter or digit it looks like."""
    found = {}
    for sign, alike in confusables_data.items():
        if len(sign) == 1 and not sign.isascii():
            single = (one["c"] for one in alike if len(one["c"]) == 1)
            plain = sorted(one for one in single if one.isascii() and one.isalnum())
            if plain:
                found[sign] = plain[-1]  # small letters sort last, and they look most like what is mostly written
    return found
