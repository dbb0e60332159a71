"""How every classifier of images behaves: each such file of classifiers/ is found and held to it."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import pickle
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from threadpoolctl import threadpool_limits

from suite.training import training_facts

ROOT = Path(__file__).parents[2]
FILES = sorted(path.stem for path in (ROOT / "classifiers").glob("*.py") if not path.stem.startswith("_"))
QUICK = {
    "epochs": 2,
    "batch_size": 4,
    "learning_rate": 0.01,
    "model": "squeezenet1_1",
    "weights": "random",
    "size": 32,
    "precision": "float32",
}


@cache
def load(name):
    """The one public class of a plugin file."""
    module = importlib.import_module(f"classifiers.{name}")
    (class_name,) = module.__all__
    return getattr(module, class_name)


NAMES = [name for name in FILES if load(name).INPUT == "images"]
every_classifier = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def one_thread():
    """As in a run; with two, sums may be rounded otherwise.

    A limit reaches only what is imported already, and not what other tests have told torch itself.
    """
    importlib.import_module("torchvision")
    importlib.import_module("torch").set_num_threads(1)
    with threadpool_limits(1):
        yield


def quick(name, **parameters):
    """A classifier of small size, to keep the tests short."""
    classifier = load(name)()
    known = classifier.get_params()
    return classifier.set_params(**{k: v for k, v in QUICK.items() if k in known} | parameters)


def some_images(rows=8, classes=2, shape=(24, 20)):
    """Noise, with a bright band whose place is the class."""
    rng = np.random.default_rng(0)
    X = rng.random((rows, *shape))
    names = np.array(["normal", "covid", "pneumonia"])[np.arange(rows) % classes]
    for row, image in enumerate(X):
        image[:, 6 * (row % classes) : 6 * (row % classes) + 6] += 2
    return X, names


def digest(probabilities):
    return hashlib.sha256(np.ascontiguousarray(probabilities).tobytes()).hexdigest()


@cache
def fitted_digest(name):
    X, y = some_images()
    return digest(quick(name).fit(X, y).predict_proba(X))


def test_the_promised_classifiers_are_found():
    assert {"cov19net", "fine_tuned_cnn"} <= set(NAMES)


@every_classifier
def test_declares_what_it_is(name):
    cls = load(name)
    assert cls.VERSION >= 1
    assert cls.USES_FEATURES is True
    assert cls().random_state == 0
    assert set(cls._parameter_constraints) >= set(cls().get_params())
    assert set(cls.FILES) <= set(cls().get_params())


@every_classifier
def test_is_documented(name):
    cls = load(name)
    text = inspect.getdoc(cls)
    for section in ("Parameters", "Attributes", "References", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text
    described = text.split("\nParameters\n")[1].split("\nAttributes\n")[0]
    defaults = {p.name: p.default for p in inspect.signature(cls).parameters.values()}
    told = dict(re.findall(r"^(\w+) : .*default=(.+)$", described, flags=re.MULTILINE))
    assert told == {p: f'"{v}"' if isinstance(v, str) else repr(v) for p, v in defaults.items()}
    assert re.search(r"doi:|arXiv:", text)


@every_classifier
def test_init_only_stores(name):
    cls = load(name)
    given = {parameter: object() for parameter in inspect.signature(cls).parameters}
    assert vars(cls(**given)) == given


@every_classifier
def test_clone_and_parameters(name):
    classifier = quick(name)
    copy = clone(classifier)
    assert copy.get_params() == classifier.get_params()
    assert type(copy)().set_params(**classifier.get_params()).get_params() == classifier.get_params()
    with pytest.raises(ValueError, match="no_such_parameter"):
        copy.set_params(no_such_parameter=1)


WRONG = {
    "size": [0, 2.5, "64"],
    "epochs": [0, 1.5, True, None],
    "batch_size": [1, "32", 8.0],
    "steps_per_epoch": [0, 2.5, False],
    "optimizer": ["adamm", None, 3],
    "learning_rate": [0, -1, "fast"],
    "weight_decay": [-0.1, None],
    "momentum": [1, -0.1, "0.9"],
    "schedule": ["linear", None],
    "early_stopping": [0, 1.5, True],
    "validation_size": [0, 0.5, 0.9, "0.1"],
    "augment": ["no_such_augmentation", 3, ["no_such_step"], [{"rotation": {"degrees": "many"}}]],
    "class_weight": ["equal", 2, {}, {"covid": 0}, {"covid": "much"}],
    "gray_range": [5, [0], [0, 1, 2], [1, 0], [2, 2], ["a", "b"]],
    "precision": ["half", 32],
    "device": ["gpu", 0, "cuda:x"],
    "checkpoint": [3],
    "random_state": [-1, 0.5, None, 2**32],
    "model": ["squeezenet", 1],
    "weights": ["imagnet", None],
    "layer": [3],
    "train": ["last", 0, 1.5, True, None],
    "head": ["dense", ["flatten", "relu"], [512], 512, None],
    "padding": ["same", None],
}


def wrong_values():
    return [
        pytest.param(name, parameter, value, id=f"{name}-{parameter}-{value!r}")
        for name in NAMES
        for parameter in load(name)().get_params()
        for value in WRONG[parameter]
    ]


@pytest.mark.parametrize(("name", "parameter", "value"), wrong_values())
def test_every_parameter_is_checked(name, parameter, value):
    X, y = some_images()
    wrong = quick(name, **{parameter: value})
    label = rf"'{parameter}(\.\w+)?' parameter of {load(name).__name__}"
    with pytest.raises((ValueError, TypeError), match=label):
        wrong.check_parameters()
    with pytest.raises((ValueError, TypeError), match=label):
        wrong.fit(X, y)


@every_classifier
def test_defaults_and_all_that_is_documented_are_accepted(name):
    load(name)().check_parameters()
    good = {
        "size": [None, 48],
        "steps_per_epoch": [3],
        "optimizer": ["adam", "adamw", "rmsprop", "sgd"],
        "schedule": ["constant", "cosine", "step"],
        "augment": ["cov19net", "vgg19_mobilenet", "inception_xception", [], ["horizontal_flip"]],
        "class_weight": ["balanced", {"covid": 2}],
        "gray_range": [(0, 255), [0.0, 1.0]],
        "precision": ["auto", "float32"],
        "device": ["auto", "cpu", "cuda", "cuda:1", "mps"],
        "checkpoint": ["x.state", Path("x.state")],
        "train": ["head", "all", 3],
        "head": ["linear", ["flatten", 3], ("global_max_pooling",)],
        "weights": ["imagenet", "random", "IMAGENET1K_V2", "mine.safetensors"],
        "padding": ["torch", "tensorflow"],
    }
    for parameter, values in good.items():
        for value in values if parameter in load(name)().get_params() else ():
            quick(name, **{parameter: value}).check_parameters()


@every_classifier
def test_identity_is_what_decides_the_predictions(name):
    one = quick(name).identity()
    assert quick(name, device="cuda", checkpoint="x.state").identity() == one
    assert quick(name, epochs=3).identity() != one
    written = quick(name, augment="cov19net").identity()
    by_hand = quick(name, augment=written["augment"]).identity()
    assert by_hand == written != one


@every_classifier
@pytest.mark.parametrize("classes", [2, 3])
def test_predictions_have_the_right_form(name, classes):
    X, y = some_images(9, classes)
    classifier = quick(name)
    assert classifier.fit(X, y) is classifier
    probabilities = classifier.predict_proba(X)
    assert classifier.classes_.tolist() == sorted(set(y))
    assert probabilities.shape == (9, classes)
    assert probabilities.dtype == np.float64
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    labels = classifier.classes_[probabilities.argmax(axis=1)]
    assert classifier.predict(X).tolist() == labels.tolist()


@every_classifier
@pytest.mark.parametrize("classes", [2, 3])
def test_learns(name, classes):
    """Which column is which class shows in what was learned."""
    X, y = some_images(24, classes)
    classifier = quick(name, epochs=12, learning_rate=0.0003).fit(X[:12], y[:12])
    assert classifier.score(X[12:], y[12:]) > 0.9


@every_classifier
def test_integer_labels_give_the_same_probabilities_as_strings(name):
    X, y = some_images()
    numbers = quick(name).fit(X, np.unique(y, return_inverse=True)[1] * 10)
    assert numbers.classes_.tolist() == [0, 10]
    assert set(numbers.predict(X)) <= {0, 10}
    assert digest(numbers.predict_proba(X)) == fitted_digest(name)
    assert digest(quick(name).fit(X, y.tolist()).predict_proba(X)) == fitted_digest(name)


@every_classifier
def test_what_it_tells_of_its_training_has_the_form_that_is_kept(name):
    """Another form would be left out with a warning, which is an error here."""
    X, y = some_images(16)
    told = training_facts(quick(name, validation_size=0.25).fit(X, y))
    assert [entry["epoch"] for entry in told["history"]] == [1, 2]
    measures = {"train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "seconds", "learning_rate"}
    assert set(told["history"][0]) == measures | {"epoch"}
    assert set(training_facts(quick(name).fit(X, y))["history"][0]) == {
        "epoch", *(measure for measure in measures if not measure.startswith("valid"))
    }  # fmt: skip
    assert sum(layer["parameters"] for layer in told["layers"]) == told["n_parameters"] > 0
    assert sum(layer["trainable"] for layer in told["layers"]) == told["n_parameters_trainable"] > 0
    assert told["peak_memory"] is None or told["peak_memory"] >= 0


@every_classifier
def test_pickle(name):
    X, y = some_images()
    classifier = pickle.loads(pickle.dumps(quick(name).fit(X, y)))
    assert digest(classifier.predict_proba(X)) == fitted_digest(name)


@every_classifier
def test_fitting_again_forgets(name):
    X, y = some_images()
    again = quick(name).fit(*some_images(9, 3, (16, 16))).fit(X, y)
    assert digest(again.predict_proba(X)) == fitted_digest(name)
    assert [entry["epoch"] for entry in again.history_] == [1, 2]


@every_classifier
def test_another_seed_gives_other_predictions(name):
    X, y = some_images()
    assert digest(quick(name, random_state=1).fit(X, y).predict_proba(X)) != fitted_digest(name)
    assert digest(quick(name, random_state=0).fit(X, y).predict_proba(X)) == fitted_digest(name)


ANOTHER_PROCESS = """
import sys
import numpy
sys.path.insert(0, sys.argv[1])
import test_image_classifiers as t
assert "torch" not in sys.modules, "torch was imported with the plugins"
import torch
with t.threadpool_limits(1):
    for name in t.NAMES:
        print(name, t.fitted_digest(name))
