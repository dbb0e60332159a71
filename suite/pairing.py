"""Which extractors and classifiers of a grid fit together."""

from __future__ import annotations

from collections.abc import Iterator

from suite.errors import Problem
from suite.grid import Grid, PluginSpec
from suite.registry import Registry

__all__ = ["gives_images", "pairing_problems", "pairs", "takes_images"]


def pairs(grid: Grid) -> Iterator[tuple[str | None, str]]:
    """Yield (extractor, classifier) that fit together.

    A classifier that needs no features is paired once, with None; one that takes images only with
    extractors that give them.
    """
    blind = [name for name in grid.classifiers if not _uses_features(grid, name)]
    for extractor in grid.extractors:
        for classifier in grid.classifiers:
            if classifier not in blind and _fit_together(grid, extractor, classifier):
                yield extractor, classifier
    for classifier in blind:
        yield None, classifier


def pairing_problems(grid: Grid) -> list[Problem]:
    """Find classifiers that fit no extractor of the grid, and an ablated system that cannot be."""
    problems = [
        Problem(f"classifiers.{name}", "takes images, and no extractor gives them: add pixels: {}.")
        for name, spec in grid.classifiers.items()
        if takes_images(grid.registry, spec) and not any(gives_images(grid, e) for e in grid.extractors)
    ]
    if grid.ablations is not None:
        extractor, classifier = grid.ablations.of.extractor, grid.ablations.of.classifier
        if not _fit_together(grid, extractor, classifier):
            message = f"{classifier} takes images; {extractor} does not give them, pixels does."
            problems.append(Problem("ablations.of", message))
    return problems


def _fit_together(grid: Grid, extractor: str, classifier: str) -> bool:
    return not takes_images(grid.registry, grid.classifiers[classifier]) or gives_images(grid, extractor)


def _uses_features(grid: Grid, classifier: str) -> bool:
    plugin = grid.registry.load("classifiers", grid.classifiers[classifier].type)
    return getattr(plugin, "USES_FEATURES", True)


def takes_images(registry: Registry, spec: PluginSpec) -> bool:
    """Tell whether a classifier takes images, not features."""
    return getattr(registry.load("classifiers", spec.type), "INPUT", "features") == "images"


def gives_images(grid: Grid, extractor: str) -> bool:
    """Tell whether an extractor gives the image itself."""
    parts = grid.parts(extractor)
    return len(parts) == 1 and getattr(grid.registry.load("extractors", parts[0].type), "GIVES_IMAGES", False)
