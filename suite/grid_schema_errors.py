"""Pydantic's errors as sentences with the path in the grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from suite.errors import Problem, did_you_mean

__all__ = ["schema_problems"]


def schema_problems(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[Problem]:
    """Turn pydantic's errors into sentences with the path in the grid."""
    problems: dict[tuple[str, str], None] = {}
    for item in error.errors(include_url=False, include_context=True):
        path = [str(key) for key in item["loc"] if not _is_internal(str(key), item)]
        where = ".".join([prefix, *path] if prefix else path)
        problems[where, _sentence(item, path, model)] = None
    return [Problem(where, message) for where, message in problems]


def _is_internal(key: str, item: Mapping[str, Any]) -> bool:
    """Whether part of a location is pydantic's own (a union's branch), not a key of the file."""
    tags = {"kfold", "holdout", "official", "leave_one_group_out"}
    branch = key in tags and item["loc"].index(key) in (1, 2) and item["loc"][0] in ("protocol", "protocols")
    return branch or "[" in key or key in ("str", "int", "literal['all']", "constrained-int")


def _sentence(item: Mapping[str, Any], path: list[str], model: type[BaseModel]) -> str:
    kind, given = item["type"], item["input"]
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return (
            f"unknown key.{did_you_mean(path[-1], known)} Known: {', '.join(known)}."
            if known
            else "unknown key."
        )
    if kind == "missing":
        return "this key is needed and not there."
    if kind in ("too_short", "too_long") and not given:
        least = item.get("ctx", {}).get("min_length", 1)
        return f"this is empty; at least {'one entry is' if least == 1 else f'{least} entries are'} needed."
    shown = repr(given) if len(repr(given)) <= 60 else f"{repr(given)[:57]}..."
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return f"{message}; got {shown}."


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    fields: Mapping[str, Any] = model.model_fields
    for key in path:
        if key not in fields:  # the name of an entry, or its place
            continue
        within = _models_within(fields[key].annotation)
        if len(within) != 1:
            return []
        fields = within[0].model_fields
    return list(fields)


def _models_within(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_within(part)]
