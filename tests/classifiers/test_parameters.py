"""Wrong parameters are refused without data; the message names parameter, value and what is expected."""

import re

import pytest

from classifiers.dummy import Dummy
from classifiers.knn import KNN
from classifiers.logistic_regression import LogisticRegression
from classifiers.mlp import MLP
from classifiers.random_forest import RandomForest
from classifiers.svm import SVM
from classifiers.xgboost import XGBoost

CLASSES = [SVM, RandomForest, KNN, XGBoost, MLP, LogisticRegression]

SHARED = [
    ({"max_missing": 1.5}, "'max_missing' * must be a float in the range [0.0, 1.0]. Got 1.5"),
    ({"random_state": "x"}, "'random_state' * Got 'x'"),
    ({"inner_folds": 1}, "'inner_folds' * must be an int in the range [2, inf). Got 1"),
    ({"tune_metric": "roc"}, "'tune_metric' *balanced_accuracy* Got 'roc'"),
    ({"select": "anova"}, "'select' * Got 'anova'"),
    (
        {"select": {"k": 3}},
        "'select' * needs a 'type', one of mutual_info, anova, variance, pca. Got {'k': 3}",
    ),
    ({"select": {"type": "anvoa"}}, "'select.type' * Got 'anvoa' instead. Did you mean 'anova'?"),
    ({"select": {"type": 3}}, "'select.type' * must be one of mutual_info, anova, variance, pca. Got 3"),
    (
        {"select": {"type": "anova", "n": 3}},
        "'select' * has no entry 'n' for type 'anova'. Expected: k.",
    ),
    ({"select": {"type": "anova", "k": 0}}, "'select.k' * must be an int in the range [1, inf). Got 0"),
    ({"select": {"type": "anova", "k": True}}, "'select.k' * must be an int * Got *True"),
    ({"select": {"type": "anova", "k": 0.5}}, "'select.k' * must be an int * Got 0.5"),
    ({"select": {"type": "pca", "k": 1.5}}, "'select.k' * or a float in the range (0.0, 1.0). Got 1.5"),
    (
        {"select": {"type": "variance", "k": 3}},
        "'select' * has no entry 'k' for type 'variance'. Expected: threshold.",
    ),
    ({"select": {"type": "variance", "threshold": -1}}, "'select.threshold' * Got -1"),
    ({"tune": {}}, "'tune' * must name at least one parameter. Got {}"),
    ({"tune": [1]}, "'tune' * Got [1]"),
    (
        {"tune": {"max_mising": [0.1]}},
        "'tune' * no entry 'max_mising'. Did you mean 'max_missing'? Expected: ",
    ),
    ({"tune": {"random_state": [0]}}, "'tune' * no entry 'random_state'"),
    ({"tune": {"select.k": [3]}}, "'tune' * no entry 'select.k'"),
    ({"tune": {"max_missing": 0.1}}, "'tune.max_missing' * must be a list of one or more values * Got 0.1"),
    ({"tune": {"max_missing": "0.1"}}, "'tune.max_missing' * must be a list * Got '0.1'"),
    ({"tune": {"max_missing": []}}, "'tune.max_missing' * must be a list * Got []"),
    ({"tune": {"max_missing": [0.1, 2]}}, "'tune.max_missing' * must be a float * Got 2"),
    ({"select": {"type": "anova"}, "tune": {"select.k": [3, 0]}}, "'tune.select.k' * Got 0"),
]

