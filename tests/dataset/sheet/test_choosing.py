"""The images on a sheet are a fixed choice of each label."""

from __future__ import annotations

from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.sheet.choosing import choose_for_labels


def images(count: int, label: str = "normal") -> list[Chosen]:
    return [
        Chosen(number, f"chest/{label}/{label}_{number}.png", "chest", label, "id", number, "")
        for number in range(count)
    ]


def test_some_images_of_each_label_are_chosen_in_the_order_of_the_dataset() -> None:
    many, few = choose_for_labels([*images(100, "normal"), *images(2, "effusion")], 6, 0)[::-1]
    assert (many.label, many.among, len(many.images)) == ("normal", 100, 6)
    assert (few.label, few.among, len(few.images)) == ("effusion", 2, 2)
    assert many.images == sorted(many.images)
    assert many.images != images(6)  # not simply the first ones


def test_the_seed_decides_the_choice() -> None:
    def choice(seed: int, count: int = 100) -> set[Chosen]:
        (found,) = choose_for_labels(images(count), 6, seed)
        return set(found.images)

    assert choice(1) == choice(1) != choice(2)
    assert choice(1) == set(choose_for_labels(reversed(images(100)), 6, 1)[0].images)
    assert len(choice(1) & choice(1, count=110)) >= 4  # few are replaced by new images


def test_a_file_name_may_have_any_character() -> None:
    (found,) = choose_for_labels([images(1)[0]._replace(file="chest/x/\udcff.png")], 6, 0)
    assert len(found.images) == 1
