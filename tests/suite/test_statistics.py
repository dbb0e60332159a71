"""The bootstrap resamples whole groups: equal to a plain loop, and wider where groups are what counts."""

import numpy as np
import pytest

from suite.predictions import Predictions
from suite.statistics import grouped_bootstrap


def predictions_of(correct):
    correct = np.asarray(correct)
    y_true = np.tile([0, 1], len(correct))[: len(correct)]
    y_pred = np.where(correct, y_true, 1 - y_true)
    proba = np.column_stack([1 - y_pred, y_pred]).astype(float)
    return Predictions(y_true, y_pred, proba, positive=1)


def test_equals_a_plain_loop_over_the_same_draws():
    random = np.random.default_rng(3)
    correct = random.random(90) < 0.8
    groups = np.repeat(np.arange(30), 3)
    low, high = grouped_bootstrap(predictions_of(correct), groups, ("accuracy",), replicates=500, seed=7)[
        "accuracy", None
    ]
    draws = np.random.default_rng(7).multinomial(30, np.full(30, 1 / 30), size=500)
    means = [np.repeat(correct.reshape(30, 3), count, axis=0).mean() for count in draws]
    assert (low, high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))


def test_interval_of_independent_samples_is_the_binomial_one():
    correct = np.arange(400) < 320
    low, high = grouped_bootstrap(
        predictions_of(correct), np.arange(400), ("accuracy",), replicates=4000, seed=0
    )["accuracy", None]
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert low == pytest.approx(0.8 - half, abs=0.005)
    assert high == pytest.approx(0.8 + half, abs=0.005)


def test_copies_of_a_patient_do_not_narrow_the_interval():
    """Ten copies of each of 40 patients hold no more than 40 patients."""
    correct = np.arange(40) < 32
    once = grouped_bootstrap(predictions_of(correct), np.arange(40), ("accuracy",))["accuracy", None]
    copied = predictions_of(np.repeat(correct, 10))
    grouped = grouped_bootstrap(copied, np.repeat(np.arange(40), 10), ("accuracy",))["accuracy", None]
    naive = grouped_bootstrap(copied, np.arange(400), ("accuracy",))["accuracy", None]
    assert grouped == pytest.approx(once)
    assert (naive[1] - naive[0]) < 0.5 * (grouped[1] - grouped[0])


def test_one_group_has_no_interval():
    values = grouped_bootstrap(predictions_of([True] * 5), np.zeros(5, dtype=int), ("accuracy",))
    assert np.isnan(values["accuracy", None]).all()


def test_same_values_in_batches(monkeypatch):
    import suite.statistics

    correct = np.random.default_rng(0).random(50) < 0.7
    whole = grouped_bootstrap(predictions_of(correct), np.arange(50), ("accuracy", "roc_auc"))
    monkeypatch.setattr(suite.statistics, "BATCH_ELEMENTS", 50 * 7)
    assert grouped_bootstrap(predictions_of(correct), np.arange(50), ("accuracy", "roc_auc")) == whole
