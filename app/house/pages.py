"""What the standing pages show: our own texts, found by key and made into HTML, with a heading where one is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from app.kit.html import page_html
from app.kit.messages import N_, translate
from app.kit.pages import day, house_fill
from app.kit.settings import Settings
from app.kit.texts import keys, standing
from app.members import consent

RULES_DATE = date(2026, 11, 1)
PRIVACY_VERSION, PRIVACY_DATE = "1", date(2026, 11, 1)
ACCESSIBILITY_DATE = date(2026, 11, 22)

# Headings of the longer pages, as message ids; a text without one belongs to the heading above it.
HEADINGS = {
    "privacy.lang.wie": N_("Who is responsible"),
    "privacy.lang.welke": N_("What we keep of you"),
    "privacy.lang.waarom": N_("Why we may do this"),
    "privacy.lang.wie_ziet": N_("Who sees what"),
    "privacy.lang.wacht": N_("The guard reads along"),
    "privacy.lang.anderen": N_("With whom we share it"),
    "privacy.lang.hoelang": N_("How long we keep it"),
    "privacy.lang.rechten": N_("What you can always do"),
    "privacy.lang.vertrek": N_("When you leave"),
    "privacy.lang.veilig": N_("How we keep it safe"),
    "privacy.lang.cookies": N_("Cookies and counting"),
    "privacy.lang.kinderen": N_("Children"),
    "privacy.lang.over_jou": N_("When others write about you"),
    "privacy.lang.klacht": N_("Not satisfied?"),
    "modereren.wie": N_("Who the moderators are"),
    "modereren.wacht": N_("The guard reads first"),
    "modereren.automatisch": N_("What the computer does, and what it never does"),
    "modereren.nieuw": N_("When you are new"),
    "modereren.mensen": N_("What a moderator does"),
    "modereren.wachttijd": N_("How long you wait"),
    "modereren.nood": N_("When somebody is in distress"),
    "modereren.stappen": N_("When it goes wrong more often"),
    "modereren.melden": N_("Reporting a post"),
    "modereren.brief": N_("The letter you get"),
    "modereren.bezwaar": N_("When you do not agree"),
    "modereren.journaal": N_("What we keep of decisions"),
    "contact.leden": N_("Questions"),
    "contact.strafbaar": N_("Something unlawful"),
    "contact.privacy": N_("Your personal data"),
    "contact.toezicht": N_("Supervisors"),
    "contact.spoed": N_("Urgent?"),
    "naasten.lezen": N_("Reading and writing"),
    "naasten.samen_lezen.tekst": N_("Reading together"),
    "naasten.zelf": N_("And you?"),
    "toegankelijk.status": N_("How it stands"),
    "toegankelijk.melden": N_("Does something get in your way?"),
    "over.wie": N_("How it works here"),
}


@dataclass(frozen=True)
class Part:
    """A stretch of a page under one heading, or under none."""

    anchor: str
    heading: str
    html: Markup


@dataclass(frozen=True)
class StandingPage:
    """A page of our own texts, in one language."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rule:
    """A house rule with its two examples and its reason."""

    number: int
    title: str
    text: Markup
    good: Markup
    less_good: Markup
    why: Markup


def read_rules(language: str, settings: Settings) -> tuple[Rule, ...]:
    """All house rules, in their order."""
    fill = house_fill(settings)

    def html(number: int, part: str) -> Markup:
        return page_html(standing(f"regel.{number}.{part}", language, **fill))

    return tuple(
        Rule(
            number,
            standing(f"regel.{number}.titel", language),
            html(number, "tekst"),
            html(number, "wel"),
            html(number, "niet"),
            html(number, "waarom"),
        )
        for number in consent.RULE_NUMBERS
    )


def rules_version(language: str, settings: Settings) -> Markup:
    """Which version of the rules this is."""
    fill = {**house_fill(settings), "versie": consent.RULES_VERSION, "datum": day(RULES_DATE, language)}
    return page_html(standing("huisregels.versie", language, **fill))


def moderation_page(language: str, settings: Settings) -> StandingPage:
    return _page("modereren.titel", _keys("modereren"), language, settings)


def privacy_page(language: str, settings: Settings) -> StandingPage:
    fill = {
        "versie": PRIVACY_VERSION,
        "datum": day(PRIVACY_DATE, language),
        "fg_naam": translate(N_("reached via %(mail)s"), language) % {"mail": settings.privacy_mail},
        "verwerkers": translate(N_("running the server and sending mail"), language),
    }
    return _page("privacy.lang.titel", ("privacy.kort.algemeen", *_keys("privacy.lang")), language, settings, fill)


def accessibility_page(language: str, settings: Settings) -> StandingPage:
    fill = {
        "datum": day(ACCESSIBILITY_DATE, language),
        "status": translate(N_("first measures taken"), language),
        "uitleg_status": translate(
            N_("we built to these rules, but nobody from outside has examined it yet"), language
        ),
        "onderzoek": translate(N_("a computer checks every page in a real browser, at every change"), language),
        "aantal_leden": translate(N_("So far no"), language),
        "testers": translate(N_("that comes before the opening"), language),
        "bestuur_mail": settings.association_mail,
        "functie": translate(N_("the board"), language),
    }
    shown = [key for key in _keys("toegankelijk") if key != "toegankelijk.problemen"]
    return _page("toegankelijk.titel", shown, language, settings, fill)


def about_page(language: str, settings: Settings) -> StandingPage:
    fill = {"geldbronnen": translate(N_("its own means"), language)}
    return _page("over.titel", _keys("over"), language, settings, fill)


def contact_page(language: str, settings: Settings) -> StandingPage:
    return _page("contact.titel", _keys("contact"), language, settings)


def naasten_page(language: str, settings: Settings) -> StandingPage:
    shown = [key for key in _keys("naasten") if key != "naasten.samen_lezen.titel"]
    return _page("naasten.titel", shown, language, settings)


def help_page(language: str, settings: Settings) -> StandingPage:
    shown = ("crisis.nu", "crisis.praten", "crisis.huisarts", "crisis.dichtbij", "crisis.ander", "crisis.grens")
    return _page("crisis.titel", shown, language, settings)


def _keys(under: str) -> list[str]:
    return [key for key in keys(under=under) if key != f"{under}.titel"]


def _page(
    title: str,
    shown: list[str] | tuple[str, ...],
    language: str,
    settings: Settings,
    fill: Mapping[str, str] | None = None,
) -> StandingPage:
    filled = {**house_fill(settings), **(fill or {})}
    parts: list[Part] = []
    for key in shown:
        html = page_html(standing(key, language, **filled))
        if key in HEADINGS or not parts:
            anchor = key.partition(".")[2].replace(".", "-").replace("_", "-")
            parts.append(Part(anchor, translate(HEADINGS.get(key, ""), language), html))
        else:
            last = parts[-1]
            parts[-1] = Part(last.anchor, last.heading, last.html + html)
    return StandingPage(standing(title, language), tuple(parts))
