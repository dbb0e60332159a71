"""What a classifier learned with goes from its attributes into the result tables, number by number."""

import json
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from suite.training import history_table, layer_table, training_columns, training_facts

STEPWISE = '''\
"""A linear classifier that is trained epoch by epoch and stops early."""

import time

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.preprocessing import StandardScaler

__all__ = ["Stepwise"]


class Stepwise(ClassifierMixin, BaseEstimator):
    """Every fourth training row is for validation; stops when its loss has not fallen."""

    def __init__(self, epochs=30):
        self.epochs = epochs

    def fit(self, X, y):
        self.scaler_, self.history_ = StandardScaler().fit(X), []
        self.model_ = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.3, random_state=0)
        self.classes_ = np.unique(y)
        valid = np.arange(len(y)) % 4 == 0
        parts = {"train": (X[~valid], y[~valid]), "valid": (X[valid], y[valid])}
        for epoch in range(1, self.epochs + 1):
            start = time.perf_counter()
            rows, labels = parts["train"]
            self.model_.partial_fit(self.scaler_.transform(rows), labels, classes=self.classes_)
            entry = {"epoch": epoch, "learning_rate": 0.3, "seconds": time.perf_counter() - start}
            for part, (rows, labels) in parts.items():
                proba = self.predict_proba(rows)
                entry[f"{part}_loss"] = log_loss(labels, proba, labels=self.classes_)
                entry[f"{part}_accuracy"] = accuracy_score(labels, self.classes_[proba.argmax(axis=1)])
            self.history_.append(entry)
            if epoch > 1 and entry["valid_loss"] >= self.history_[-2]["valid_loss"]:
                break
        size = int(self.model_.coef_.size + self.model_.intercept_.size)
        self.layers_ = [
            {"layer": "scale (StandardScaler)", "output_shape": [X.shape[1]],
             "parameters": 2 * X.shape[1], "trainable": 0},
            {"layer": "dense_1 (Dense)", "output_shape": [len(self.model_.intercept_)],
             "parameters": size, "trainable": size},
        ]
        self.n_parameters_, self.n_parameters_trainable_ = size + 2 * X.shape[1], size
        self.peak_memory_ = 1000 * len(y)
        return self

    def predict_proba(self, X):
        return self.model_.predict_proba(self.scaler_.transform(X))
'''


def table(run_dir, name):
    return pq.read_table(run_dir / "results" / f"{name}.parquet").to_pandas()


@pytest.fixture
def learned(write_grid, suite, tmp_path):
    """Return the directory of a run with the classifier above beside one that tells nothing."""
    (tmp_path / "stepwise.py").write_text(STEPWISE)
    text = write_grid().read_text().replace("knn: {n_neighbors: 3}", "stepwise: {}")
    grid = write_grid(text + "plugins: [stepwise.py]\n")
    suite("run", grid, "--only", "*/kfold/none/glcm/*", "--out", "out", check=0)
    return tmp_path / "out"


def by_hand(X, y):
    """The history of the classifier above, by the libraries alone."""
    valid, scaler = np.arange(len(y)) % 4 == 0, StandardScaler().fit(X)
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.3, random_state=0)
    losses = []
    for epoch in range(1, 31):
        model.partial_fit(scaler.transform(X[~valid]), y[~valid], classes=np.unique(y))
        for measure, rows in (("train", ~valid), ("valid", valid)):
            proba = model.predict_proba(scaler.transform(X[rows]))
            yield epoch, f"{measure}_loss", log_loss(y[rows], proba, labels=np.unique(y))
            yield epoch, f"{measure}_accuracy", accuracy_score(y[rows], proba.argmax(axis=1))
        losses.append(log_loss(y[valid], proba, labels=np.unique(y)))
        if epoch > 1 and losses[-1] >= losses[-2]:
            return


