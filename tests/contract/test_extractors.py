"""How every extractor behaves on images: each public file of feature_extractors/ is found and held to it.

The checks are functions of the class alone, so that ``test_broken_extractors_are_caught`` can show that
each of them is able to fail. What extractors declare is in ``test_extractor_declarations.py``.
"""

from __future__ import annotations

import doctest
import importlib
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from feature_extractors._base import FeatureExtractor

OWN_PREFIXES = {
    "pyradiomics": ("original_",),  # the library's names: a filter comes first
    "radiomics": ("first_order_", "glcm_", "glrlm_", "glszm_", "gldm_", "ngtdm_"),  # those of its families
}
HEIGHT, WIDTH = 36, 40
DISC = np.hypot(*np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]) > 0.9  # outside of a round region


def pictures(number=3, height=HEIGHT, width=WIDTH, dtype=np.uint8):
    """Smooth random textures from 20 to 220."""
    rng = np.random.default_rng(7)
    rough = rng.random((number, height + 2, width + 2))
    smooth = (
        sum(rough[:, row : row + height, column : column + width] for row, column in np.ndindex(3, 3)) / 9
    )
    scaled = (smooth - smooth.min()) / np.ptp(smooth)
    return list(np.round(20 + 200 * scaled).astype(dtype))


def values(extractor_class, images):
    return extractor_class().fit(images).transform(images)


def check_fit_changes_no_parameter_and_returns_self(extractor_class):
    extractor = extractor_class()
    before = {name: pickle.dumps(value) for name, value in extractor.get_params().items()}
    assert extractor.fit(pictures()) is extractor
    assert {name: pickle.dumps(value) for name, value in extractor.get_params().items()} == before


def check_names_belong_to_columns(extractor_class):
    extractor = extractor_class().fit(pictures())
    names = list(extractor.get_feature_names_out())
    plugin = extractor_class.__module__.rpartition(".")[2]
    prefixes = OWN_PREFIXES.get(plugin, (f"{plugin}_", f"{plugin.removesuffix('s')}_"))
    assert extractor.transform(pictures()).shape == (3, len(names))
    assert len(set(names)) == len(names) > 0
    assert all(type(name) is str and re.fullmatch(r"[A-Za-z][\w.-]*", name) for name in names)
    assert all(name.startswith(prefixes) for name in names)


def check_values_are_finite_floats(extractor_class):
    """Whatever the dtype of the images; the same numbers in another dtype give the same features."""
    for dtype in (np.uint8, np.uint16, np.int32, np.float32, np.float64):
        rows = values(extractor_class, pictures(dtype=dtype))
        assert rows.dtype.kind == "f"
        assert np.isfinite(rows).all()
        np.testing.assert_allclose(rows, values(extractor_class, pictures()), rtol=1e-6, atol=1e-9)


def check_flat_images_have_finite_values(extractor_class):
    shape = (HEIGHT, WIDTH)
    noise = np.random.default_rng(0).random(shape)
    flat = [np.zeros(shape), np.full(shape, 0.1), np.full(shape, 255, np.uint8), np.full(shape, -1000.0)]
    nearly_flat = [100 + 1e-9 * noise, 1e-12 * noise, np.where(noise > 0.99, 1.0, 0.0)]
    for image in flat + nearly_flat:
        assert np.isfinite(values(extractor_class, [image])).all()


def check_rows_do_not_depend_on_other_images(extractor_class):
    images = pictures(4)
    extractor = extractor_class().fit(images)
    everything = extractor.transform(images)
    assert np.array_equal(extractor.transform(images), everything)
    assert np.array_equal(extractor.transform(images[1:3]), everything[1:3])
    assert np.array_equal(extractor.transform(images[::-1]), everything[::-1])
    for row, image in zip(everything, images, strict=True):
        assert np.array_equal(extractor.transform([image])[0], row)
        if extractor_class.STATELESS:
            assert np.array_equal(values(extractor_class, [image])[0], row)


def check_pickled_and_cloned_give_the_same(extractor_class):
    extractor = extractor_class().fit(pictures())
    rows = extractor.transform(pictures())
    copy = pickle.loads(pickle.dumps(extractor))
    assert np.array_equal(copy.transform(pictures()), rows)
    assert list(copy.get_feature_names_out()) == list(extractor.get_feature_names_out())
    assert np.array_equal(clone(extractor).fit(pictures()).transform(pictures()), rows)


