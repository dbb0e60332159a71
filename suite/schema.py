"""JSON Schema of a grid, for editors: the grid's own keys and those of every plugin."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from suite.grid import Schema
from suite.metrics import METRICS
from suite.preprocessing import available_steps
from suite.registry import Registry

__all__ = ["grid_schema"]


def grid_schema(registry: Registry) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a grid file.

    Examples
    --------
    >>> schema = grid_schema(Registry())
    >>> sorted(schema["required"])
    ['classifiers', 'extractors', 'name']
    """
    schema = Schema.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Grid"
    properties, definitions = schema["properties"], schema["$defs"]
    definitions["dataset_source"] = {
        "anyOf": [_dataset(registry, name) for name in registry.names("datasets")]
    }
    definitions["step"] = _step()
    for singular, definition in (("dataset", "dataset_source"), ("preprocessing", "step")):
        _refer(properties, singular, definition)
    for kind in ("extractors", "classifiers"):
        properties[kind] = _plugins(registry, kind)
    properties["metrics"]["items"] = {"enum": list(METRICS)}
    return schema


def _refer(properties: dict[str, Any], singular: str, definition: str) -> None:
    reference: dict[str, Any] = {"$ref": f"#/$defs/{definition}"}
    value = {"type": "array", "items": reference} if definition == "step" else reference
    properties[singular] = value
    properties[f"{singular}s"] = {"type": "object", "minProperties": 1, "additionalProperties": value}
    if singular == "dataset":
        properties["external"] = {"type": "object", "additionalProperties": value}


def _dataset(registry: Registry, name: str) -> dict[str, Any]:
    source: Any = registry.load("datasets", name)
    model = source.model_json_schema()
    model["properties"] = {"type": {"const": name}, **model["properties"]}
    model["required"] = ["type", *model.get("required", [])]
    model["title"] = name
    return _inlined(model, model.pop("$defs", {}))


def _step() -> dict[str, Any]:
    models = {name: step.model_json_schema() for name, step in available_steps().items()}
    named = [
        {
            "type": "object",
            "properties": {name: {"anyOf": [_inlined(model, model.pop("$defs", {})), {"type": "null"}]}},
            "required": [name],
            "additionalProperties": False,
        }
        for name, model in models.items()
    ]
    return {"anyOf": [{"enum": list(models)}, *named]}


def _plugins(registry: Registry, kind: str) -> dict[str, Any]:
    names = registry.names(kind)
    parameters = sorted(
        {p for name in names for p in inspect.signature(registry.load(kind, name)).parameters}
    )
    entry: dict[str, Any] = {
        "type": ["object", "null"],
        "properties": {"type": {"enum": list(names)}, **{name: {} for name in parameters}},
        "additionalProperties": False,
    }
    if kind == "extractors":
        entry["properties"]["fuse"] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    listed = {"type": "array", "items": {"enum": list(names)}, "minItems": 1}
    return {"anyOf": [{"type": "object", "minProperties": 1, "additionalProperties": entry}, listed]}


def _inlined(value: Any, definitions: Mapping[str, Any]) -> Any:
    """Replace references to a model's own definitions by what they stand for."""
    if isinstance(value, Mapping):
        if "$ref" in value:
            return _inlined(definitions[value["$ref"].rsplit("/", 1)[-1]], definitions)
        return {key: _inlined(entry, definitions) for key, entry in value.items()}
    return [_inlined(entry, definitions) for entry in value] if isinstance(value, list) else value
