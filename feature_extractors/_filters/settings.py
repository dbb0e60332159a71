"""Messages about settings that a user got wrong."""

from __future__ import annotations

import difflib
import math
from numbers import Integral, Real

__all__ = ["not_a_flag", "not_in_range", "not_one_of", "not_whole", "unknown"]


def unknown(kind, name, known, *, families=None):
    """Say that there is no such name, which one is near, and which (or which families) there are.

    Examples
    --------
    >>> unknown("filter", "wavelets", ["log", "wavelet"])
    "There is no filter 'wavelets'. Did you mean 'wavelet'? There are: log, wavelet."
    """
    hint, listed = _did_you_mean(name, known), ", ".join(families or known)
    return f"There is no {kind} {name!r}.{hint} There are: {listed}."


def not_one_of(known, **settings):
    """Yield what is wrong with settings that must be one of a few words."""
    for name, value in settings.items():
        if value not in known:
            hint = _did_you_mean(value, known)
            yield f"{name} must be one of {', '.join(map(repr, known))}. Got {value!r}.{hint}"


def not_whole(least, most, **settings):
    """Yield what is wrong with settings that must be whole numbers within limits."""
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or not least <= value <= most:
            yield f"{name} must be a whole number from {least} to {most}. Got {value!r}."


def not_in_range(least, most, **settings):
    """Yield what is wrong with settings that must be finite numbers, above one limit and up to another."""
    for name, value in settings.items():
        number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not least < value <= most:
            yield f"{name} must be a number above {least} and at most {most}. Got {value!r}."


def not_a_flag(**settings):
    """Yield what is wrong with settings that must be true or false."""
    for name, value in settings.items():
        if not isinstance(value, bool):
            yield f"{name} must be true or false. Got {value!r}."


def _did_you_mean(name, known):
    near = difflib.get_close_matches(str(name).lower(), [word for word in known if word], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
