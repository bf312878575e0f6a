"""Training data: crops of limbs, the split, captions and the tokenizer's vocabulary."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import numpy as np
import pytest
from training.conftest import radiograph, write_data

from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.wording import example
from xray_tui.training.errors import TrainingError
from xray_tui.training.material.captions import Captioner
from xray_tui.training.material.data import RARER, label_weights, read_radiographs
from xray_tui.training.material.greys import load_greys, split
from xray_tui.training.material.limbs import crop_to_limb
from xray_tui.training.material.tokenizer import token_table, train_tokenizer


def film(limb=(10, 200, 110, 150)):
    """A padded film: black sides, grey film, a bright limb, a white bar at the lower edge."""
    pixels = np.zeros((256, 256), np.uint8)
    pixels[:, 50:206] = 50
    pixels[250:, 50:206] = 240
    top, bottom, left, right = limb
    pixels[top:bottom, left:right] = np.linspace(120, 200, bottom - top)[:, None]
    return pixels


@pytest.mark.parametrize("region", ["foot", "knee", "shoulder"])
def test_a_limb_fills_the_frame_on_black(region):
    cropped = crop_to_limb(film(), region)
    assert cropped.shape == (256, 256) and cropped.dtype == np.uint8
    lit = (cropped > 40).mean()
    assert lit > (film() > 100).mean()  # the limb is larger than in the film
    assert lit < 0.99
    assert cropped[:, :8].max() < 40  # the background is black
    assert cropped.max() > 240


def test_a_foot_is_cropped_to_the_end_of_its_limb():
    film_with_tip = film((0, 220, 110, 140))
    film_with_tip[200:220, 100:150] = 200  # toes
    foot, shin = (crop_to_limb(film_with_tip, region) for region in ("foot", "hip-pelvis"))
    assert (foot > 40).mean() > (shin > 40).mean()  # the foot is enlarged


def test_an_empty_film_is_not_changed():
    empty = np.full((256, 256), 30, np.uint8)
    assert (crop_to_limb(empty, "foot") == empty).all()


def test_the_split_is_by_patient_and_reproducible(tmp_path):
    items = read_radiographs(write_data(tmp_path, 200, images=False))
    training, validation = split(items)
    assert {item.region for item in items} == {"chest", "knee", "foot"}  # no unclear region
    assert len(training) + len(validation) == len(items) == 1000
    assert 20 < len(validation) < 90
    assert not {item.patient for item in training} & {item.patient for item in validation}
    again = split(read_radiographs(tmp_path))
    assert (training, validation) == again


def test_all_images_of_a_patient_stay_together():
    one, other = (radiograph(f"o-9000798{side}", "knee", "healthy") for side in "LR")
    assert one.patient == other.patient and one.held_out == other.held_out
    assert radiograph("nih-00000013_001", "chest", "normal").patient == "nih-00000013"
    first = radiograph("k-person12_bacteria_46", "chest", "bacterial-pneumonia")
    assert first.patient == "k-person12"


def test_greys_are_read_only_once(tmp_path):
    items = read_radiographs(write_data(tmp_path / "data", 1, images=True))
    greys = load_greys(tmp_path / "data", items, tmp_path / "greys.npy")
    assert greys.shape == (5, 256, 256) and greys.dtype == np.uint8
    assert (load_greys(tmp_path / "gone", items, tmp_path / "greys.npy") == greys).all()
    assert [file.name for file in tmp_path.glob("*.npy")] == ["greys.npy"]


def test_greys_of_other_images_are_refused(tmp_path):
    items = read_radiographs(write_data(tmp_path / "data", 1, images=True))
    load_greys(tmp_path / "data", items, tmp_path / "greys.npy")
    with pytest.raises(TrainingError, match=r"holds 5 images, but the data 4: delete this cache"):
        load_greys(tmp_path / "data", items[:4], tmp_path / "greys.npy")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("file,region\n", "lacks the columns label, view, population, caption, native_px, notes"),
        ("file,region,label,view,population,caption,native_px,notes\n", "lists no radiograph"),
    ],
)
def test_unusable_metadata_is_a_training_error(tmp_path, text, problem):
    (tmp_path / "metadata.csv").write_text(text)
    with pytest.raises(TrainingError, match=problem):
        read_radiographs(tmp_path)


def test_images_of_rare_labels_are_drawn_more_often():
    items = [radiograph(f"nih-{number}", "chest", "normal") for number in range(16)]
    weights = label_weights([*items, radiograph("nih-99", "chest", "hernia")])
    assert weights.sum() == pytest.approx(1)
    assert weights[-1] == pytest.approx(16**RARER * weights[0])
    assert weights[-1] < weights[:16].sum()


def test_soft_images_are_drawn_a_third_as_often():
    sharp = radiograph("nih-1", "chest", "normal")
    weights = label_weights([sharp, replace(sharp, soft=True)])
    assert weights == pytest.approx([0.75, 0.25])


@pytest.fixture(scope="module")
def prompts():
    return load(default_path()).bundled()


def drawn(prompts, item, count=300):
    captioner, draw = Captioner(prompts), random.Random(1)
    return [captioner.draw(item, draw) for _ in range(count)]


def words(captions):
    return set(re.findall(r"[a-z]+", " ".join(captions).lower()))


def test_captions_name_the_true_sex_age_and_finding(prompts):
    item = radiograph(
        "nih-1",
        "chest",
        "effusion",
        view="PA",
        caption="frontal chest x-ray, PA view, woman, effusion",
    )
    captions = drawn(prompts, item)
    assert "woman" in words(captions)
    assert not {"man", "child", "ap", "lateral"} & words(captions)
    assert sum("effusion" in caption.lower() for caption in captions) > 200


def test_captions_name_the_true_side_and_the_other_side_if_mirrored(prompts):
    item = radiograph("o-1L", "knee", "severe-osteoarthritis", view="PA")
    assert "left" in words(drawn(prompts, item)) and "right" not in words(drawn(prompts, item))
    mirrored = radiograph("o-1L", "knee", "severe-osteoarthritis", view="PA")
    object.__setattr__(mirrored, "mirrored", True)
    found = words(drawn(prompts, mirrored))
    assert "right" in found and "left" not in found


def test_some_captions_name_only_the_region(prompts):
    captions = drawn(prompts, radiograph("nih-1", "chest", "normal", view="PA"), count=1500)
    alone = {"chest", "chest x-ray", "xray chest", "radiograph of the chest"}
    assert alone <= set(captions)


def test_captions_never_call_a_child_an_adult(prompts):
    item = radiograph("k-1", "chest", "viral-pneumonia", population="child 1-5 years")
    found = words(drawn(prompts, item))
    assert "child" in found and not {"adult", "grown", "bacterial"} & found


@pytest.mark.parametrize("view", ["frontal", "lateral", "oblique"])
@pytest.mark.parametrize("region", ["hip-pelvis", "shoulder", "elbow", "ankle", "foot"])
def test_captions_never_name_another_view(prompts, region, view):
    item = radiograph("fa-1", region, "no-fracture", view=view)
    found = words(drawn(prompts, item)) & {"frontal", "lateral", "oblique", "ap", "pa"}
    assert found == {view}


def test_every_word_of_the_prompts_is_one_token(prompts):
    tokenizer = train_tokenizer(Captioner(prompts).vocabulary())
    for prompt in prompts:
        for word in re.findall(r"[a-z]+|[0-9]", example(prompt).lower()):
            assert len(tokenizer.tokenize(word)) == 1, word
    assert tokenizer.model_max_length == 77
    assert len(tokenizer("zebra").input_ids) > 3  # an unknown word is split into pieces


def test_captions_become_a_table_of_padded_tokens():
    tokenizer = train_tokenizer(["chest", "knee x-ray"])
    table = token_table([["chest", "knee x-ray"], ["chest", ""]], tokenizer)
    assert table.shape == (2, 2, 77)
    assert (table[0, 0] == table[1, 0]).all() and not (table[0, 0] == table[0, 1]).all()
    assert table[0, 1].tolist() == tokenizer("knee x-ray", padding="max_length").input_ids
