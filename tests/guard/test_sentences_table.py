"""Sentences the guard must place, hold or block. The first table is the one the forum was agreed on."""

import pytest

from app.guard.assess import assess, assess_with
from app.guard.rules import load_ruleset
from app.guard.verdict import COACH, Label, Outcome, Verdict

# sentence, outcome, pattern that must be found (none: no finding that stops), banner that must stand with it
AGREED = [
    ("Ik slik sinds mei pregabaline; de brandende pijn werd bij mij minder maar ik was suf.", "publish", None, None),
    ("Bij mij hielp 75 mg, maar dat verschilt vast per persoon.", "publish", None, "banner_dosis"),
    ("Mijn neuroloog zei: 'je moet langzaam afbouwen'.", "publish", None, None),
    ("Ik ben gestopt met amitriptyline en daar had ik een zware week van.", "publish", None, None),
    ("Je moet stoppen met amitriptyline.", "block", "advies_stop", None),
    ("Verhoog het gewoon naar 150 mg.", "block", "advies_dosis", None),
    ("Ik zou als ik jou was gewoon twee pillen nemen.", "block", "advies_dosis", None),
    ("Moet ik stoppen met amitriptyline?", "publish", None, "banner_advies_gevraagd"),
    ("Wie heeft ervaring met een infuus met lidocaïne?", "publish", None, None),
    ("Wat jij hebt is duidelijk dunnevezelneuropathie.", "hold", "diagnose_ander", None),
    ("Toen ik dit las herkende ik mijn eigen DVN.", "publish", None, None),
    ("Je hebt geen huidbiopt nodig hoor.", "hold", "advies_onderzoek_weigeren", None),
    ("Vraag je huisarts eens of een verwijzing kan.", "publish", None, None),
    ("Ga niet naar de huisarts, die weet er toch niks van.", "hold", "weg_van_zorg", None),
    ("Bij pijn op de borst: bel 112.", "publish", None, None),
    ("Je moet goed voor jezelf zorgen.", "publish", None, None),
    ("Stop met jezelf de schuld geven.", "publish", None, None),
    ("Magnesium is voor iedereen met zenuwpijn goed.", "hold", "voor_iedereen", None),
    ("Probeer eens een dekenboog, dat scheelde mij veel.", "publish", None, None),
    ("Neem magnesium, dat scheelde mij veel.", "block", "advies_supplement", None),
    ("Ze zeggen dat je met dit middel niet mag autorijden, klopt dat?", "publish", None, "banner_bijsluiter"),
    ("Ik heb nog een doos Lyrica over, iemand interesse?", "block", "medicijn_aanbieden", None),
    ("Soms wil ik niet meer wakker worden.", "hold", "crisis_gedachten", None),
    ("Ik heb alles klaargelegd, dit is mijn laatste bericht.", "hold", "crisis_plan", None),
    ("Ik lach me dood om mijn kat.", "publish", None, None),
    ("Mijn man heeft DVN en ik weet me geen raad.", "publish", None, None),
]

MORE = [
    ("Neem er gewoon drie tramadol bij voor het slapen.", "block", "advies_dosis"),
    ("You should stop the gabapentin today.", "block", "advies_stop"),
    ("Gooi die Lyrica weg.", "block", "advies_stop"),
    ("Sla je pregabaline dit weekend over.", "block", "advies_overslaan"),
    ("Wie kan mij een strip oxycodon lenen?", "block", "medicijn_vragen"),
    ("Wil iemand mijn tramadol ruilen tegen zolpidem?", "block", "medicijn_ruilen"),
    ("DVN geneest vanzelf als je dertig dagen vast.", "hold", "genezing_claim"),
    ("Mijn nummer is 06-12345678, bel gerust.", "hold", "gegevens_telefoon"),
    ("Mail me op anna.voorbeeld@postbus.example als je mee wilt.", "hold", "gegevens_mail"),
    ("Mijn BSN is 111222333, wat nu?", "block", "gegevens_bsn"),
    ("Ik woon op de Lindelaan 14.", "hold", "gegevens_adres"),
    ("Vul mijn vragenlijst in voor mijn scriptie.", "hold", "onderzoek_enquete"),
    ("Bestel nu met 40% korting in onze webshop!", "block", "handel_spam"),
    ("Hou je bek, sukkel.", "block", "schelden"),
    ("Als verpleegkundige raad ik je aan een scan te eisen.", "hold", "beroep_advies"),
    ("Rolstoel te koop, vraagprijs 400 euro.", "hold", "handel_verkoop"),
    ("Mijn man slaat mij en ik durf niet naar huis.", "hold", "crisis_geweld"),
    ("Ik heb net te veel pillen ingenomen.", "hold", "crisis_lichaam"),
]

