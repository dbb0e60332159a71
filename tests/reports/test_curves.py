"""Curves and confusion matrices against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc, confusion_matrix, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from reports.curves import Curve, confusion_counts, macro_curve, roc_curve
from reports.roc_panels import roc_panels


@pytest.mark.parametrize("decimals", [1, 2, 8])
def test_the_curve_is_that_of_scikit_learn_with_ties_too(decimals):
    rng = np.random.default_rng(decimals)
    positive = rng.random(300) < 0.3
    scores = np.round(rng.normal(positive * 1.0), decimals)
    curve = roc_curve(scores, positive)
    false, true, _ = sklearn_roc_curve(positive, scores, drop_intermediate=False)
    ours = set(zip(curve.false_positive, curve.true_positive, strict=True))
    assert ours <= set(zip(false, true, strict=True))
    assert len(ours) == len(curve.true_positive) <= len(true)
    assert curve.area == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_a_curve_of_one_class_is_undefined(positive):
    assert roc_curve(np.array([0.1, 0.9]), np.array(positive)) is None


def test_the_macro_curve_is_the_mean_of_the_sensitivities():
    rng = np.random.default_rng(0)
    positive = [rng.random(200) < share for share in (0.2, 0.5)]
    curves = [roc_curve(rng.normal(p * 1.5), p) for p in positive]
    grid = np.linspace(0, 1, 2001)
    expected = auc(grid, np.mean([curve.at(grid) for curve in curves], axis=0))
    assert macro_curve(curves).area == pytest.approx(expected, abs=5e-3)


def test_a_step_is_read_at_its_upper_end():
    step = Curve(np.array([0.0, 0.0, 0.5, 0.5, 1.0]), np.array([0.0, 0.4, 0.4, 1.0, 1.0]))
    assert step.at(np.array([0.0, 0.25, 0.5, 1.0])).tolist() == [0.4, 0.7, 1.0, 1.0]


def test_confusion_counts_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    classes = ["b", "a", "never seen"]
    true, predicted = rng.choice(classes[:2], 100), rng.choice(classes[:2], 100)
    counts = confusion_counts(pd.DataFrame({"y_true": true, "y_pred": predicted}), classes)
    np.testing.assert_array_equal(counts, confusion_matrix(true, predicted, labels=classes))


def _panels(n_cells, positive):
    rng = np.random.default_rng(2)
    y = rng.integers(0, 3, 60)
    classes = ["a", "b", "c"]
    names = {"variant": "", "preprocessing": "none", "status": "done"}
    cells = [
        {"extractor": f"e{i}", "classifier": "svm", "role": "cell", "key": str(i)} for i in range(n_cells)
    ]
    cells.append({"extractor": "none", "classifier": "dummy", "role": "baseline", "key": "0"})
    tables = {}
    for key in range(n_cells):
        proba = rng.dirichlet(np.ones(3), 60) + key * np.eye(3)[y]
        tables[str(key)] = pd.DataFrame({"y_true": np.array(classes)[y], "proba": list(proba)})
    return roc_panels(pd.DataFrame([c | names for c in cells]), tables.__getitem__, classes, positive, False)


def test_the_five_best_cells_and_the_baselines_are_highlighted_the_rest_is_a_band():
    (panel,) = _panels(7, "b")
    assert panel.title == "b against the rest"
    assert [named.baseline for named in panel.curves] == [False] * 5 + [True]
    assert min(named.curve.area for named in panel.curves[:5]) >= max(other.area for other in panel.others)
    assert len(panel.others) == 2


def test_without_a_positive_class_there_is_a_macro_panel_and_one_per_class():
    titles = [panel.title for panel in _panels(2, None)]
    assert titles == ["macro average", *(f"{name} against the rest" for name in "abc")]
