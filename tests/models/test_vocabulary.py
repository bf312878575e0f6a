"""Words that the bundled model does not know."""

from __future__ import annotations

from xray_tui.models.vocabulary import unknown_words
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.wording import example


def test_words_that_are_no_token_are_named_once() -> None:
    text = "PA chest radiograph of an octopus, a giant OCTOPUS with 8 arms."
    assert unknown_words(text) == ("octopus", "giant", "arms")
    assert unknown_words("") == unknown_words("{ 3 | x _ }") == ()


def test_the_shipped_prompts_for_the_model_use_only_words_that_it_knows() -> None:
    for prompt in load(default_path()).bundled():
        assert not unknown_words(example(prompt)), prompt.id