def test_histories_hold_each_fold_s_numbers(learned):
    """Features, folds and training of a cell, redone with the libraries alone."""
    from feature_extractors.glcm import GLCM
    from suite.datasets.phantom import Phantom

    data = Phantom(patients=6, images_per_patient=2, size=48).load(None)
    features = GLCM(levels=8).fit_transform([image.read() for image in data.images])
    codes = data.samples["label"].map({"normal": 0, "pneumonia": 1, "covid": 2}).to_numpy()
    position = {name: row for row, name in enumerate(data.samples["sample_id"])}
    cells, folds = table(learned, "cells"), table(learned, "folds").query("task == 'three_class'")
    cell = cells.query("task == 'three_class' and classifier == 'stepwise'")
    history = table(learned, "histories").merge(cell[["key"]])
    assert (history["repeat"] == 0).all()
    lengths = set()
    for fold, part in folds[folds["part"] == "train"].groupby("fold"):
        rows = [position[name] for name in part["sample_id"]]
        expected = {(epoch, name): value for epoch, name, value in by_hand(features[rows], codes[rows])}
        found = history[history["fold"] == fold].set_index(["epoch", "measure"])["value"]
        assert found.drop(["seconds", "learning_rate"], level="measure").to_dict() == expected
        assert (found.xs("learning_rate", level="measure") == 0.3).all()
        assert (found.xs("seconds", level="measure") > 0).all()
        lengths.add(max(epoch for epoch, _ in expected))
    assert len(lengths) > 1  # folds stop at different epochs, or this test shows nothing about it


def test_layers_parameters_and_memory_are_kept(learned):
    cells = table(learned, "cells").query("role == 'cell'").set_index(["task", "classifier"])
    layers = table(learned, "layers").set_index("key").loc[cells.loc[("three_class", "stepwise"), "key"]]
    assert layers.to_numpy().tolist() == [
        [0, "scale (StandardScaler)", "24", 48, 0],
        [1, "dense_1 (Dense)", "3", 24 * 3 + 3, 24 * 3 + 3],
    ]
    counts = ["n_parameters", "n_parameters_trainable", "peak_memory"]
    largest = table(learned, "folds").query("task == 'three_class' and part == 'train'")
    most = largest.groupby("fold").size().max()
    assert cells.loc[("three_class", "stepwise"), counts].tolist() == [48 + 75, 75, 1000 * most]
    assert cells.loc[("three_class", "logistic_regression"), counts].isna().all()
    assert set(table(learned, "histories")["key"]) == set(cells.xs("stepwise", level="classifier")["key"])
    curves = pd.read_csv(learned / "report" / "tables" / "learning_curves.csv")
    assert curves["value"].tolist() == table(learned, "histories")["value"].tolist()
    assert json.loads((learned / "environment.json").read_text())["format"] == 3


def test_the_tables_of_a_run_that_tells_nothing_are_empty_and_typed(write_grid, suite, tmp_path):
    suite("run", write_grid(), "--only", "*/kfold/none/glcm/knn", "--out", "out", check=0)
    results = tmp_path / "out" / "results"
    histories, layers = (pq.read_table(results / f"{name}.parquet") for name in ("histories", "layers"))
    assert (histories.num_rows, layers.num_rows) == (0, 0)
    assert {name: str(histories.schema.field(name).type) for name in histories.column_names} == {
        "key": "string", "repeat": "int64", "fold": "int64", "epoch": "int64", "measure": "string",
        "value": "double",
    }  # fmt: skip
    assert [str(kind) for kind in layers.schema.types] == ["string", "int64", *["string"] * 2, *["int64"] * 2]
    cells = pq.read_table(results / "cells.parquet")
    assert str(cells.schema.field("n_parameters").type) == "int64"
    assert cells["n_parameters"].null_count == len(cells)