"""


def test_another_process_predicts_the_same_bits_and_torch_is_imported_by_fit_alone():
    here = [f"{name} {fitted_digest(name)}" for name in NAMES]
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, str(Path(__file__).parent)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "2", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == here


@every_classifier
def test_global_randomness_is_untouched(name):
    import torch

    X, y = some_images()
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = torch.rand(3), np.random.rand(3)  # noqa: NPY002
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    quick(name, augment="cov19net").fit(X, y).predict_proba(X)
    assert torch.equal(torch.rand(3), expected[0])
    assert np.random.rand(3).tolist() == expected[1].tolist()  # noqa: NPY002


@every_classifier
def test_the_global_seed_has_no_influence(name):
    import torch

    X, y = some_images()
    torch.manual_seed(12345)
    assert digest(quick(name).fit(X, y).predict_proba(X)) == fitted_digest(name)


@every_classifier
def test_prediction_leaves_the_network_and_other_images_alone(name):
    X, y = some_images()
    classifier = quick(name).fit(X, y)
    together = classifier.predict_proba(X)
    alone = np.vstack([classifier.predict_proba(image[np.newaxis]) for image in X])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-6)
    assert digest(classifier.predict_proba(X)) == digest(together)


@every_classifier
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8, np.uint16, np.int16])
def test_leaves_its_input_alone(name, dtype):
    X, y = some_images()
    X = (X * 80).astype(dtype)
    before = X.copy()
    X.flags.writeable = y.flags.writeable = False
    proba = quick(name, epochs=1).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(X, before)
    assert X.dtype == before.dtype
    as_floats = (
        quick(name, epochs=1).fit(before.astype(np.float64), y).predict_proba(before.astype(np.float64))
    )
    np.testing.assert_allclose(proba, as_floats, rtol=0, atol=1e-5)


@every_classifier
def test_images_may_be_an_array_or_a_list(name):
    X, y = some_images()
    assert digest(quick(name).fit(list(X), y).predict_proba(tuple(X))) == fitted_digest(name)


@every_classifier
def test_images_may_differ_in_size(name):
    X, y = some_images()
    sizes = [(24, 20), (64, 64), (32, 32), (100, 30), (7, 9), (33, 65), (20, 24), (48, 48)]
    rng = np.random.default_rng(0)
    images = [rng.random(size) for size in sizes]
    classifier = quick(name).fit(images, y)
    proba = classifier.predict_proba(images + list(X))
    assert proba.shape == (16, 2)
    assert np.isfinite(proba).all()


@every_classifier
def test_gray_values_count_relative_to_the_range(name):
    """Smallest and largest of each image; with a range given, those beyond are cut."""
    X, y = some_images()
    stretched = quick(name).fit(X * 100 - 7, y).predict_proba(X * 100 - 7)
    np.testing.assert_allclose(stretched, quick(name).fit(X, y).predict_proba(X), rtol=0, atol=1e-4)
    cut = quick(name, gray_range=(0, 1)).fit(X, y)
    assert digest(cut.predict_proba(X)) == digest(cut.predict_proba(X.clip(0, 1)))
    assert digest(cut.predict_proba(X)) != digest(cut.predict_proba(X * 0.5))


@every_classifier
def test_a_constant_image_breaks_nothing(name):
    X, y = some_images()
    X[3] = 5
    assert np.isfinite(quick(name).fit(X, y).predict_proba(X)).all()


@every_classifier
@pytest.mark.parametrize("rows", [1, 6])
def test_one_class_is_refused(name, rows):
    X, _ = some_images(rows)
    with pytest.raises(ValueError, match=rf"at least two classes; y has one class, covid, in all {rows} "):
        quick(name).fit(X, ["covid"] * rows)


@every_classifier
def test_labels_of_another_number_are_refused(name):
    X, y = some_images()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quick(name).fit(X, y[1:])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quick(name).fit(X, y, groups=[0, 1])


@every_classifier
def test_features_are_no_images(name):
    X, y = some_images()
    with pytest.raises(
        ValueError, match=r"takes images, one array of shape \(H, W\) each; X has shape \(8, 480"
    ):
        quick(name).fit(X.reshape(8, -1), y)


@every_classifier
def test_prediction_needs_a_fit(name):
    with pytest.raises(NotFittedError):
        quick(name).predict(some_images()[0])


@every_classifier
def test_a_class_that_is_weighed_must_be_there(name):
    X, y = some_images()
    with pytest.raises(ValueError, match=r"names 'covit', which is not a class\. Did you mean 'covid'\?"):
        quick(name, class_weight={"covit": 2}).fit(X, y)


@every_classifier
def test_balanced_weights_are_those_of_a_mapping(name):
    """Two of covid among eight: 8 / (2 · 2) = 2, and 8 / (2 · 6)."""
    X, _ = some_images()
    y = ["covid", "normal", "normal", "normal"] * 2
    balanced, plain = (
        quick(name, class_weight=weight).fit(X, y).predict_proba(X) for weight in ("balanced", None)
    )
    by_hand = quick(name, class_weight={"covid": 2, "normal": 8 / 12}).fit(X, y).predict_proba(X)
    assert digest(balanced) == digest(by_hand) != digest(plain)


@every_classifier
def test_validation_never_divides_a_group(name):
    """Rows of a patient are on one side, and stay there in every split that seeds can give."""
    X, y = some_images(40)
    groups = np.arange(40) // 2 % 10  # a patient has two images of each class
    codes = np.unique(y, return_inverse=True)[1]
    seen = set()
    for seed in range(10):
        classifier = quick(name, validation_size=0.2, random_state=seed)
        classifier.classes_ = np.unique(y)
        rows, held_out = classifier._parts(codes, groups)
        assert sorted([*rows, *held_out]) == list(range(40))
        assert not set(groups[rows]) & set(groups[held_out])
        assert len(set(groups[held_out])) == 2
        assert set(codes[held_out]) == set(codes[rows]) == {0, 1}
        seen.add(tuple(held_out))
    assert len(seen) > 1
    assert (
        quick(name, validation_size=0.25).fit(X[:12], y[:12], groups=groups[:12]).history_[0]["valid_loss"]
        > 0
    )


@every_classifier
def test_what_is_held_out_is_not_trained_on(name):
    """Images held out may be anything: weights are the same."""
    X, y = some_images(12)
    classifier = quick(name, validation_size=0.25)
    classifier.classes_ = np.unique(y)
    _, held_out = classifier._parts(np.unique(y, return_inverse=True)[1], None)
    other = X.copy()
    other[held_out] = np.random.default_rng(1).random(other[held_out].shape)
    one, same = (quick(name, validation_size=0.25).fit(images, y) for images in (X, other))
    assert digest(one.predict_proba(X)) == digest(same.predict_proba(X))
    assert one.history_[0]["valid_loss"] != same.history_[0]["valid_loss"]


@every_classifier
def test_validation_that_cannot_be_is_refused(name):
    X, y = some_images()
    with pytest.raises(
        ValueError, match=r"needs at least 2 groups of each class .* 1 groups of covid, 1 groups"
    ):
        quick(name, validation_size=0.25).fit(X, y, groups=np.arange(8) % 2)


@every_classifier
def test_early_stopping_holds_out_a_share_by_itself(name):
    X, y = some_images(16)
    history = quick(name, epochs=3, early_stopping=1).fit(X, y).history_
    assert "valid_loss" in history[0]


@every_classifier
def test_a_device_that_is_not_there_is_refused(name):
    X, y = some_images()
    with pytest.raises(ValueError, match=r"the device cuda:99 is asked for, and torch finds"):
        quick(name, device="cuda:99").fit(X, y)


@every_classifier
def test_a_checkpoint_is_gone_after_the_fit_and_changes_nothing(name, tmp_path):
    X, y = some_images()
    classifier = quick(name, checkpoint=tmp_path / "x.state").fit(X, y)
    assert digest(classifier.predict_proba(X)) == fitted_digest(name)
    assert not list(tmp_path.iterdir())


@every_classifier
def test_works_within_scikit_learn(name):
    X, y = some_images(12)
    scores = cross_val_score(quick(name), X, y, cv=2, params={"groups": np.arange(12)})
    assert scores.shape == (2,)
