"""Inner folds of the training part, for tuning and for calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.validation import check_consistent_length


def inner_splits(classifier, codes, groups):
    """Return stratified splits that never divide a group, as a list of (train, test) row numbers.

    ``classifier.inner_folds`` folds, or as many as the scarcest class has groups (samples where there
    are no groups) if that is fewer: a class must be present in every inner training part.

    Raises
    ------
    ValueError
        If a class has fewer than two groups (samples), or no division leaves every class in every
        inner training part. The message says the counts.
    """
    groups = None if groups is None else _number(groups, codes)
    counts = _units_per_class(codes, groups)
    _check_counts(classifier, codes, counts, groups)
    for n_folds in range(min(classifier.inner_folds, counts.min()), 1, -1):
        splits = _split(codes, groups, n_folds, classifier.random_state)
        if all(_usable(codes, train, test, len(counts)) for train, test in splits):
            return splits
    raise ValueError(
        f"{_purpose(classifier)} cannot keep every class in every inner training part without dividing a"
        f" group: {_listed(classifier.classes_, counts, 'groups')} among {groups.max() + 1} groups."
    )


def validation_split(classifier, codes, groups, share):
    """Return rows to train on and rows to validate on, about ``share`` of them, stratified.

    No group is divided, and every class is in both parts.

    Raises
    ------
    ValueError
        If that is not possible. The message says the counts.
    """
    groups = None if groups is None else _number(groups, codes)
    counts = _units_per_class(codes, groups)
    for n_folds in range(min(round(1 / share), counts.min()), 1, -1):
        for train, held_out in _split(codes, groups, n_folds, classifier.random_state):
            if _usable(codes, train, held_out, len(counts)) and _usable(codes, held_out, train, len(counts)):
                return train, held_out
    unit = "samples" if groups is None else "groups"
    raise ValueError(
        f"Validation of {type(classifier).__name__} needs at least 2 {unit} of each class in the training"
        f" part, and a division with each class on both sides; it has"
        f" {_listed(classifier.classes_, counts, unit)}."
    )


def _split(codes, groups, n_folds, random_state):
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = kind(n_folds, shuffle=True, random_state=random_state)
    return list(folds.split(np.empty((len(codes), 0)), codes, groups))


def _usable(codes, train, test, n_classes):
    return len(test) > 0 and len(np.unique(codes[train])) == n_classes


def _number(groups, codes):
    check_consistent_length(codes, groups)
    numbers, _ = pd.factorize(np.asarray(groups))
    if (numbers < 0).any():
        raise ValueError(f"groups holds {int((numbers < 0).sum())} missing values; every row needs a group.")
    return numbers


def _units_per_class(codes, groups):
    if groups is None:
        return np.bincount(codes)
    pairs = np.unique(np.column_stack([codes, groups]), axis=0)
    return np.bincount(pairs[:, 0])


def _check_counts(classifier, codes, counts, groups):
    if counts.min() < 2:
        unit = "samples" if groups is None else "groups"
        raise ValueError(
            f"{_purpose(classifier)} needs at least 2 {unit} of each class in the training part; it has"
            f" {_listed(classifier.classes_, counts, unit)} ({len(codes)} samples in all)."
        )


def _purpose(classifier):
    kinds = ["tuning"] * bool(classifier.tune) + ["calibration"] * classifier.CALIBRATED
    return f"{' and '.join(kinds).capitalize()} of {type(classifier).__name__}"


def _listed(classes, counts, unit):
    return ", ".join(f"{count} {unit} of {label!s}" for label, count in zip(classes, counts, strict=True))