def test_the_multi_layer_perceptron_tells_its_loss_and_layers():
    """Loss by the formula: one batch, so that the first epoch's is that of the initial weights."""
    from classifiers.mlp import MLP

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 4)), np.arange(30) % 3
    network = MLP(hidden=[5], epochs=3, batch_size=30, alpha=0.5, learning_rate=1e-12, scale=None).fit(X, y)
    inner = network.fitted_[-1]
    squares = sum((weights**2).sum() for weights in inner.coefs_)
    expected = log_loss(y, network.predict_proba(X)) + 0.5 / 2 * squares / 30
    assert [entry["epoch"] for entry in network.history_] == [1, 2, 3]
    assert [entry["train_loss"] for entry in network.history_] == pytest.approx([expected] * 3, rel=1e-9)
    assert [list(layer.values()) for layer in network.layers_] == [
        ["dense_1 (Dense, ReLU)", [5], 4 * 5 + 5, 4 * 5 + 5],
        ["dense_2 (Dense, softmax)", [3], 5 * 3 + 3, 5 * 3 + 3],
    ]
    assert network.n_parameters_ == network.n_parameters_trainable_ == 25 + 18
    plain = MLPClassifier(
        hidden_layer_sizes=(5,), max_iter=3, n_iter_no_change=3, batch_size=30, alpha=0.5,
        learning_rate_init=1e-12, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert plain.fit(X, y).loss_curve_ == [entry["train_loss"] for entry in network.history_]


GOOD = {"epoch": 1, "train_loss": 0.5}
LAYER = {"layer": "a", "output_shape": [2], "parameters": 1, "trainable": 1}


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("history_", {"loss": [0.5]}, "a list is expected, not dict"),
        ("history_", [0.5], "each entry must be a dict, not float"),
        ("history_", [{"epoch": 1, "val_loss": 0.5}], "an entry has 'val_loss'. Did you mean 'valid_loss'"),
        ("history_", [{"train_loss": 0.5}], "a whole number of at least 0 is expected, not None"),
        ("history_", [GOOD, GOOD], "epochs must be whole numbers that rise from 1"),
        ("history_", [{"epoch": 0}], "epochs must be whole numbers that rise from 1"),
        ("history_", [GOOD | {"train_loss": "low"}], "a number is expected, not 'low'"),
        ("layers_", [{"layer": "a"}], "a layer lacks 'output_shape'"),
        ("layers_", [LAYER | {"output_shape": [None, 2]}], "a whole number of at least 0 is expected"),
        ("n_parameters_", 1.5, "a whole number of at least 0 is expected, not 1.5"),
        ("peak_memory_", -1, "a whole number of at least 0 is expected, not -1"),
    ],
)
def test_what_has_another_form_is_left_out_with_a_warning(attribute, value, message):
    with pytest.warns(UserWarning, match=f"{attribute} is not kept: ") as caught:
        facts = training_facts(SimpleNamespace(**{attribute: value}))
    assert message in str(caught[0].message)
    assert not facts[attribute.rstrip("_")]


def test_facts_are_plain_and_what_is_not_finite_is_null():
    history = [{"epoch": np.int64(1), "train_loss": np.float32(0.5), "valid_loss": float("nan")}]
    facts = json.loads(json.dumps(training_facts(SimpleNamespace(history_=history)), allow_nan=False))
    assert facts["history"] == [{"epoch": 1, "train_loss": 0.5, "valid_loss": None}]
    table = history_table([("k", 0, 2, {"training": facts}), ("old", 0, 0, {})])
    assert table.to_pylist() == [
        {"key": "k", "repeat": 0, "fold": 2, "epoch": 1, "measure": "train_loss", "value": 0.5},
        {"key": "k", "repeat": 0, "fold": 2, "epoch": 1, "measure": "valid_loss", "value": None},
    ]


def test_layers_and_parameters_are_those_of_the_largest_fit():
    image = LAYER | {"output_shape": [62, 62, 32], "parameters": 896}
    small, large = ({"training": {"layers": [one], "peak_memory": m}} for one, m in ((LAYER, 9), (image, 5)))
    (row,) = layer_table([("k", [small, large, {}])]).to_pylist()
    assert (row["output_shape"], row["parameters"], row["trainable"]) == ("62×62×32", 896, 1)
    assert training_columns([small, large])["peak_memory"] == 9
