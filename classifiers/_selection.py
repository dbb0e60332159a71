"""Feature selection: the k best by a score, a variance threshold, principal components."""

from __future__ import annotations

from functools import partial
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold, f_classif, mutual_info_classif

DEFAULT_K = 10


def selector(select, random_state):
    """Return the transformer that a ``select`` mapping describes.

    ``k`` (10 unless given) above the number of features there are means all of them.
    """
    k = select.get("k", DEFAULT_K)
    match select["type"]:
        case "mutual_info":
            return KBest(partial(mutual_information, random_state=random_state), k)
        case "anova":
            return KBest(f_statistic, k)
        case "variance":
            return VarianceThreshold(select.get("threshold", 0.0))
        case "pca":
            return PrincipalComponents(k, random_state)


class KBest(TransformerMixin, BaseEstimator):
    """Keep the ``k`` features of highest score, or all if there are fewer; of equal ones the first.

    Parameters
    ----------
    score : callable
        From X of shape (n_samples, n_features) and y to the scores, shape (n_features,).
    k : int
        Number of features to keep.
    """

    def __init__(self, score, k):
        self.score = score
        self.k = k

    def fit(self, X, y):
        """Score the features and remember which stay, in their own order."""
        self.scores_ = self.score(X, y)
        self.kept_ = np.sort(np.argsort(-self.scores_, kind="stable")[: self.k])
        return self

    def transform(self, X):
        """Return the kept features, shape (n_samples, min(k, n_features))."""
        return X[:, self.kept_]


def f_statistic(X, y):
    """One-way ANOVA F of each feature; 0 for a constant one, infinite if it is constant in each class.

    Examples
    --------
    >>> import numpy as np
    >>> f_statistic(np.array([[1.0, 7, 0], [2.0, 7, 0], [3.0, 7, 1], [4.0, 7, 1]]), [0, 0, 1, 1])
    array([ 8.,  0., inf])
    """
    scores = np.zeros(X.shape[1])
    varies = np.ptp(X, axis=0) > 0
    if varies.any():
        with np.errstate(divide="ignore"):
            scores[varies] = f_classif(X[:, varies], y)[0]
    return scores


def mutual_information(X, y, random_state):
    """Mutual information of each feature with the class, in nats, by nearest neighbours (Ross 2014).

    doi:10.1371/journal.pone.0087357. The estimate adds a little seeded noise to break ties.
    """
    if np.bincount(y).max() < 2:
        raise ValueError(
            f"selection by mutual information needs a class of two or more samples; each of the"
            f" {len(y)} training samples has a class of its own."
        )
    return mutual_info_classif(X, y, discrete_features=False, random_state=random_state)


class PrincipalComponents(TransformerMixin, BaseEstimator):
    """Projection on the first principal components, not whitened.

    Parameters
    ----------
    k : int or float
        Number of components (all that exist, min(n_samples, n_features), if there are fewer), or the
        share of variance, 0 to 1, that they explain at least.
    random_state : int, RandomState instance or None
        Seed of the randomised solver, which scikit-learn takes for few components of large tables.
    """

    def __init__(self, k, random_state):
        self.k = k
        self.random_state = random_state

    def fit(self, X, y=None):
        """Find the components of X."""
        k = min(self.k, *X.shape) if isinstance(self.k, Integral) else self.k
        self.pca_ = PCA(k, random_state=self.random_state).fit(X)
        return self

    def transform(self, X):
        """Return the components' values, shape (n_samples, n_components)."""
        return self.pca_.transform(X)