WELCOME = [
    "Stop met piekeren en zet een kop thee.",
    "Neem je rust hoor, je hoeft ons niks te bewijzen.",
    "Mijn buurvrouw zei: 'Gooi die pillen weg.' Ik heb haar uitgelachen.",
    "> Je moet stoppen met amitriptyline.\nDit mag hier niet, ik heb het gemeld.",
    "Bel 113 als het niet meer gaat, of loop naar je buurvrouw.",
    "Mijn apotheker heeft 225 folders over prednison.",
    "Wie heeft ervaring met duloxetine en een droge mond?",
    "In overleg met mijn arts bouw ik de gabapentine langzaam af.",
    "Neem je medicijnpaspoort mee op reis.",
    "Vroeger wilde ik niet meer leven, nu kweek ik tomaten.",
    "Ik ben zo'n sukkel, weer mijn wanten vergeten.",
    "De bijeenkomst is in het ziekenhuis, ingang West.",
    "I took 20 mg of nortriptyline and my mouth was dry.",
]


def _stopping(verdict: Verdict) -> list[str]:
    return [found.pattern for found in verdict.findings if found.outcome in (Outcome.HOLD, Outcome.BLOCK)]


@pytest.mark.parametrize(("sentence", "outcome", "pattern", "banner"), AGREED)
def test_the_agreed_sentences(sentence: str, outcome: str, pattern: str | None, banner: str | None) -> None:
    verdict = assess(sentence)
    assert verdict.outcome == outcome, verdict
    assert (pattern in _stopping(verdict)) if pattern else not _stopping(verdict), verdict
    assert banner is None or banner in verdict.banners, verdict


@pytest.mark.parametrize(("sentence", "outcome", "pattern"), MORE)
def test_what_is_stopped_and_why(sentence: str, outcome: str, pattern: str) -> None:
    verdict = assess(sentence)
    assert (verdict.outcome, pattern in _stopping(verdict)) == (outcome, True), verdict


@pytest.mark.parametrize("sentence", WELCOME)
def test_what_is_welcome(sentence: str) -> None:
    assert assess(sentence).outcome is Outcome.PUBLISH, assess(sentence)


def test_crisis_is_held_even_beside_what_would_be_blocked() -> None:
    verdict = assess("Stop met amitriptyline. Ik wil niet meer leven.")
    assert {found.label for found in verdict.findings} >= {Label.CRISIS, Label.MEDICAL_ADVICE}
    assert verdict.outcome is Outcome.HOLD


def test_a_tip_is_coached_only_where_someone_wants_to_be_heard() -> None:
    tip = "Er bestaan bekers met twee oren en een rubberen voet."
    assert assess(tip).findings == ()
    heard = assess(tip, wish="listen")
    assert [(found.pattern, found.outcome) for found in heard.findings] == [("tip_bij_luisteren", COACH)]
    assert heard.outcome is Outcome.PUBLISH


def test_tricks_of_spelling_do_not_help() -> None:
    for trick in (
        "St0p met am1triptyline.",
        "S.t.o.p. met p.r.e.g.a.b.a.l.i.n.e",
        "Ѕtоp met lyrica.",
        "St\u200bop met ly\u200brica.",
    ):
        assert "advies_stop" in _stopping(assess(trick)), trick


def test_the_medicine_stands_in_the_reason() -> None:
    (found,) = [found for found in assess("Je moet stoppen met Lyrica.").findings if found.outcome == Outcome.BLOCK]
    assert found.medicine == "Lyrica"
    assert "Lyrica" in found.reason("nl") and "Lyrica" in found.reason("en")
    assert found.suggestion("nl") and found.moderator_label("en")


def test_positive_control_without_the_medicines_the_table_fails() -> None:
    """A planted fault: with an empty list of medicines the sentences about medicines are let through."""
    blind = load_ruleset(without=frozenset(("MED", "SUP")))
    missed = [row[0] for row in AGREED if row[1] == "block" and assess_with(blind, row[0]).outcome != "block"]
    assert len(missed) >= 3
