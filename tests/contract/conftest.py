"""What the contract tests of extractors share: the plugins found, and one that is as it should be."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import types
from numbers import Integral
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils._param_validation import Interval

from feature_extractors._base import FeatureExtractor

FOLDER = Path(__file__).parents[2] / "feature_extractors"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


SMALL = {"cnn": {"model": "squeezenet1_1", "weights": "random", "size": 32}}
"""Defaults that make an extractor quick and let it do without files."""


@pytest.fixture
def extractor_names():
    """Names of all extractors, without importing them."""
    return NAMES


@pytest.fixture(params=NAMES)
def extractor_class(request, monkeypatch):
    """The class of each extractor in turn."""
    if (
        request.param == "pyradiomics"
        and sys.version_info >= (3, 12)
        and not importlib.util.find_spec("radiomics")
    ):
        pytest.skip("pyradiomics cannot be built on Python 3.12 and later")
    module = importlib.import_module(f"feature_extractors.{request.param}")
    (class_name,) = module.__all__
    original = getattr(module, class_name)
    if request.param in SMALL:
        monkeypatch.setattr(module, class_name, with_defaults(original, SMALL[request.param]))
    return getattr(module, class_name)


def with_defaults(extractor_class, defaults):
    """A class like the one given but for some defaults, under the same name."""
    signature = inspect.signature(extractor_class.__init__)
    plain = extractor_class.__init__
    values = [p.default for p in signature.parameters.values() if p.default is not p.empty]
    names = [name for name, p in signature.parameters.items() if p.default is not p.empty]
    changed = tuple(defaults.get(name, value) for name, value in zip(names, values, strict=True))
    initialise = types.FunctionType(plain.__code__, plain.__globals__, "__init__", changed)
    members = {"__init__": initialise, "__module__": extractor_class.__module__}
    return type(
        extractor_class.__name__,
        (extractor_class,),
        {**members, "__doc__": extractor_class.__doc__, "__qualname__": extractor_class.__qualname__},
    )


@pytest.fixture
def sound_extractor():
    """Return an extractor that keeps the contract, to be broken."""
    return Sound


class Sound(FeatureExtractor):
    """Mean gray value.

    Parameters
    ----------
    scale : int, default=1
        Factor.

    References
    ----------
    .. [1] doi:10.1000/182

    Examples
    --------
    >>> Sound(scale=2)
    Sound(scale=2)
    """

    _parameter_constraints = {"scale": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, scale=1):
        self.scale = scale

    def _names(self, image):
        return [f"{__name__.rpartition('.')[2]}_mean"]

    def _extract(self, image):
        return [self.scale * np.ma.mean(image, dtype=np.float64)]
