"""How every classifier behaves: each public file of classifiers/ is found and held to it.

Classifiers that take images instead of features are left to tests of their own.
"""

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
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from suite.training import training_facts

ROOT = Path(__file__).parents[2]
FILES = sorted(path.stem for path in (ROOT / "classifiers").glob("*.py") if not path.stem.startswith("_"))
QUICK = {"n_estimators": 10, "epochs": 30}


@cache
def load(name):
    """The one public class of a plugin file."""
    module = importlib.import_module(f"classifiers.{name}")
    (class_name,) = module.__all__
    return getattr(module, class_name)


NAMES = [name for name in FILES if load(name).INPUT == "features"]
LOOKING = [name for name in NAMES if load(name).USES_FEATURES]
every_classifier = pytest.mark.parametrize("name", NAMES)
every_looking_classifier = pytest.mark.parametrize("name", LOOKING)


def quick(name, **parameters):
    """A classifier of small size, to keep the tests short."""
    classifier = load(name)()
    known = classifier.get_params()
    return classifier.set_params(**{k: v for k, v in (QUICK | parameters).items() if k in known})


def three_classes():
    X, y = load_wine(return_X_y=True)
    return X, np.array(["barolo", "grignolino", "barbera"])[y]


def two_classes():
    X, y = load_iris(return_X_y=True)
    return X[50:], np.array(["", "versicolor", "virginica"])[y[50:]]


both_kinds = pytest.mark.parametrize("data", [two_classes, three_classes])


def digest(probabilities):
    return hashlib.sha256(np.ascontiguousarray(probabilities).tobytes()).hexdigest()


def test_the_promised_classifiers_are_found():
    promised = {"svm", "random_forest", "knn", "xgboost", "mlp", "logistic_regression", "dummy"}
    assert promised <= set(NAMES)


@every_classifier
def test_declares_what_it_is(name):
    cls = load(name)
    assert cls.VERSION >= 1
    assert cls.INPUT == "features"
    assert cls.USES_FEATURES is (name != "dummy")
    assert "random_state" not in cls().get_params() or cls().random_state == 0


@every_classifier
def test_init_only_stores(name):
    cls = load(name)
    given = {parameter: object() for parameter in inspect.signature(cls).parameters}
    stored = vars(cls(**given))
    assert stored == given


@every_classifier
def test_clone_and_parameters(name):
    classifier = quick(name)
    copy = clone(classifier)
    assert copy.get_params() == classifier.get_params()
    assert type(copy)().set_params(**classifier.get_params()).get_params() == classifier.get_params()
    with pytest.raises(ValueError, match="no_such_parameter"):
        copy.set_params(no_such_parameter=1)


@every_looking_classifier
def test_keeps_scikit_learn_s_contract(name):
    """With max_missing=1, for scikit-learn's checks put a NaN into one of three rows."""
    known = {"check_non_transformer_estimators_n_iter": "epochs and iterations belong to the model inside"}
    results = check_estimator(
        quick(name, max_missing=1.0), expected_failed_checks=known, on_fail="raise", on_skip=None
    )
    assert sum(result["status"] == "passed" for result in results) > 40


@every_classifier
@both_kinds
def test_predictions_have_the_right_form(name, data):
    X, y = data()
    classifier = quick(name)
    assert classifier.fit(X[::2], y[::2]) is classifier
    probabilities = classifier.predict_proba(X[1::2])
    assert classifier.classes_.tolist() == sorted(set(y))
    assert probabilities.shape == (len(X[1::2]), len(set(y)))
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    labels = classifier.classes_[probabilities.argmax(axis=1)]
    assert classifier.predict(X[1::2]).tolist() == labels.tolist()
    assert classifier.n_features_selected_ == (X.shape[1] if classifier.USES_FEATURES else 0)
    assert classifier.best_params_ == {}


@every_classifier
def test_what_it_tells_of_its_training_has_the_form_that_is_kept(name):
    """Another form would be left out with a warning, which is an error here."""
    told = training_facts(quick(name).fit(*three_classes()))
    assert [entry["epoch"] for entry in told["history"]] == ([*range(1, 31)] if name == "mlp" else [])
    if told["layers"]:
        assert sum(layer["parameters"] for layer in told["layers"]) == told["n_parameters"]
        assert sum(layer["trainable"] for layer in told["layers"]) == told["n_parameters_trainable"]


@every_looking_classifier
@both_kinds
def test_learns(name, data):
    X, y = data()
    assert quick(name).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) > 0.85


@every_classifier
def test_integer_labels_give_the_same_probabilities_as_strings(name):
    X, y = three_classes()
    codes = np.unique(y, return_inverse=True)[1] * 10
    numbers, strings = (quick(name).fit(X, labels) for labels in (codes, y))
    assert numbers.classes_.tolist() == [0, 10, 20]
    assert digest(numbers.predict_proba(X)) == digest(strings.predict_proba(X))


@every_classifier
def test_pickle(name):
    X, y = three_classes()
    classifier = quick(name).fit(X, y)
    copy = pickle.loads(pickle.dumps(classifier))
    assert digest(copy.predict_proba(X)) == digest(classifier.predict_proba(X))


@every_classifier
def test_fitting_again_forgets(name):
    X, y = three_classes()
    other, labels = two_classes()
    again = quick(name).fit(other, labels).fit(X, y)
    assert digest(again.predict_proba(X)) == digest(quick(name).fit(X, y).predict_proba(X))


