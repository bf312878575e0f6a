"""The formulas of the evaluation, on data with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training.conftest import radiograph, write_data

from xray_tui.prompts.library import default_path, load
from xray_tui.training.evaluation.agreement import agreement, balanced
from xray_tui.training.evaluation.classifier import shrunk, train_classifier
from xray_tui.training.evaluation.closeness import compare, halves
from xray_tui.training.evaluation.distances import (
    auc,
    frechet,
    pairwise,
    precision_recall,
    shrunk_covariance,
)
from xray_tui.training.evaluation.groups import (
    HEADS,
    UNKNOWN,
    answers_of_item,
    answers_of_prompt,
    key_of_item,
    key_of_prompt,
)
from xray_tui.training.evaluation.material import GeneratedImages, RealImages, chosen_evenly
from xray_tui.training.evaluation.memorisation import memorisation, nearest, outlines
from xray_tui.training.evaluation.network import Examples, Network, apply, augmented, fit
from xray_tui.training.evaluation.soundness import checkerboard, contrast, faults, grid
from xray_tui.training.evaluation.usefulness import (
    HEALTHY,
    ILL,
    Chests,
    trained_auc,
    usefulness,
)
from xray_tui.training.material.data import read_radiographs


def normal(count, shift=0.0, seed=0, width=8):
    return np.random.default_rng(seed).normal(shift, 1, (count, width))


def test_frechet_is_zero_for_the_same_set_and_grows_with_a_shift():
    features = normal(300)
    assert frechet(features, features) == pytest.approx(0, abs=1e-6)
    distances = [frechet(features, features + shift) for shift in (0.5, 1, 2)]
    assert distances == pytest.approx([8 * shift**2 for shift in (0.5, 1, 2)])
    assert frechet(features, 2 * features) > 1  # the spread counts too
    assert frechet(features, normal(300, seed=1)) < 0.3


def test_frechet_is_symmetric_and_finite_with_fewer_images_than_features():
    one, other = normal(10, width=64), normal(10, 1.0, seed=1, width=64)
    assert frechet(one, other) == pytest.approx(frechet(other, one))
    assert np.isfinite(frechet(one, other)) and frechet(one, other) > 30


def test_shrinkage_fades_with_more_images():
    spread = np.array([4.0, 1.0, 1.0, 1.0])
    few, many = (shrunk_covariance(normal(count, width=4) * spread) for count in (6, 5000))
    assert many[0, 0] == pytest.approx(16, rel=0.1)
    assert few[0, 0] - few[1, 1] < many[0, 0] - many[1, 1]
    assert np.allclose(shrunk_covariance(np.ones((5, 3))), 0)


def test_precision_and_recall():
    real = normal(200)
    assert precision_recall(real, real) == (1.0, 1.0)
    assert precision_recall(real, normal(200, 50.0, seed=1)) == (0.0, 0.0)
    precision, recall = precision_recall(real, 0.3 * normal(200, seed=2))
    assert precision > 0.9 and recall < 0.5  # little variety
    precision, recall = precision_recall(0.3 * real, normal(200, seed=2))
    assert precision < 0.5 and recall > 0.9  # much variety, few typical images


def test_pairwise_distances_and_auc():
    assert pairwise(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[5, 0]]
    positive = np.array([False, False, True, True])
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), positive) == 1.0
    assert auc(np.array([4.0, 3.0, 2.0, 1.0]), positive) == 0.0
    assert auc(np.ones(4), positive) == 0.5


def test_a_prompt_and_its_real_images_have_the_same_answers():
    library = load(default_path())
    child = library.get("chest-bacterial-pneumonia")
    item = radiograph("k-1", "chest", "bacterial-pneumonia", population="child 1-5 years")
    assert answers_of_prompt(child) == answers_of_item(item)
    assert key_of_prompt(child) == key_of_item(item) in ILL
    adult = answers_of_prompt(library.get("chest-pneumothorax"))
    assert (adult.number("adult chest"), adult.number("child chest")) == (2, UNKNOWN)
    knee = answers_of_prompt(library.get("knee-severe-osteoarthritis"))
    assert HEADS["knee"][knee.number("knee")] == "moderate to severe"
    older = radiograph("nih-1", "chest", "normal", population="child")
    assert set(answers_of_item(older).by_head) <= {"region", "adult chest", "child chest"}
    assert answers_of_item(older).number("age") == UNKNOWN
    for prompt in library.bundled():
        assert answers_of_prompt(prompt).number("region") != UNKNOWN


def test_halves_share_no_patient_and_sets_have_the_same_mix():
    items = [
        radiograph(f"o-{index // 2}{'LR'[index % 2]}", "knee", "healthy", view="PA")
        for index in range(80)
    ]
    numbers = np.arange(80.0)[:, None]
    one, other = halves(items, numbers, np.random.default_rng(0))
    key = key_of_item(items[0])
    first, second = set(one[key][:, 0] // 2), set(other[key][:, 0] // 2)
    assert len(first) + len(second) == 40 and not first & second
    features = normal(80, width=4)
    good = compare("knee", items, features, {key: normal(60, seed=1, width=4)}, repeats=4)
    bad = compare("knee", items, features, {key: normal(60, 5.0, width=4)}, repeats=4)
    assert good is not None and bad is not None
    assert 20 <= good.images <= 40
    assert good.generated_frechet < 2 * good.real_frechet < bad.generated_frechet
    assert bad.generated_precision == 0
    assert compare("knee", items[:4], features[:4], {key: features}, repeats=2) is None


def test_a_copy_is_found_and_an_unrelated_image_is_not():
    greys = np.random.default_rng(0).integers(0, 256, (40, 64, 64), np.uint8)
    copy = greys[7].astype(float) * 0.5 + 60  # other exposure
    queries = np.stack([copy.astype(np.uint8), np.random.default_rng(9).integers(0, 256, (64, 64))])
    found = nearest(outlines(queries.astype(np.uint8)), outlines(greys))
    assert found.index[0] == 7 and found.distance[0] < 0.05 and found.relative[0] < 0.05
    assert found.distance[1] > 1 and found.relative[1] > 0.8


def noise(count, seed):
    return np.random.default_rng(seed).integers(0, 256, (count, 64, 64), np.uint8)


def test_copies_of_chests_and_of_mirrored_knees_are_found():
    library = load(default_path())
    knee, chest = library.get("knee-healthy"), library.get("chest-normal-adult")
    items = [
        *(radiograph(f"o-{index}L", "knee", "healthy") for index in range(25)),
        *(radiograph(f"nih-{index}", "chest", "normal") for index in range(25)),
    ]
    training = RealImages(items, noise(50, 0))
    validation = RealImages(items[20:30], noise(10, 1))
    copies = training.greys[[3, 4]][:, :, ::-1]
    generated = GeneratedImages((knee, chest), {knee.id: copies, chest.id: copies})
    (chests, knees), pairs = memorisation(training, validation, generated)
    assert (chests.area, chests.nearer) == ("chest", 0)
    assert (knees.area, knees.nearer, knees.nearer_than_neighbours) == ("knee", 1, 1)
    assert (knees.real_images, knees.generated_images) == (5, 2)
    assert pairs[-1].distance < 0.01 and (pairs[-1].training[:, ::-1] == pairs[-1].generated).all()


def test_plain_checkered_and_gridded_images_are_counted():
    rows, columns = np.indices((256, 256))
    ramp = (rows / 2 + columns / 3).astype(np.uint8)
    dotted = (ramp + 40 * ((rows + columns) % 2)).astype(np.uint8)
    lined = (ramp + 60 * (columns % 32 < 16)).astype(np.uint8)
    plain = np.zeros_like(ramp)
    drawn = np.stack([ramp, dotted, lined, plain])
    assert checkerboard(drawn).argmax() == 1 and grid(drawn).argmax() == 2
    assert contrast(drawn)[3] == 0
    items = [radiograph(f"fa-{index}", "foot", "no-fracture") for index in range(8)]
    films = np.stack([ramp, ramp.T, 255 - ramp, *[ramp] * 5])
    prompt = load(default_path()).get("foot-no-fracture")
    found = faults(RealImages(items, films), GeneratedImages((prompt,), {prompt.id: drawn}))
    assert (found.images, found.plain, found.checkerboard, found.grid) == (4, 1, 1, 1)


def blobs(count, seed, side=32):
    """Dark noise, half of the images with a bright spot: easy to distinguish."""
    random = np.random.default_rng(seed)
    greys = random.integers(0, 60, (count, side, side), dtype=np.uint8)
    greys[::2, 8:20, 8:20] += 150
    return greys, np.arange(count) % 2 == 0


def test_a_network_learns_and_resumes_from_its_state(tmp_path):
    torch.manual_seed(0)
    greys, bright = blobs(64, 0)
    examples = Examples(
        greys, {"spot": bright.astype(np.int64)}, np.full(64, 1 / 64), np.ones(64, bool)
    )
    state = tmp_path / "network.pt"
    network = fit(Network({"spot": 2}, 4), examples, 40, state=state)
    logits = apply(network, blobs(32, 1)[0], lambda net, batch: net(batch)["spot"])
    assert (logits.argmax(1) == blobs(32, 1)[1]).mean() > 0.9
    again = fit(Network({"spot": 2}, 4), examples, 40, state=state)  # no step is left
    assert torch.equal(again.to_features.weight, network.to_features.weight)


def test_augmented_images_keep_shape_and_range():
    greys, bright = blobs(6, 0)
    batch = augmented(greys, bright, np.random.default_rng(0))
    assert batch.shape == (6, 1, 32, 32) and batch.dtype == torch.float32
    assert float(batch.min()) > -1.5 and float(batch.max()) < 1.5


def test_a_network_trained_on_chests_recognises_pneumonia():
    greys, bright = blobs(60, 0)
    keys = [ILL[0] if spot else HEALTHY for spot in bright]
    chests, test = Chests(greys, keys), Chests(blobs(40, 1)[0], keys[:40])
    assert trained_auc(chests, test, seed=0, steps=25) > 0.9
    part = chests.with_same_mix([HEALTHY, HEALTHY, ILL[0]], np.random.default_rng(0))
    assert sorted(part.keys) == sorted([HEALTHY, HEALTHY, ILL[0]])
    assert len(part.plus(chests).greys) == 63


def test_usefulness_is_measured_once_per_set(tmp_path, monkeypatch):
    kinds = [
        ("normal", "k-{}"),
        ("bacterial-pneumonia", "k-person{}"),
        ("viral-pneumonia", "k-p{}"),
    ]
    items = [
        radiograph(name.format(number), "chest", label, population="child 1-5 years")
        for number in range(8)
        for label, name in kinds
    ]
    real = RealImages(items, noise(24, 0))
    prompts = [prompt for prompt in load(default_path()).bundled() if key_of_prompt(prompt)[2]]
    drawn = GeneratedImages(tuple(prompts), {prompt.id: noise(4, 1) for prompt in prompts})
    sizes = []

    def count(chests, test, seed):
        sizes.append(len(chests.greys))
        return 0.5

    monkeypatch.setattr("xray_tui.training.evaluation.usefulness.trained_auc", count)
    found = usefulness(real, real, drawn, tmp_path / "auc.json", "one")
    assert [entry.images for entry in found] == [12, 12, 12, 24]
    assert all(entry.auc == (0.5,) * 5 for entry in found) and len(sizes) == 20
    assert usefulness(real, real, drawn, tmp_path / "auc.json", "one") == found
    assert len(sizes) == 20
    usefulness(real, real, drawn, tmp_path / "auc.json", "another checkpoint")
    assert len(sizes) == 30  # results of real images are valid for every checkpoint


def test_label_agreement_is_counted_per_answer(tmp_path):
    items = read_radiographs(write_data(tmp_path, 2, images=False))
    greys = np.random.default_rng(0).integers(0, 256, (len(items), 256, 256), np.uint8)
    classifier = train_classifier(items, greys, tmp_path / "classifier.pt", steps=1)
    prompts = load(default_path()).bundled()
    generated = GeneratedImages(prompts, {prompt.id: greys[:1] for prompt in prompts})
    shares = agreement(classifier, RealImages(items, greys), generated)
    assert {share.head for share in shares} == {"area", *HEADS}
    limbs = next(share for share in shares if share.answer == "limbs")
    assert (limbs.real_images, limbs.generated_images) == (2, 7)
    chest = next(share for share in shares if (share.head, share.answer) == ("region", "chest"))
    assert (chest.real_images, chest.generated_images) == (6, 9)
    foot = next(share for share in shares if share.answer == "foot")
    assert foot.real_images == 2 and foot.generated_images == 1
    assert balanced(shares, "age") is not None
    assert classifier.features(greys).shape == (10, 64)


def test_shrinking_and_even_choice():
    greys = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    assert shrunk(greys, 2).tolist() == [[[2, 4], [10, 12]]]
    assert chosen_evenly(10, 4).tolist() == [0, 3, 6, 9]
    assert chosen_evenly(3, None).tolist() == chosen_evenly(3, 9).tolist() == [0, 1, 2]
