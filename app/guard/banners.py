"""Which help stands with a text when it is placed. Keys of the standing texts `scherm.<banner>.tekst`."""

from app.guard.verdict import Finding

BANNER_OF = {
    "vraag_advies": "banner_advies_gevraagd",
    "vraag_gebruik": "banner_bijsluiter",
    "vraag_spoed": "banner_spoed",
    "eigen_dosis": "banner_dosis",
    "crisis_verleden": "banner_zorg",
}


def for_findings(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The banners in the order of the text, each once."""
    return tuple(dict.fromkeys(BANNER_OF[found.pattern] for found in findings if found.pattern in BANNER_OF))
