"""Measures equal scikit-learn's, on plain and on weighted predictions; undefined ones are NaN."""

import numpy as np
import pytest
from sklearn import metrics as sk

from suite.metrics import METRICS, evaluate
from suite.predictions import Predictions


def random_predictions(n_classes, n=60, seed=0, positive=None, ties=False):
    random = np.random.default_rng(seed)
    y_true = random.integers(n_classes, size=n)
    proba = random.dirichlet(np.ones(n_classes), size=n)
    if ties:
        proba = np.full((n, n_classes), 1 / n_classes)
        proba[: n // 2] = np.eye(n_classes)[random.integers(n_classes, size=n // 2)] * 0.5 + 0.5 / n_classes
        proba /= proba.sum(axis=1, keepdims=True)
    return Predictions(y_true, proba.argmax(axis=1), proba, positive)


def sklearn_overall(p, weights):
    """Every overall measure from scikit-learn's own functions."""
    k = p.n_classes
    average = {"average": "macro"} if p.positive is None else {"pos_label": p.positive}
    onehot = np.eye(k)[p.y_true]

    def score(function, **options):
        return function(p.y_true, p.y_pred, sample_weight=weights, **options)

    def area(function):
        columns = [function(onehot[:, c], p.proba[:, c], sample_weight=weights) for c in range(k)]
        return np.mean(columns) if p.positive is None else columns[p.positive]

    def of_complement(function):
        """Specificity and NPV are sensitivity and precision of the complement."""
        flipped = [
            function(p.y_true != c, p.y_pred != c, sample_weight=weights, pos_label=True) for c in range(k)
        ]
        return np.mean(flipped) if p.positive is None else flipped[p.positive]

    return {
        "accuracy": score(sk.accuracy_score),
        "balanced_accuracy": score(sk.balanced_accuracy_score),
        "sensitivity": score(sk.recall_score, **average),
        "specificity": of_complement(sk.recall_score),
        "precision": score(sk.precision_score, **average),
        "npv": of_complement(sk.precision_score),
        "f1": score(sk.f1_score, **average),
        "roc_auc": area(sk.roc_auc_score),
        "pr_auc": area(sk.average_precision_score),
        "mcc": score(sk.matthews_corrcoef),
        "brier": sk.brier_score_loss(p.y_true, p.proba, sample_weight=weights, labels=range(k)),
        "log_loss": sk.log_loss(p.y_true, p.proba, sample_weight=weights, labels=range(k)),
    }


CASES = [
    ("binary with a positive class", {"n_classes": 2, "positive": 1}),
    ("binary, the first class positive", {"n_classes": 2, "positive": 0, "seed": 1}),
    ("binary, macro", {"n_classes": 2}),
    ("three classes", {"n_classes": 3, "seed": 2}),
    ("five classes", {"n_classes": 5, "n": 200, "seed": 3}),
    ("tied scores", {"n_classes": 2, "positive": 1, "ties": True}),
    ("tied scores of three classes", {"n_classes": 3, "ties": True, "seed": 4}),
]


@pytest.mark.parametrize("options", [c[1] for c in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("weighted", [False, True])
def test_overall_values_equal_sklearn(options, weighted):
    p = random_predictions(**options)
    n = len(p.y_true)
    weights = np.random.default_rng(9).integers(0, 4, n).astype(float) if weighted else np.ones(n)
    values = evaluate(p, np.stack([np.ones(n), weights]), tuple(METRICS))
    expected = sklearn_overall(p, weights)
    assert set(expected) == set(METRICS)
    for name, value in expected.items():
        assert values[name, None][1] == pytest.approx(value, rel=1e-12), name


def test_per_class_values_are_one_against_the_rest():
    p = random_predictions(3, seed=5)
    values = evaluate(p, np.ones((1, 60)), tuple(METRICS))
    for k in range(3):
        truth, guess = p.y_true == k, p.y_pred == k
        assert values["sensitivity", k][0] == pytest.approx(sk.recall_score(truth, guess))
        assert values["f1", k][0] == pytest.approx(sk.f1_score(truth, guess))
        assert values["mcc", k][0] == pytest.approx(sk.matthews_corrcoef(truth, guess))
        assert values["roc_auc", k][0] == pytest.approx(sk.roc_auc_score(truth, p.proba[:, k]))
        assert values["brier", k][0] == pytest.approx(np.mean((truth - p.proba[:, k]) ** 2))
    assert ("accuracy", 0) not in values


def test_by_hand():
    """TP 3, FN 1, FP 2, TN 4."""
    y_true = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    y_pred = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])
    proba = np.column_stack([1 - y_pred * 0.8, y_pred * 0.8])
    values = evaluate(Predictions(y_true, y_pred, proba, positive=1), np.ones((1, 10)), tuple(METRICS))
    expected = {
        "accuracy": 0.7,
        "sensitivity": 3 / 4,
        "specificity": 4 / 6,
        "precision": 3 / 5,
        "npv": 4 / 5,
        "f1": 6 / 9,
        "balanced_accuracy": (3 / 4 + 4 / 6) / 2,
        "mcc": (3 * 4 - 2 * 1) / np.sqrt(5 * 4 * 6 * 5),
        "brier": (3 * 0.04 + 1 * 1 + 2 * 0.64) / 10,
    }
    for name, value in expected.items():
        assert values[name, None][0] == pytest.approx(value), name


def test_what_is_undefined_is_nan_never_zero():
    """All samples of one class: areas under curves and the other class's sensitivity do not exist."""
    proba = np.array([[0.4, 0.6], [0.3, 0.7]])
    p = Predictions(np.array([1, 1]), np.array([1, 1]), proba, positive=1)
    values = evaluate(p, np.ones((1, 2)), tuple(METRICS))
    for name in ("specificity", "roc_auc", "balanced_accuracy", "npv", "mcc"):
        assert np.isnan(values[name, None][0]), name
    assert values["sensitivity", None][0] == 1.0
