"""The grid with every default filled in, as it is written beside the results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from suite.grid import Fusion, Grid, PluginSpec
from suite.registry import Registry

__all__ = ["resolved"]


def resolved(grid: Grid) -> dict[str, Any]:
    """Return the grid as plain values, every default written out, under the plural keys.

    The result is itself a valid grid.
    """
    return {
        "name": grid.name,
        "description": grid.description,
        "datasets": _sources(grid.raw.get("datasets") or {grid.name: grid.raw.get("dataset")}, grid.datasets),
        "tasks": {name: task.model_dump(exclude_none=True) for name, task in grid.tasks.items()},
        "preprocessings": {name: steps.spec() for name, steps in grid.preprocessings.items()},
        "protocols": {name: _type_first(protocol.model_dump()) for name, protocol in grid.protocols.items()},
        "extractors": {name: _plugin(grid.registry, "extractors", s) for name, s in grid.extractors.items()},
        "classifiers": {
            name: _plugin(grid.registry, "classifiers", s) for name, s in grid.classifiers.items()
        },
        "fusions": {name: _fusion(fusion) for name, fusion in grid.fusions.items()},
        "baselines": list(grid.baselines),
        "exclude": [rule.model_dump(exclude_none=True) for rule in grid.exclude],
        **({"ablations": grid.ablations.model_dump()} if grid.ablations else {}),
        "external": _sources(grid.raw.get("external") or {}, grid.external),
        "published": [entry.model_dump(exclude_none=True) for entry in grid.published],
        "metrics": list(grid.metrics),
        "report": {**grid.report.model_dump(), "title": grid.report.title or grid.name},
        "run": grid.run.model_dump(),
        "plugins": list(grid.raw.get("plugins") or []),
        "audit": grid.audit.model_dump(),
    }


def _sources(given: Mapping[str, Any], sources: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"type": given[name]["type"], **source.model_dump(mode="json")}
        for name, source in sources.items()
    }


def _type_first(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": values["type"], **values}


def _plugin(registry: Registry, kind: str, spec: PluginSpec) -> dict[str, Any]:
    if spec.fuse:
        return {"fuse": list(spec.fuse)}
    parameters = registry.create(kind, spec.type, spec.parameters).get_params(deep=False)
    copies = {"augment": spec.copies.model_dump()} if spec.copies else {}
    named = {key: _plain(value) for key, value in sorted((parameters | copies).items())}
    return {"type": spec.type, **named}


def _fusion(fusion: Fusion) -> dict[str, Any]:
    members = [member.model_dump() for member in fusion.of]
    return {"of": members, "weights": "learn" if fusion.shares is None else list(fusion.shares)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
