"""The search returns the positions of words on the rendered lines."""

from __future__ import annotations

from xray_tui.manual.rendering import PLAIN_STYLES, RenderedPage, render_page
from xray_tui.manual.search import Hit, Span, find_words


def rendered(text: str, width: int = 20) -> RenderedPage:
    return render_page(text, width, PLAIN_STYLES)


def found(words: str, text: str, width: int = 20) -> list[Hit]:
    return find_words(words, {"page": rendered(text, width)})


def test_a_word_is_found_in_any_case_and_on_every_line() -> None:
    hits = found("SEED", "# Seeds\n\nOne seed.")
    assert hits == [Hit("page", (Span(0, 0, 4),)), Hit("page", (Span(2, 4, 8),))]


def test_words_are_found_across_the_end_of_a_line() -> None:
    (hit,) = found("next line", "These words fill the next line of it.", width=25)
    assert hit.spans == (Span(0, 21, 25), Span(1, 0, 4))


def test_an_indentation_is_not_part_of_a_hit() -> None:
    (hit,) = found("second line", "- an item, second line", width=18)
    assert hit.spans == (Span(1, 12, 18), Span(2, 3, 7))


def test_special_characters_are_literal_and_an_empty_search_finds_nothing() -> None:
    assert len(found("rating>=3 (c++)", "rating>=3 (c++)")) == 1
    assert found(".*", "text") == found("   ", "text") == found("", "text") == []


def test_a_table_keeps_its_first_column_and_links_have_their_position() -> None:
    page = rendered("| key | use |\n|---|---|\n| `p` | see [there](review.md#loupe) |", 30)
    (link,) = page.links
    line = page.texts[link.line]
    assert line[link.start : link.end] == "there" and link.target == "review.md#loupe"


def test_headings_have_anchors_and_code_has_none() -> None:
    page = rendered("# One\n\n```\n# not this\n```\n\n## Two `words`\n")
    assert list(page.anchors) == ["one", "two-words"]
    assert page.texts[page.anchors["two-words"]] == "Two words"
