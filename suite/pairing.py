"""Which extractor goes with which classifier: the pairs of a grid, and those that are not wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from suite.errors import Problem
from suite.grid import SCORE_FUSION, Grid, PluginSpec
from suite.registry import Registry

__all__ = ["NO_FEATURES", "is_left_out", "misfit", "pairing_problems", "pairs", "takes_images"]

NO_FEATURES = "none"


def pairs(grid: Grid, variant: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs that fit together, then the fusions of their scores.

    A classifier that needs no features is paired once, with none. A variant has one pair only, the full
    system.
    """
    if variant:
        if grid.ablations is None:
            raise ValueError("a variant without ablations")
        yield grid.ablations.of.extractor, grid.ablations.of.classifier
        return
    for extractor in grid.extractors:
        for classifier, spec in grid.classifiers.items():
            if not misfit(grid.registry, grid.parts(extractor), spec):
                yield extractor, classifier
    for fusion in grid.fusions:
        yield SCORE_FUSION, fusion
    for classifier, spec in grid.classifiers.items():
        if not _uses_features(grid.registry, spec):
            yield NO_FEATURES, classifier


def pairing_problems(grid: Grid) -> list[Problem]:
    """Find classifiers that fit no extractor of the grid, and an ablated system that cannot be."""
    all_parts = [grid.parts(extractor) for extractor in grid.extractors]
    problems = [
        Problem(f"classifiers.{name}", "takes images, and no extractor gives them: add pixels: {}.")
        for name, spec in grid.classifiers.items()
        if takes_images(grid.registry, spec) and all(misfit(grid.registry, p, spec) for p in all_parts)
    ]
    of = grid.ablations.of if grid.ablations else None
    if of is not None and of.extractor in grid.extractors and of.classifier in grid.classifiers:
        reason = misfit(grid.registry, grid.parts(of.extractor), grid.classifiers[of.classifier])
        if reason:
            problems.append(Problem("ablations.of", f"{of.classifier} {reason}."))
    return problems


def misfit(registry: Registry, parts: Sequence[PluginSpec], classifier: PluginSpec) -> str:
    """Say why a classifier does not go with an extractor of these parts; nothing: it does."""
    if not _uses_features(registry, classifier):
        return "looks at no features, so it is paired with no extractor"
    if takes_images(registry, classifier) and not _gives_images(registry, parts):
        return "takes images, which this extractor does not give"
    return ""


def _uses_features(registry: Registry, spec: PluginSpec) -> bool:
    return getattr(registry.load("classifiers", spec.type), "USES_FEATURES", True)


def takes_images(registry: Registry, spec: PluginSpec) -> bool:
    """Tell whether a classifier takes images, not features."""
    return getattr(registry.load("classifiers", spec.type), "INPUT", "features") == "images"


def _gives_images(registry: Registry, parts: Sequence[PluginSpec]) -> bool:
    return len(parts) == 1 and getattr(registry.load("extractors", parts[0].type), "GIVES_IMAGES", False)


def is_left_out(grid: Grid, names: Mapping[str, str]) -> bool:
    """Tell whether a cell is not wanted: it is excluded, or mixed from one that is excluded here."""
    if names["extractor"] != SCORE_FUSION:
        return _is_excluded(grid, names)
    members = grid.fusions[names["classifier"]].of
    mixed = [{**names, **member.model_dump()} for member in members]
    return any(_is_excluded(grid, each) for each in (names, *mixed))


def _is_excluded(grid: Grid, names: Mapping[str, str]) -> bool:
    for rule in grid.exclude:
        given = {key: value for key, value in rule.model_dump().items() if value is not None}
        if given and all(names[key] in value for key, value in given.items()):
            return True
    return False
