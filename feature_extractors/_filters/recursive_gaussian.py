r"""Gaussian smoothing and its second derivative by recursion along an axis, at a cost independent of sigma.

Deriche's fourth-order filters in the form of Farnebäck and Westin [1]_: the Gaussian, or its second
derivative, is approximated for x ≥ 0 by

.. math:: \sum_{k=1}^{2} \big(a_k \cos(w_k x / σ) + b_k \sin(w_k x / σ)\big) \, e^{l_k x / σ},

which is the response of a recursive filter, and for x < 0 by its mirror image. The constants are those of
SimpleITK's recursive Gaussian filters, so that results agree to the last digit. The smoothing filter is
scaled to keep a constant; the second derivative is made blind to a constant and scaled to give 2 for x².

References
----------
.. [1] Farnebäck, Westin (2006), Improving Deriche-style recursive Gaussian filters, J. Mathematical Imaging
   and Vision 26, doi:10.1007/s10851-006-8464-z
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, exp, sin

import numpy as np
from numba import njit

__all__ = ["RecursiveFilter", "gaussian_filters", "run_along"]

FREQUENCIES = (0.6681, 2.0787)
DECAYS = (-1.3932, -1.3732)
GAUSSIAN = ((1.3530, 1.8151), (-0.3531, 0.0902))  # cosine and sine of either oscillation
SECOND_DERIVATIVE = ((-1.3563, 5.2318), (0.3446, -2.2355))
LANES = 16  # lines that are filtered side by side


@dataclass(frozen=True, eq=False)
class RecursiveFilter:
    """Coefficients of a filter that runs along a line from its beginning, and again from its end.

    Attributes
    ----------
    forward : ndarray of shape (4,)
        Weights of a pixel and the three before it.
    feedback : ndarray of shape (5,)
        Weights of a result and of the four before it; the first is 1.
    """

    forward: np.ndarray
    feedback: np.ndarray

    @property
    def backward(self):
        """Weights of the four pixels that come after a pixel: those of the mirrored filter."""
        return np.append(self.forward[1:], 0.0) - self.feedback[1:] * self.forward[0]

    def scaled(self, factor):
        """Return the filter with results multiplied by a factor."""
        return RecursiveFilter(self.forward * factor, self.feedback)


@lru_cache(maxsize=64)
def gaussian_filters(sigma, scale=1.0):
    """Return the filter that smooths with a Gaussian, and the one for the second derivative.

    Parameters
    ----------
    sigma : float
        Standard deviation in pixels.
    scale : float, default=1
        What to multiply the second derivative by.

    Returns
    -------
    RecursiveFilter, RecursiveFilter

    Examples
    --------
    >>> smooth, second = gaussian_filters(2.0)
    >>> gain = smooth.forward.sum() + smooth.backward.sum()
    >>> print((gain / smooth.feedback.sum()).round(12))
    1.0
    """
    feedback = _denominator(sigma)
    gaussian = RecursiveFilter(_numerator(sigma, GAUSSIAN), feedback)
    second = RecursiveFilter(_numerator(sigma, SECOND_DERIVATIVE), feedback)
    share = -_gain(second) / _gain(gaussian)
    blind = RecursiveFilter(second.forward + share * gaussian.forward, feedback)
    moments = [
        b + share * a for a, b in zip(_moments(gaussian.forward), _moments(second.forward), strict=True)
    ]
    smooth = gaussian.scaled(1 / (2 * gaussian.forward.sum() / feedback.sum() - gaussian.forward[0]))
    return smooth, blind.scaled(scale / _half_second_moment(moments, _moments(feedback)))


def _denominator(sigma):
    """Return the denominator of the z-transform of both damped oscillations."""
    c1, c2 = (cos(frequency / sigma) for frequency in FREQUENCIES)
    e1, e2 = (exp(decay / sigma) for decay in DECAYS)
    return np.array(
        [
            1.0,
            -2 * (e2 * c2 + e1 * c1),
            4 * c2 * c1 * e1 * e2 + (e1 * e1 + e2 * e2),
            -2 * c1 * e1 * e2 * e2 - 2 * c2 * e2 * e1 * e1,
            e1 * e1 * e2 * e2,
        ]
    )


def _numerator(sigma, amplitudes):
    """Return the numerator of the z-transform of the sum of both oscillations."""
    (a1, b1), (a2, b2) = amplitudes
    c1, c2 = (cos(frequency / sigma) for frequency in FREQUENCIES)
    s1, s2 = (sin(frequency / sigma) for frequency in FREQUENCIES)
    e1, e2 = (exp(decay / sigma) for decay in DECAYS)
    mixed = (a1 + a2) * c2 * c1 - (b1 * c2 * s1 + b2 * c1 * s2)
    return np.array(
        [
            a1 + a2,
            e2 * (b2 * s2 - (a2 + 2 * a1) * c2) + e1 * (b1 * s1 - (a1 + 2 * a2) * c1),
            mixed * (2 * e1 * e2) + (a2 * e1 * e1 + a1 * e2 * e2),
            e2 * e1 * e1 * (b2 * s2 - a2 * c2) + e1 * e2 * e2 * (b1 * s1 - a1 * c1),
        ]
    )


def _gain(recursive):
    """Return what both directions make of a constant 1, times the sum of the feedback."""
    return 2 * recursive.forward.sum() - recursive.feedback.sum() * recursive.forward[0]


def _moments(coefficients):
    places = np.arange(len(coefficients))
    return [(places**power * coefficients).sum() for power in range(3)]


def _half_second_moment(numerator, denominator):
    """Return half the sum of n² times the response to a point, from the derivatives of N / D at 1."""
    n0, n1, n2 = numerator
    d0, d1, d2 = denominator
    return (n2 * d0 * d0 - d2 * n0 * d0 - 2 * n1 * d1 * d0 + 2 * d1 * d1 * n0) / (d0 * d0 * d0)


def run_along(values, axis, recursive, *, single=False):
    """Filter all lines of an image along an axis, which go on beyond their ends with the values there.

    Parameters
    ----------
    values : ndarray of float64
    axis : int
    recursive : RecursiveFilter
    single : bool, default=False
        Round results to single precision (kept in double).

    Returns
    -------
    ndarray of float64, shape of `values`

    Examples
    --------
    >>> run_along(np.full((2, 3), 7.0), 0, gaussian_filters(1.5)[0]).round(12)
    array([[7., 7., 7.],
           [7., 7., 7.]])
    """
    values = np.ascontiguousarray(values)
    out = np.empty_like(values)
    inner = int(np.prod(values.shape[axis % values.ndim + 1 :]))
    filter_lines(
        values.reshape(-1), out.reshape(-1), values.shape[axis], inner,
        recursive.forward, recursive.backward, recursive.feedback, single,
    )  # fmt: skip
    return out


@njit(cache=True, nogil=True)
def filter_lines(values, out, length, inner, forward, backward, feedback, single):
    """Run a recursive filter in both directions along an axis whose pixels lie `inner` apart.

    Parameters
    ----------
    values, out : ndarray of float64, flat
        The image, and where the result goes.
    length, inner : int
    forward, backward : ndarray of float64, shape (4,)
    feedback : ndarray of float64, shape (5,)
    single : bool
        Whether results are rounded to single precision.
    """
    n_lines = values.size // length
    bases = np.empty(LANES, dtype=np.int64)
    pixels = np.empty((length + 8, LANES))  # four more at either end
    onward = np.empty((length, LANES))
    returning = np.empty((length, LANES))
    for first in range(0, n_lines, LANES):
        for b in range(LANES):  # lanes beyond the last line repeat it
            number = min(first + b, n_lines - 1)
            bases[b] = (number // inner) * length * inner + number % inner
        for i in range(length + 8):
            source = min(max(i - 4, 0), length - 1) * inner
            for b in range(LANES):
                pixels[i, b] = values[bases[b] + source]
        _run(pixels, onward, forward, feedback, 0, 1)
        _run(pixels, returning, backward, feedback, length - 1, -1)
        for i in range(length):
            for b in range(min(LANES, n_lines - first)):
                result = onward[i, b] + returning[i, b]
                out[bases[b] + i * inner] = np.float64(np.float32(result)) if single else result


@njit(cache=True, nogil=True)
def _run(pixels, results, weights, feedback, first, step):
    """Filter lines from `first` on, before which they have been constant for ever.

    Onward a pixel itself has the first weight, on the way back the one after it.
    """
    n0, n1, n2, n3 = weights
    d1, d2, d3, d4 = feedback[1:]
    offset = 4 if step > 0 else 5
    for k in range(len(results)):
        i = first + k * step
        if k < 4:
            _begin(pixels, results, weights, feedback, i, k, step)
            continue
        place = i + offset
        x0, x1, x2, x3 = (
            pixels[place],
            pixels[place - step],
            pixels[place - 2 * step],
            pixels[place - 3 * step],
        )
        y1, y2, y3, y4 = (
            results[i - step],
            results[i - 2 * step],
            results[i - 3 * step],
            results[i - 4 * step],
        )
        y0 = results[i]
        for b in range(LANES):
            new = x0[b] * n0 + x1[b] * n1 + x2[b] * n2 + x3[b] * n3
            y0[b] = new - (y1[b] * d1 + y2[b] * d2 + y3[b] * d3 + y4[b] * d4)


@njit(cache=True, nogil=True)
def _begin(pixels, results, weights, feedback, i, k, step):
    """Filter one of the first four pixels: results before the first are what a constant would give."""
    total = weights.sum()
    whole = feedback.sum()
    outside = pixels[0] if step > 0 else pixels[-1]
    place = i + (4 if step > 0 else 5)
    for b in range(LANES):
        new = pixels[place, b] * weights[0]
        old = 0.0
        for m in range(1, 4):
            new += pixels[place - m * step, b] * weights[m]
        for m in range(1, 5):
            before = feedback[m] if m <= k else feedback[m] * total / whole
            old += (results[i - m * step, b] if m <= k else outside[b]) * before
        results[i, b] = new - old
