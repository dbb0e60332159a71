"""A parameter grid searched in inner folds of the training part."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, matthews_corrcoef
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import Pipeline

from classifiers._pipeline import preparation_steps
from classifiers._weights import sample_weights


def _f1_macro(y_true, y_pred):
    return f1_score(y_true, y_pred, average="macro", zero_division=0.0)


SCORES = {
    "accuracy": accuracy_score,
    "balanced_accuracy": balanced_accuracy_score,
    "f1_macro": _f1_macro,
    "mcc": matthews_corrcoef,
}
"""What tuning may maximise: functions of true and predicted labels."""


def search(classifier, X, codes, splits):
    """Return the combination of ``classifier.tune`` that scores best, as a dict.

    The score is that of the out-of-fold predictions of all inner folds taken together, so that a fold
    without a rare class leaves nothing undefined. Of equal scores the first combination wins, in the
    order of scikit-learn's ``ParameterGrid``: names alphabetical, the last one varying fastest, values
    as listed.
    """
    combinations = list(ParameterGrid(dict(classifier.tune)))
    candidates = [classifier._with(combination) for combination in combinations]
    predicted = out_of_fold(candidates, X, codes, splits, classifier.classes_)
    score = SCORES[classifier.tune_metric]
    return combinations[int(np.argmax([score(codes, labels) for labels in predicted]))]


def out_of_fold(candidates, X, codes, splits, classes):
    """Return each candidate's prediction of each row by a model that has not seen its inner fold.

    Returns
    -------
    ndarray of int, shape (n_candidates, n_samples)
    """
    predicted = np.empty((len(candidates), len(codes)), dtype=np.intp)
    for train, test in splits:
        prepared = {}
        for labels, candidate in zip(predicted, candidates, strict=True):
            key = _preparation_key(candidate)
            if key not in prepared:
                prepared[key] = _prepare(candidate, X[train], codes[train], X[test])
            labels[test] = _fit_predict(candidate, *prepared[key], codes[train], classes)
    return predicted


def _preparation_key(candidate):
    """Return what the steps before the model depend on: candidates that share it share these steps."""
    return candidate.max_missing, getattr(candidate, "scale", None), str(candidate.select)


def _prepare(candidate, X_train, codes_train, X_test):
    steps = Pipeline(preparation_steps(candidate))
    return steps.fit_transform(X_train, codes_train), steps.transform(X_test)


def _fit_predict(candidate, X_train, X_test, codes_train, classes):
    weights = sample_weights(candidate, codes_train, classes)
    options = {} if weights is None else {"sample_weight": weights}
    return candidate._model(len(codes_train)).fit(X_train, codes_train, **options).predict(X_test)