OWN = [
    (SVM, {"C": 0}, "'C' * Got 0"),
    (SVM, {"C": "1e-3"}, "'C' * must be a float in the range (0.0, inf). Got '1e-3'"),
    (SVM, {"C": float("nan")}, "'C' * Got nan"),
    (SVM, {"C": float("inf")}, "'C' * Got inf"),
    (SVM, {"kernel": "rbff"}, "'kernel' * Got 'rbff'"),
    (SVM, {"gamma": -1}, "'gamma' * Got -1"),
    (SVM, {"degree": 2.5}, "'degree' * Got 2.5"),
    (SVM, {"scale": "max"}, "'scale' * Got 'max'"),
    (SVM, {"tune": {"gama": [1]}}, "'tune' * no entry 'gama'. Did you mean 'gamma'?"),
    (SVM, {"class_weight": "equal"}, "'class_weight' * {'balanced'}, * Got 'equal'"),
    (SVM, {"class_weight": {}}, "'class_weight' * must weigh at least one class. Got {}"),
    (
        SVM,
        {"class_weight": {"covid": 0}},
        "'class_weight.covid' * must be a float in the range (0.0, inf). Got 0",
    ),
    (SVM, {"tune": {"class_weight": [{"covid": -1}]}}, "'class_weight.covid' * Got -1"),
    (RandomForest, {"n_estimators": 0}, "'n_estimators' * must be an int in the range [1, inf). Got 0"),
    (RandomForest, {"n_estimators": True}, "'n_estimators' * must be an int * Got *True"),
    (RandomForest, {"max_features": 0.0}, "'max_features' * Got 0.0"),
    (KNN, {"n_neighbors": 2.0}, "'n_neighbors' * must be an int * Got 2.0"),
    (KNN, {"metric": "haversine"}, "'metric' * Got 'haversine'"),
    (XGBoost, {"learning_rate": 2}, "'learning_rate' * Got 2"),
    (XGBoost, {"max_bin": 1}, "'max_bin' * Got 1"),
    (MLP, {"hidden": 64}, "'hidden' * Got 64"),
    (MLP, {"hidden": []}, "'hidden' * must be a list of one or more integers of at least 1. Got []"),
    (MLP, {"hidden": [64, 0]}, "'hidden' * Got [64, 0]"),
    (MLP, {"hidden": [64, True]}, "'hidden' * Got [64, True]"),
    (MLP, {"tune": {"hidden": [[64], [0]]}}, "'hidden' * Got [0]"),
    (MLP, {"epochs": 0}, "'epochs' * Got 0"),
    (LogisticRegression, {"C": True}, "'C' * must be a float * Got *True"),
]


def as_pattern(message):
    return ".*".join(re.escape(part) for part in message.split("*"))


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(("parameters", "message"), SHARED, ids=lambda value: str(value)[:40])
def test_shared_parameters_are_refused(cls, parameters, message):
    with pytest.raises((ValueError, TypeError), match=as_pattern(message)) as refused:
        cls(**parameters).check_parameters()
    assert cls.__name__ in str(refused.value)


@pytest.mark.parametrize(("cls", "parameters", "message"), OWN)
def test_own_parameters_are_refused(cls, parameters, message):
    with pytest.raises((ValueError, TypeError), match=as_pattern(message)):
        cls(**parameters).check_parameters()


@pytest.mark.parametrize(
    ("cls", "parameters"),
    [
        (SVM, {"kernel": "poly", "degree": 2, "coef0": 1, "tune": {"C": [0.1, 10], "gamma": ["scale", 0.5]}}),
        (SVM, {"class_weight": {"covid": 2, 1: 0.5}, "tune": {"class_weight": [None, "balanced"]}}),
        (RandomForest, {"max_features": 3, "select": {"type": "variance"}}),
        (RandomForest, {"select": {"type": "variance"}, "tune": {"select.threshold": [0, 0.1]}}),
        (
            KNN,
            {
                "select": {"type": "mutual_info", "k": 10},
                "tune": {"select.k": (5, 10), "n_neighbors": [1, 5]},
            },
        ),
        (KNN, {"select": {"type": "pca", "k": 0.95}, "scale": None}),
        (XGBoost, {"subsample": 0.5, "random_state": None}),
        (MLP, {"hidden": [64, 32], "tune": {"hidden": [[64], [64, 32]]}}),
        (LogisticRegression, {"scale": "minmax"}),
        (Dummy, {}),
    ],
)
def test_sound_parameters_pass(cls, parameters):
    assert cls(**parameters).check_parameters() is None


def test_fit_checks_parameters_too():
    with pytest.raises(ValueError, match="'n_neighbors'"):
        KNN(n_neighbors=0).fit([[0.0], [1.0]], ["a", "b"])
