"""The steps before the model: missing values, selection, scaling."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from classifiers._selection import selector


class WeightedPipeline(Pipeline):
    """A pipeline whose ``fit`` hands sample weights to its last step."""

    def fit(self, X, y=None, sample_weight=None):
        """Fit all steps; the last one with the weights, if there are any."""
        if sample_weight is None:
            return super().fit(X, y)
        return super().fit(X, y, **{f"{self.steps[-1][0]}__sample_weight": sample_weight})


class MissingValues(TransformerMixin, BaseEstimator):
    """Drop features with too many missing values, impute the others by their median.

    Parameters
    ----------
    max_missing : float
        Largest share of missing values, 0 to 1, that a feature may have in the training rows. A feature
        without any value is dropped whatever this is.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, 5.0], [8.0, 6.0]])
    >>> MissingValues(max_missing=0.25).fit(X).transform(X)
    array([[1.],
           [3.],
           [3.],
           [8.]])
    """

    def __init__(self, max_missing):
        self.max_missing = max_missing

    def fit(self, X, y=None):
        """Learn which features stay, and their medians."""
        missing = np.isnan(X).mean(axis=0)
        self.kept_ = (missing <= self.max_missing) & (missing < 1)
        if not self.kept_.any():
            raise ValueError(
                f"no feature is left: each of the {len(missing)} has more than {self.max_missing:.0%}"
                f" missing values in the training part (max_missing={self.max_missing})."
            )
        self.medians_ = _medians(X[:, self.kept_], missing[self.kept_] > 0)
        return self

    def transform(self, X):
        """Return the kept features of shape (n_samples, n_kept), without missing values."""
        kept = X if self.kept_.all() else X[:, self.kept_]
        missing = np.isnan(kept)
        return np.where(missing, self.medians_, kept) if missing.any() else kept


def _medians(X, incomplete):
    medians = np.median(X, axis=0)
    if incomplete.any():
        medians[incomplete] = np.nanmedian(X[:, incomplete], axis=0)
    return medians


def preparation_steps(classifier):
    """Return the steps before a classifier's model, as (name, transformer) pairs.

    Variance is judged in the features' own units, hence before scaling; mutual information and ANOVA
    do not depend on the scale, and so only what they keep is scaled. Principal components follow the
    largest variance, whatever its unit, and are therefore computed after scaling, by mean and standard
    deviation where the model itself needs none.
    """
    select = classifier.select
    choose = [("select", selector(select, classifier.random_state))] if select else []
    components = bool(select) and select["type"] == "pca"
    scale = _scaler(classifier.scale if classifier.SCALED else "standard" if components else None)
    return [
        ("missing", MissingValues(classifier.max_missing)),
        *(scale + choose if components else choose + scale),
    ]


def _scaler(kind):
    if kind is None:
        return []
    return [("scale", StandardScaler() if kind == "standard" else MinMaxScaler())]