DIGESTS = """
import importlib, hashlib, sys
import numpy as np
from sklearn.datasets import load_wine
from threadpoolctl import threadpool_limits
X, y = load_wine(return_X_y=True)
for name in sys.argv[1:]:
    module = importlib.import_module(f"classifiers.{name}")
    model = getattr(module, module.__all__[0])()
    small = {k: v for k, v in {"n_estimators": 10, "epochs": 30}.items() if k in model.get_params()}
    with threadpool_limits(1):
        proba = model.set_params(**small).fit(X, y).predict_proba(X)
    print(name, hashlib.sha256(np.ascontiguousarray(proba).tobytes()).hexdigest())
assert "torch" not in sys.modules, "torch was imported"
"""


def test_another_process_predicts_the_same_bits_and_imports_no_torch():
    X, y = load_wine(return_X_y=True)
    with threadpool_limits(1):
        here = [f"{name} {digest(quick(name).fit(X, y).predict_proba(X))}" for name in NAMES]
    threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS, *NAMES],
        cwd=ROOT,
        env=os.environ | threads,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == here


@every_classifier
def test_a_prediction_does_not_depend_on_the_other_rows(name):
    X, y = three_classes()
    classifier = quick(name).fit(X[::2], y[::2])
    together = classifier.predict_proba(X[1::2])
    alone = np.vstack([classifier.predict_proba(row[np.newaxis]) for row in X[1::2]])
    np.testing.assert_allclose(alone, together, rtol=0, atol=1e-12)
    assert digest(classifier.predict_proba(X[1::2][::-1])[::-1].round(12)) == digest(together.round(12))


@every_classifier
def test_the_order_of_training_rows_matters_little(name):
    X, y = three_classes()
    order = np.random.default_rng(0).permutation(len(X))
    straight, shuffled = quick(name).fit(X, y), quick(name).fit(X[order], y[order])
    assert np.mean(straight.predict(X) == shuffled.predict(X)) > 0.93


@every_classifier
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_leaves_its_input_alone(name, dtype):
    X, y = three_classes()
    X = X.astype(dtype)
    if dtype is not np.int64:
        X[::40, 1] = np.nan
    before = X.copy()
    X.flags.writeable = y.flags.writeable = False
    quick(name).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(X, before)


@every_looking_classifier
@pytest.mark.parametrize("select", [None, *("mutual_info", "anova", "variance", "pca")])
def test_missing_and_constant_features_break_nothing(name, select):
    X, y = three_classes()
    rng = np.random.default_rng(0)
    X[rng.random(X.shape) < 0.02] = np.nan
    worse = np.column_stack([np.full(len(X), 7.0), X, np.full(len(X), np.nan), np.zeros(len(X))])
    classifier = quick(name, select=select and {"type": select})
    classifier.fit(worse[::2], y[::2])
    assert np.isfinite(classifier.predict_proba(worse[1::2])).all()
    assert classifier.score(worse[1::2], y[1::2]) > 0.85


@every_classifier
@pytest.mark.parametrize("rows", [1, 20])
def test_one_class_is_refused(name, rows):
    X = np.random.default_rng(0).random((rows, 3))
    with pytest.raises(ValueError, match=rf"at least two classes; y has one class, covid, in all {rows} "):
        quick(name).fit(X, ["covid"] * rows)


BAD_FEATURES = {
    "infinite": (lambda X: np.where(np.arange(X.size).reshape(X.shape) == 5, np.inf, X), "infinity"),
    "none": (lambda X: X[:, :0], r"0 feature\(s\)"),
    "one row less": (lambda X: X[1:], "inconsistent numbers of samples"),
    "flat": (lambda X: X[:, 0], "Expected 2D array"),
    "all missing": (lambda X: np.full_like(X, np.nan), "each of the 13 has more than 5% missing values"),
}


@every_looking_classifier
@pytest.mark.parametrize("case", BAD_FEATURES)
def test_bad_features_are_refused(name, case):
    X, y = three_classes()
    spoil, message = BAD_FEATURES[case]
    with pytest.raises(ValueError, match=message):
        quick(name).fit(spoil(X), y)


@every_looking_classifier
def test_prediction_needs_the_features_of_the_fit(name):
    X, y = three_classes()
    with pytest.raises(NotFittedError):
        quick(name).predict(X)
    classifier = quick(name).fit(X, y)
    with pytest.raises(ValueError, match=r"12 features, but .* is expecting 13"):
        classifier.predict_proba(X[:, 1:])
    X[3, 3] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        classifier.predict_proba(X)


@every_classifier
def test_works_within_scikit_learn(name):
    X, y = three_classes()
    pipeline = make_pipeline(FunctionTransformer(), quick(name))
    step = load(name).__name__.lower()
    groups = np.arange(len(y)) // 2
    alone = cross_val_score(quick(name), X, y, cv=3, params={"groups": groups})
    scores = cross_val_score(pipeline, X, y, cv=3, params={f"{step}__groups": groups})
    assert scores.tolist() == alone.tolist()
    assert scores.min() > 0.3


@every_classifier
def test_documentation(name):
    doc = inspect.getdoc(load(name))
    assert re.search(r"^Parameters\n-+\n", doc, re.MULTILINE)
    assert re.search(r"^Examples\n-+\n>>> ", doc, re.MULTILINE)
    assert name == "dummy" or re.search(r"^References\n-+\n\.\. \[1\] ", doc, re.MULTILINE)
    undocumented = [p for p in inspect.signature(load(name)).parameters if f"\n{p} : " not in doc]
    assert not undocumented
