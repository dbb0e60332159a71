"""The phantom: reproducible, labelled as synthetic, and a fair test of texture features."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, cross_val_score

from suite.datasets._phantom_image import MEAN_BRIGHTNESS
from suite.datasets.phantom import Phantom


def read(image):
    return image.read()


def load(**options):
    return Phantom(**options).load(locate=None)


def test_the_samples_are_balanced_grouped_and_called_synthetic():
    dataset = load(patients=4, images_per_patient=3, size=32)
    samples = dataset.samples
    assert dataset.synthetic
    assert dataset.grouped
    assert "synthetic" in dataset.description
    assert samples["sample_id"].str.startswith("phantom-").all()
    assert {image.properties()["format"] for image in dataset.images} == {"synthetic"}
    assert samples["label"].value_counts().to_dict() == {"normal": 12, "pneumonia": 12, "covid": 12}
    assert samples.groupby("group").agg({"label": "nunique", "source": "nunique"}).eq(1).all(axis=None)
    assert samples["group"].value_counts().eq(3).all()
    assert samples.groupby(["label", "source"]).size().eq(6).all()


def test_films_are_the_same_in_any_process_and_order():
    images = load(patients=2, size=64).images
    here = [image.read() for image in images]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(read, reversed(images)))
    np.testing.assert_array_equal(here, there[::-1])


def test_more_patients_leave_the_first_ones_as_they_are():
    few, many = load(patients=2, size=32), load(patients=3, images_per_patient=3, size=32)
    pixels = {image.path: image.read() for image in many.images}
    for image in few.images:
        np.testing.assert_array_equal(image.read(), pixels[image.path])


def test_the_fingerprint_follows_every_parameter():
    changes = [{}, {"size": 64}, {"difficulty": 0.5}, {"seed": 1}]
    prints = [image.fingerprint() for change in changes for image in load(patients=2, **change).images]
    assert len(set(prints)) == len(prints)
    assert load(patients=2).images[3].fingerprint() == prints[3]
    assert load(patients=2).images[3].stamp() is None


def test_all_films_differ():
    pixels = [image.read().tobytes() for image in load(patients=4, size=48).images]
    assert len(set(pixels)) == len(pixels)


def test_films_of_one_patient_resemble_each_other():
    films = np.array(
        [image.read().ravel() for image in load(patients=6, size=64, difficulty=0).images], float
    )
    correlation = np.corrcoef(films)
    same = correlation[np.arange(0, 36, 2), np.arange(1, 36, 2)]
    others = correlation[np.arange(0, 36, 2), np.roll(np.arange(1, 36, 2), 2)]
    assert same.mean() > others.mean() + 0.005


@pytest.mark.parametrize("size", [32, 100, 128])
def test_every_film_has_the_same_mean_brightness(size):
    films = [image.read() for image in load(patients=4, size=size, difficulty=0).images]
    assert all(film.dtype == np.uint8 and film.shape == (size, size) for film in films)
    assert np.abs([film.mean() - MEAN_BRIGHTNESS for film in films]).max() < 0.1
    assert min(film.std() for film in films) > 30


def accuracies(difficulty):
    """Grouped cross-validated accuracy (chance: 1/3) by mean brightness and by co-occurrence."""
    dataset = load(patients=24, size=96, difficulty=difficulty)
    films = [image.read() for image in dataset.images]
    brightness = [[film.mean()] for film in films]
    texture = [
        np.concatenate(
            [
                graycoprops(graycomatrix(film // 8, [1, 2, 4], [0, np.pi / 2], 32, True, True), name).ravel()
                for name in ("contrast", "homogeneity", "energy", "correlation")
            ]
        )
        for film in films
    ]
    return [
        cross_val_score(
            RandomForestClassifier(100, random_state=0),
            features,
            dataset.samples["label"],
            groups=dataset.samples["group"],
            cv=GroupKFold(4),
        ).mean()
        for features in (brightness, texture)
    ]


def test_texture_tells_the_classes_apart_and_brightness_does_not():
    brightness, texture = accuracies(difficulty=0)
    assert brightness < 0.5
    assert texture > 0.65


def test_at_full_difficulty_there_is_nothing_to_find():
    assert max(accuracies(difficulty=1)) < 0.5