def check_images_of_different_sizes(extractor_class):
    images = [pictures(1)[0], pictures(1, 48, 37)[0]]
    if getattr(extractor_class, "SAME_SIZE", False):
        with pytest.raises(ValueError, match=r"(?s)36×40.*48×37"):
            extractor_class().fit(images)
        with pytest.raises(ValueError, match=r"(?s)36×40.*48×37"):
            extractor_class().fit(images[:1]).transform(images)
    else:
        assert np.isfinite(values(extractor_class, images)).all()


def check_input_is_left_alone_and_may_have_any_layout(extractor_class):
    image = pictures(1)[0]
    expected = values(extractor_class, [image])
    spread = np.zeros((2 * HEIGHT, 3 * WIDTH), dtype=np.uint8)
    spread[::2, ::3] = image
    read_only = image.copy()
    read_only.flags.writeable = False
    for other in (spread[::2, ::3], np.asfortranarray(image), image[::-1].copy()[::-1], read_only):
        kept = other.copy()
        assert np.array_equal(values(extractor_class, [other]), expected)
        assert np.array_equal(other, kept)
    region = np.ma.array(image.copy(), mask=DISC.copy())
    values(extractor_class, [region])
    assert np.array_equal(region.data, image)
    assert np.array_equal(region.mask, DISC)


def check_region_of_everything_is_no_region(extractor_class):
    image = pictures(1)[0]
    expected = values(extractor_class, [image])
    for mask in (False, np.zeros(image.shape, dtype=bool)):
        assert np.array_equal(values(extractor_class, [np.ma.array(image, mask=mask)]), expected)


def check_nothing_outside_a_region_has_influence(extractor_class):
    """Of an extractor that uses surroundings: nothing that is not finite, and all else has some."""
    image = pictures(1, dtype=np.float64)[0]

    def hiding(value):
        return values(extractor_class, [np.ma.array(np.where(DISC, value, image), mask=DISC)])

    if extractor_class.USES_SURROUNDINGS:
        assert np.array_equal(hiding(np.nan), hiding(np.inf))
        assert not np.array_equal(hiding(np.nan), hiding(1e6))
        assert np.isfinite(hiding(np.nan)).all()
        return
    for hidden in (0.0, 1e6, np.nan, np.inf):
        assert np.array_equal(hiding(hidden), hiding(image))


def check_bad_images_are_refused(extractor_class):
    good = pictures(1, dtype=np.float64)[0]
    holes = [np.where(DISC, hole, good) for hole in (np.nan, np.inf, -np.inf)]
    hidden = np.ma.array(good, mask=True)
    wrong = [
        *holes,
        np.empty((0, 5)),
        np.zeros(9),
        np.zeros((2, 2, 2, 2)),
        hidden,
        good + 1j,
        good.astype(str),
    ]
    if extractor_class.DIMENSIONS == (2,):
        wrong.append(np.zeros((3, HEIGHT, WIDTH)))
    for image in wrong:
        with pytest.raises((ValueError, TypeError)):
            extractor_class().fit([image])
        with pytest.raises((ValueError, TypeError)):
            extractor_class().fit([good]).transform([good, image])
    with pytest.raises(ValueError):
        extractor_class().fit([])


def check_not_fitted_is_said(extractor_class):
    with pytest.raises(NotFittedError):
        extractor_class().transform(pictures())
    with pytest.raises(NotFittedError):
        extractor_class().get_feature_names_out()


def check_works_in_a_pipeline(extractor_class):
    images, labels = pictures(6), ["a", "b"] * 3
    pipeline = make_pipeline(extractor_class(), SVC()).fit(images, labels)
    rows = values(extractor_class, images)
    assert np.array_equal(pipeline.decision_function(images), SVC().fit(rows, labels).decision_function(rows))
    table = extractor_class().set_output(transform="pandas").fit(images).transform(images)
    assert np.array_equal(table.to_numpy(), rows)
    assert list(table.columns) == list(pipeline[0].get_feature_names_out())


CHECKS = {name: function for name, function in globals().items() if name.startswith("check_")}


class TakesPlanes:
    """Lets an extractor of volumes take a picture for a volume of one slice."""

    DIMENSIONS = (2, 3)

    def _check_images(self, X):
        return super()._check_images([image[np.newaxis] if np.ndim(image) == 2 else image for image in X])


