"""The sixteen statistics of a matrix of counts by gray level and size: of runs, or of zones."""

from __future__ import annotations

import numpy as np

from feature_extractors._texture import entropy


class SizeFormulas:
    """Statistics of a run-length or size-zone matrix, one value a direction.

    ``P(i, j)`` counts the runs (zones) of gray level i and size j; ``N = Σ P`` is their number,
    ``p = P / N``, and ``N_p = Σ j P`` the number of pixels.

    Parameters
    ----------
    matrices : SizeMatrices
    """

    def __init__(self, matrices):
        self.i = matrices.gray_levels
        self.j = matrices.sizes
        self.number = matrices.counts.sum(axis=(1, 2))
        self.p = matrices.counts / self.number[:, None, None]
        self.p_gray = self.p.sum(axis=2)
        self.p_size = self.p.sum(axis=1)

    def small_emphasis(self):
        """``Σ p / j²``."""
        return self.p_size @ self.j**-2.0

    def large_emphasis(self):
        """``Σ p j²``."""
        return self.p_size @ self.j**2

    def low_gray_level_emphasis(self):
        """``Σ p / i²``."""
        return self.p_gray @ self.i**-2.0

    def high_gray_level_emphasis(self):
        """``Σ p i²``."""
        return self.p_gray @ self.i**2

    def small_low_gray_level_emphasis(self):
        """``Σ p / (i² j²)``."""
        return self.i**-2.0 @ self.p @ self.j**-2.0

    def small_high_gray_level_emphasis(self):
        """``Σ p i² / j²``."""
        return self.i**2 @ self.p @ self.j**-2.0

    def large_low_gray_level_emphasis(self):
        """``Σ p j² / i²``."""
        return self.i**-2.0 @ self.p @ self.j**2

    def large_high_gray_level_emphasis(self):
        """``Σ p i² j²``."""
        return self.i**2 @ self.p @ self.j**2

    def gray_level_non_uniformity(self):
        """``Σ_i (Σ_j P)² / N``."""
        return self.gray_level_non_uniformity_normalized() * self.number

    def gray_level_non_uniformity_normalized(self):
        """``Σ_i (Σ_j P)² / N²``."""
        return np.sum(self.p_gray**2, axis=1)

    def size_non_uniformity(self):
        """``Σ_j (Σ_i P)² / N``."""
        return self.size_non_uniformity_normalized() * self.number

    def size_non_uniformity_normalized(self):
        """``Σ_j (Σ_i P)² / N²``."""
        return np.sum(self.p_size**2, axis=1)

    def percentage(self):
        """``N / N_p``."""
        return 1 / (self.p_size @ self.j)

    def gray_level_variance(self):
        """``Σ p (i - μ)²`` with ``μ = Σ p i``."""
        return _variance(self.p_gray, self.i)

    def size_variance(self):
        """``Σ p (j - μ)²`` with ``μ = Σ p j``."""
        return _variance(self.p_size, self.j)

    def entropy(self):
        """``-Σ p log2(p + ε)``."""
        return entropy(self.p, axis=(1, 2))


def _variance(p, values):
    mean = p @ values
    return np.sum(p * (values - mean[:, None]) ** 2, axis=1)
