"""The twenty-four statistics of a co-occurrence matrix."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from feature_extractors._texture import EPSILON, entropy


class CooccurrenceFormulas:
    """Statistics of normalised co-occurrence matrices, one value a direction; symbols as in `GLCM`.

    Parameters
    ----------
    matrices : CooccurrenceMatrices
    """

    def __init__(self, matrices):
        self.p = matrices.counts / matrices.counts.sum(axis=(1, 2), keepdims=True)
        self.levels = matrices.gray_levels
        self.highest = self.levels[-1]
        self.px = self.p.sum(axis=2)
        self.py = self.p.sum(axis=1)
        self.mean_x = self.px @ self.levels
        self.mean_y = self.py @ self.levels
        self.sums = np.arange(2 * self.highest + 1)
        self.differences = np.arange(self.highest)

    @cached_property
    def p_sum(self):
        """``p_{x+y}(k)``, shape (n_directions, 2 N_g + 1)."""
        return self._gather(np.add.outer(self.levels, self.levels), len(self.sums))

    @cached_property
    def p_difference(self):
        """``p_{x-y}(k)``, shape (n_directions, N_g)."""
        return self._gather(np.abs(np.subtract.outer(self.levels, self.levels)), len(self.differences))

    def _gather(self, k, n_bins):
        """Add up the probabilities of equal k, in each direction."""
        direction = np.arange(len(self.p))[:, None, None] * n_bins
        cells = (direction + k.astype(np.intp)).ravel()
        return np.bincount(cells, self.p.ravel(), len(self.p) * n_bins).reshape(-1, n_bins)

    @cached_property
    def p_product(self):
        """``p_x(i) p_y(j)``: what independence would give, shape (n_directions, n_levels, n_levels)."""
        return self.px[:, :, None] * self.py[:, None, :]

    @cached_property
    def _joint_entropy(self):
        return entropy(self.p, axis=(1, 2))

    def autocorrelation(self):
        """``Σ p i j``."""
        return self.p @ self.levels @ self.levels

    def joint_average(self):
        """``μ_x``."""
        return self.mean_x

    def cluster_prominence(self):
        """``Σ p (i + j - μ_x - μ_y)⁴``."""
        return self._cluster(4)

    def cluster_shade(self):
        """``Σ p (i + j - μ_x - μ_y)³``."""
        return self._cluster(3)

    def cluster_tendency(self):
        """``Σ p (i + j - μ_x - μ_y)²``."""
        return self._cluster(2)

    def _cluster(self, power):
        return np.sum(self.p_sum * (self.sums - (self.mean_x + self.mean_y)[:, None]) ** power, axis=1)

    def contrast(self):
        """``Σ p (i - j)²``."""
        return self.p_difference @ self.differences**2

    def correlation(self):
        """``Σ p (i - μ_x) (j - μ_y) / (σ_x σ_y)``; 1 where a σ is 0."""
        x = self.levels - self.mean_x[:, None]
        y = self.levels - self.mean_y[:, None]
        spread = np.sqrt(np.sum(self.px * x**2, axis=1)) * np.sqrt(np.sum(self.py * y**2, axis=1))
        covariance = np.einsum("aij,ai,aj->a", self.p, x, y)
        return np.where(spread == 0, 1.0, covariance / (spread + EPSILON))

    def difference_average(self):
        """``DA = Σ_k k p_{x-y}(k)``."""
        return self.p_difference @ self.differences

    def difference_entropy(self):
        """``-Σ_k p_{x-y}(k) log2(p_{x-y}(k) + ε)``."""
        return entropy(self.p_difference, axis=1)

    def difference_variance(self):
        """``Σ_k (k - DA)² p_{x-y}(k)``."""
        return np.sum(
            self.p_difference * (self.differences - self.difference_average()[:, None]) ** 2, axis=1
        )

    def id(self):
        """``Σ_k p_{x-y}(k) / (1 + k)``."""
        return self.p_difference @ (1 / (1 + self.differences))

    def idm(self):
        """``Σ_k p_{x-y}(k) / (1 + k²)``."""
        return self.p_difference @ (1 / (1 + self.differences**2))

    def idmn(self):
        """``Σ_k p_{x-y}(k) / (1 + k² / N_g²)``."""
        return self.p_difference @ (1 / (1 + (self.differences / self.highest) ** 2))

    def idn(self):
        """``Σ_k p_{x-y}(k) / (1 + k / N_g)``."""
        return self.p_difference @ (1 / (1 + self.differences / self.highest))

    def imc1(self):
        """``(HXY - HXY1) / max(HX, HY)``; 0 where both are 0."""
        highest = np.fmax(entropy(self.px, axis=1), entropy(self.py, axis=1))
        cross = -np.sum(self.p * np.log2(self.p_product + EPSILON), axis=(1, 2))
        flat = highest == 0
        return np.where(flat, 0.0, (self._joint_entropy - cross) / np.where(flat, 1.0, highest))

    def imc2(self):
        """``sqrt(1 - exp(-2 (HXY2 - HXY)))``; 0 where rounding makes HXY larger."""
        information = entropy(self.p_product, axis=(1, 2)) - self._joint_entropy
        return np.sqrt(1 - np.exp(-2 * np.maximum(information, 0.0)))

    def inverse_variance(self):
        """``Σ_{k>0} p_{x-y}(k) / k²``."""
        return self.p_difference[:, 1:] @ self.differences[1:] ** -2.0

    def joint_energy(self):
        """``Σ p²``."""
        return np.sum(self.p**2, axis=(1, 2))

    def joint_entropy(self):
        """``HXY``."""
        return self._joint_entropy

    def mcc(self):
        """Root of the second eigenvalue of ``Σ_k p(i, k) p(j, k) / (p_x(i) p_y(k) + ε)``; 1 for one level."""
        if len(self.levels) == 1:
            return 1.0
        q = self.p / (self.p_product + EPSILON) @ self.p.swapaxes(1, 2)
        second = np.sort(np.linalg.eigvals(q), axis=1)[:, -2].real
        return np.sqrt(np.maximum(second, 0.0))

    def maximum_probability(self):
        """``max p``."""
        return self.p.max(axis=(1, 2))

    def sum_average(self):
        """``Σ_k k p_{x+y}(k)``."""
        return self.p_sum @ self.sums

    def sum_entropy(self):
        """``-Σ_k p_{x+y}(k) log2(p_{x+y}(k) + ε)``."""
        return entropy(self.p_sum, axis=1)

    def sum_squares(self):
        """``Σ p (i - μ_x)²``."""
        return np.sum(self.px * (self.levels - self.mean_x[:, None]) ** 2, axis=1)
