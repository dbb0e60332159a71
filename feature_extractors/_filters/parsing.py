"""From what a user wrote, as YAML gives it, to filters."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from feature_extractors._filters.filter import Filter
from feature_extractors._filters.gradient import Gradient
from feature_extractors._filters.intensity import Exponential, Logarithm, Original, Square, SquareRoot
from feature_extractors._filters.laplacian_of_gaussian import LaplacianOfGaussian
from feature_extractors._filters.local_binary_pattern import LocalBinaryPattern2D
from feature_extractors._filters.settings import unknown
from feature_extractors._filters.simoncelli import Simoncelli
from feature_extractors._filters.wavelet import Wavelet

__all__ = ["FILTERS", "parse_filters"]

FILTERS: dict[str, type[Filter]] = {
    "original": Original,
    "square": Square,
    "square_root": SquareRoot,
    "logarithm": Logarithm,
    "exponential": Exponential,
    "gradient": Gradient,
    "log": LaplacianOfGaussian,
    "wavelet": Wavelet,
    "simoncelli": Simoncelli,
    "lbp_2d": LocalBinaryPattern2D,
}


def parse_filters(filters) -> tuple[Filter, ...]:
    """Make filters from their names and settings.

    Parameters
    ----------
    filters : sequence of str or mapping, or mapping of str to mapping
        Names; or names with the settings of each; or a list of both. Names: see ``FILTERS``; settings: the
        parameters of each filter.

    Returns
    -------
    tuple of Filter

    Raises
    ------
    ValueError
        For unknown names (with the nearest right one) and settings, bad values, settings that are missing,
        and a filter given twice: all in one message.

    Examples
    --------
    >>> parse_filters(["original", {"log": {"sigma": [1.0, 2.0]}}])[1].prefixes(dimensions=2)
    ['log_sigma_1_0_mm_3d', 'log_sigma_2_0_mm_3d']
    >>> parse_filters({"original": {}, "wavelets": {"level": 2}})
    Traceback (most recent call last):
    ValueError: There is no filter 'wavelets'. Did you mean 'wavelet'? There are: original, square, ...
    """
    named = list(_named(filters))
    if not named:
        raise ValueError("There must be at least one filter, such as 'original'.")
    made, problems = [], []
    for number, (name, settings) in enumerate(named):
        if name in [earlier for earlier, _ in named[:number]]:
            problems.append(f"The filter {name!r} is given twice.")
            continue
        try:
            made.append(_make(name, settings))
        except ValueError as error:
            problems += str(error).splitlines()
    if problems:
        raise ValueError("\n".join(problems))
    return tuple(made)


def _named(filters):
    """Yield name and settings of each filter."""
    if isinstance(filters, Mapping):
        yield from filters.items()
        return
    if isinstance(filters, str) or not isinstance(filters, Iterable):
        raise ValueError(
            f"filters must be a list of names or a mapping of names to settings. Got {filters!r}."
        )
    for item in filters:
        if isinstance(item, Mapping):
            yield from item.items()
        else:
            yield item, {}


def _make(name, settings):
    if not isinstance(name, str) or name not in FILTERS:
        raise ValueError(unknown("filter", name, FILTERS))
    if settings is None:  # an empty entry of YAML
        settings = {}
    if not isinstance(settings, Mapping):
        raise ValueError(f"The settings of the filter {name!r} must be a mapping. Got {settings!r}.")
    fields = {field.name: field for field in dataclasses.fields(FILTERS[name])}
    problems = [
        f"The filter {name!r} has no settings."
        if not fields
        else unknown(f"setting of the filter {name!r} called", key, fields)
        for key in settings
        if key not in fields
    ]
    problems += [
        f"The filter {name!r} needs the setting {field.name!r}."
        for field in fields.values()
        if field.default is dataclasses.MISSING and field.name not in settings
    ]
    if problems:
        raise ValueError("\n".join(problems))
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    try:
        return FILTERS[name](**values)
    except ValueError as error:
        raise ValueError("\n".join(f"filter {name!r}: {line}" for line in str(error).splitlines())) from None
