"""Tuning and calibration never see a row of the group that they are judged on, and say when they cannot."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.metrics import log_loss

from classifiers._folds import inner_splits
from classifiers._tuning import out_of_fold
from classifiers.knn import KNN
from classifiers.logistic_regression import LogisticRegression
from classifiers.svm import SVM


def patients(seed=0, n_patients=60, images=6):
    """Images of a patient nearly alike, labels decided by a coin for each patient, one weak feature."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n_patients) % 2)
    looks = rng.normal(size=(n_patients, 10))
    looks[:, 0] += 0.8 * labels
    groups = np.repeat(np.arange(n_patients), images)
    X = looks[groups] + 0.01 * rng.normal(size=(len(groups), 10))
    return X, labels[groups], groups


def fitted_classes(classifier, labels):
    classifier.classes_ = np.unique(labels)
    return classifier


def test_groups_are_never_divided_and_every_row_is_tested_once():
    _, y, groups = patients()
    splits = inner_splits(fitted_classes(SVM(inner_folds=4), y), y, groups)
    assert len(splits) == 4
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(len(y)))
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])
        assert set(train) | set(test) == set(range(len(y)))
        assert abs(y[test].mean() - 0.5) < 0.1


def test_leaking_groups_look_perfect_and_kept_groups_do_not():
    X, y, groups = patients()
    knn = fitted_classes(KNN(n_neighbors=1), y)
    (leaky,) = out_of_fold([knn], X, y, inner_splits(knn, y, None), knn.classes_)
    (kept,) = out_of_fold([knn], X, y, inner_splits(knn, y, groups), knn.classes_)
    assert np.mean(leaky == y) == 1.0
    assert 0.35 < np.mean(kept == y) < 0.65


def test_tuning_keeps_groups_together():
    """Only where a patient's other images leak is the single nearest neighbour the best choice."""
    X, y, groups = patients()
    knn = KNN(tune={"n_neighbors": [1, 91]})
    assert knn.fit(X, y).best_params_ == {"n_neighbors": 1}
    assert knn.fit(X, y, groups=groups).best_params_ == {"n_neighbors": 91}


def test_calibration_keeps_groups_together():
    """Calibrated on leaking folds, the machine is sure of itself on new patients, and wrong."""
    X, y, groups = patients()
    new_X, new_y, _ = patients(seed=1)
    machine = SVM(C=10.0, gamma=0.05)
    leaky = log_loss(new_y, machine.fit(X, y).predict_proba(new_X))
    kept = log_loss(new_y, machine.fit(X, y, groups=groups).predict_proba(new_X))
    assert kept < 0.75
    assert leaky > 2 * kept


@pytest.mark.parametrize("groups", [[f"p{i // 2}" for i in range(178)], np.arange(178) // 2 + 0.5])
def test_groups_may_be_strings_or_numbers(groups):
    X, y = load_wine(return_X_y=True)
    codes = np.arange(178) // 2
    expected = SVM().fit(X, y, groups=codes).predict_proba(X)
    np.testing.assert_array_equal(SVM().fit(X, y, groups=groups).predict_proba(X), expected)


def test_folds_become_fewer_where_a_class_is_scarce():
    y = np.array([0] * 20 + [1] * 3)
    splits = inner_splits(fitted_classes(SVM(inner_folds=10), y), y, None)
    assert len(splits) == 3
    assert all(set(y[train]) == {0, 1} for train, _ in splits)


X = np.random.default_rng(0).normal(size=(12, 3))
Y = np.array(["covid"] * 6 + ["normal"] * 6)
REFUSED = {
    "one sample of a class": (
        SVM(),
        np.array(["covid"] + ["normal"] * 11),
        None,
        "Calibration of SVM needs at least 2 samples of each class in the training part; it has 1 samples of"
        r" covid, 11 samples of normal \(12 samples in all\)",
    ),
    "one group of a class": (
        SVM(tune={"C": [1, 2]}),
        Y,
        [0] * 6 + [1, 2, 3] * 2,
        "Tuning and calibration of SVM needs at least 2 groups of each class .* 1 groups of covid, 3 groups",
    ),
    "one group of all": (
        LogisticRegression(tune={"C": [1, 2]}),
        Y,
        [7] * 12,
        "Tuning of LogisticRegression needs at least 2 groups of each class .* 1 groups of covid, 1 groups",
    ),
    "a missing group": (SVM(), Y, [None, *"abcdefghijk"], "groups holds 1 missing values"),
    "not as many groups": (SVM(), Y, list("abc"), r"inconsistent numbers of samples: \[12, 3\]"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_inner_folds_cannot_be_made_of_is_refused_with_counts(case):
    classifier, y, groups, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        classifier.fit(X, y, groups=groups)


def test_untuned_classifiers_need_no_inner_folds():
    y = np.array(["covid"] + ["normal"] * 11)
    assert LogisticRegression().fit(X, y, groups=[0] * 12).classes_.tolist() == ["covid", "normal"]
