"""Which parameters differ between several images."""

from __future__ import annotations

from xray_tui.tui.review.differences import differences, differing_values

PROMPT = "PA chest radiograph of a {}. Clear lungs, normal heart size."


def test_only_names_with_different_values_are_listed_in_their_order() -> None:
    first = {"seed": "1", "steps": "20", "guidance": "3"}
    second = {"guidance": "2", "steps": "20", "seed": "2"}
    assert differences([first, second]) == ["seed", "guidance"]
    assert differences([first, first, dict(first)]) == []
    assert differences([]) == [] and differences([first]) == []


def test_a_missing_value_counts_as_different() -> None:
    assert differences([{"seed": "1"}, {"seed": "1", "view": "PA"}]) == ["view"]
    assert differing_values([{"seed": "1"}, {"seed": "1", "view": "PA"}]) == [
        {"view": "–"},
        {"view": "PA"},
    ]
    assert differing_values([{"negative": ""}, {"negative": "blurry"}])[0] == {"negative": "–"}


def test_long_texts_are_shortened_to_the_words_that_differ() -> None:
    woman, man = ({"text": PROMPT.format(who)} for who in ("young woman", "man"))
    assert differing_values([woman, man]) == [
        {"text": "… a young woman. Clear …"},
        {"text": "… a man. Clear …"},
    ]
    whole = {"text": PROMPT.format("man") + " Drain."}
    texts = [values["text"] for values in differing_values([man, whole])]
    assert texts == ["… size.", "… size. Drain."]
    other = {"text": "AP knee."}
    assert differing_values([man, other]) == [man, other]


def test_no_repeated_words_are_lost() -> None:
    short, long = ({"text": " ".join(["lung"] * count)} for count in (9, 11))
    texts = [values["text"] for values in differing_values([short, long])]
    assert texts[0] != texts[1]
    assert texts[1].count("lung") - texts[0].count("lung") == 2
