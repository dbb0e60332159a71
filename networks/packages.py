"""Packages that have networks of their own, each known by one module here, imported when asked for only."""

from __future__ import annotations

import importlib
from types import ModuleType

from networks.names import EXTRAS

__all__ = ["name_in", "package_of"]


def package_of(model: str) -> ModuleType | None:
    """Return what knows the networks of a package (``networks.from_timm``), or None for plain names.

    Examples
    --------
    >>> package_of("resnet18") is None, package_of("timm/resnet18").__name__
    (True, 'networks.from_timm')
    """
    package, slash, _ = model.partition("/")
    return importlib.import_module(f"networks.from_{package}") if slash and package in EXTRAS else None


def name_in(model: str) -> str:
    """Return the name of a network within its package.

    Examples
    --------
    >>> name_in("timm/resnet18")
    'resnet18'
    """
    return model.partition("/")[2]