@pytest.mark.parametrize("check", CHECKS)
def test_contract(extractor_class, check, monkeypatch):
    if 2 not in extractor_class.DIMENSIONS:
        module = extractor_class.__module__
        extractor_class = type("OfPlanes", (TakesPlanes, extractor_class), {"__module__": module})
        monkeypatch.setattr(sys.modules[module], "OfPlanes", extractor_class, raising=False)  # to be pickled
    CHECKS[check](extractor_class)


@pytest.fixture
def example_of_contributing(tmp_path, monkeypatch):
    """Return the class that CONTRIBUTING.md shows, from a file of its own."""
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    file = tmp_path / "sharpness.py"
    file.write_text(re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)[1], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("sharpness")
    del sys.modules["sharpness"]


def test_example_of_contributing_keeps_the_contract(example_of_contributing):
    assert doctest.testmod(example_of_contributing).attempted == 1
    assert doctest.testmod(example_of_contributing).failed == 0
    for check in CHECKS.values():
        check(example_of_contributing.Sharpness)


def fits_its_parameter(self, X, y=None):
    self.scale = 2
    return FeatureExtractor.fit(self, X, y)


def compares_with_the_other_images(self, X):
    rows = FeatureExtractor.transform(self, X)
    return rows - rows.mean()


def learns_in_secret(self, X, y=None):
    self.offset_ = np.ma.mean(X[0])
    return FeatureExtractor.fit(self, X, y)


def writes_into_the_image(self, image):
    image += 1
    return [image.mean()]


BROKEN = [
    ("fit_changes_no_parameter_and_returns_self", {"fit": fits_its_parameter}),
    ("names_belong_to_columns", {"_names": lambda self, image: ["conftest_mean"] * 2}),
    ("names_belong_to_columns", {"_names": lambda self, image: ["mean"]}),
    ("values_are_finite_floats", {"DTYPE": np.int64}),
    ("values_are_finite_floats", {"_extract": lambda self, image: [image.itemsize]}),
    (
        "flat_images_have_finite_values",
        {"_extract": lambda self, image: [np.nan if np.ptp(image) == 0 else 1]},
    ),
    ("rows_do_not_depend_on_other_images", {"transform": compares_with_the_other_images}),
    (
        "rows_do_not_depend_on_other_images",
        {"_extract": lambda self, image: [np.random.default_rng().random()]},
    ),
    (
        "rows_do_not_depend_on_other_images",
        {"fit": learns_in_secret, "_extract": lambda self, image: [image.mean() - self.offset_]},
    ),
    ("pickled_and_cloned_give_the_same", {"_extract": lambda self, image: [id(self)]}),
    (
        "images_of_different_sizes",
        {"_extract": lambda self, image: [1 if image.shape == (HEIGHT, WIDTH) else np.inf]},
    ),
    ("images_of_different_sizes", {"SAME_SIZE": True}),
    ("input_is_left_alone_and_may_have_any_layout", {"_extract": writes_into_the_image}),
    ("input_is_left_alone_and_may_have_any_layout", {"_extract": lambda self, image: [image.strides[0]]}),
    ("region_of_everything_is_no_region", {"_extract": lambda self, image: [np.ma.isMaskedArray(image)]}),
    (
        "nothing_outside_a_region_has_influence",
        {"_extract": lambda self, image: [np.ma.getdata(image).mean()]},
    ),
    (
        "nothing_outside_a_region_has_influence",
        {"_extract": lambda self, image: [np.ma.getdata(image).mean()], "USES_SURROUNDINGS": True},
    ),
    ("nothing_outside_a_region_has_influence", {"USES_SURROUNDINGS": True}),
    ("bad_images_are_refused", {"_check_image": lambda self, image, index: None}),
    ("not_fitted_is_said", {"transform": lambda self, X: np.zeros((len(X), 1))}),
    ("works_in_a_pipeline", {"_extract": lambda self, image: [np.random.default_rng().random()]}),
]


@pytest.mark.parametrize("check", CHECKS)
def test_sound_extractor_passes(sound_extractor, check):
    CHECKS[check](sound_extractor)


@pytest.mark.parametrize(("check", "members"), BROKEN)
def test_broken_extractors_are_caught(sound_extractor, check, members, monkeypatch):
    broken = type("Broken", (sound_extractor,), {"__module__": sound_extractor.__module__, **members})
    monkeypatch.setattr(sys.modules[broken.__module__], "Broken", broken, raising=False)  # to be pickled
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        CHECKS[f"check_{check}"](broken)


def test_every_check_is_shown_to_fail():
    assert {f"check_{check}" for check, _ in BROKEN} == set(CHECKS)
