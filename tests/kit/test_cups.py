from collections import Counter

from app.kit.cups import Cup, cup_for

NAMES = [f"Schuilnaam {number}" for number in range(2000)]


def test_a_name_keeps_its_cup():
    assert cup_for("Marja61") == cup_for("Marja61") == Cup(rim=5, colour=5, coffee=0, art=5, turn=180)


def test_case_and_outer_spaces_do_not_change_the_cup():
    assert cup_for(" MARJA61 ") == cup_for("Marja61")


def test_any_name_has_a_cup():
    for name in ("", "ß", "Zoë", "李", "\N{FAMILY}", "x" * 500):
        assert cup_for(name).turn % 45 == 0


def test_every_drawing_is_used_about_as_often():
    cups = [cup_for(name) for name in NAMES]
    for part, choices in {"rim": 6, "colour": 8, "coffee": 5, "art": 8, "turn": 8}.items():
        seen = Counter(getattr(cup, part) for cup in cups)
        assert len(seen) == choices, part
        assert min(seen.values()) > 0.7 * len(NAMES) / choices, (part, seen)


def test_two_names_seldom_share_a_cup():
    assert len({cup_for(name) for name in NAMES}) > 0.9 * len(NAMES)
