"""Changes to a grid by dotted path: what ablations and ``--set`` are made of."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from suite.errors import GridError, Problem, did_you_mean

__all__ = ["apply_changes"]


def apply_changes(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of plain values with some of them set.

    Parameters
    ----------
    raw : mapping
        A grid as it was read.
    changes : mapping
        Dotted path → value. In a list, a name stands for the entry of that name and a number for the
        entry at that place; ``None`` removes an entry of a list, and is an ordinary value elsewhere.

    Raises
    ------
    GridError
        When a path leads nowhere, with the nearest right name.

    Examples
    --------
    >>> raw = {"preprocessing": [{"resize": {"size": 64}}, "clahe"], "run": {"seed": 0}}
    >>> apply_changes(raw, {"preprocessing.clahe": None, "run.seed": 7})
    {'preprocessing': [{'resize': {'size': 64}}], 'run': {'seed': 7}}
    >>> apply_changes(raw, {"preprocessing.resize.size": 32})["preprocessing"]
    [{'resize': {'size': 32}}, 'clahe']
    """
    changed = copy.deepcopy(dict(raw))
    problems = []
    for path, value in changes.items():
        try:
            _set(changed, path.split("."), value)
        except LookupError as error:
            problems.append(Problem(path, str(error.args[0])))
    if problems:
        raise GridError(problems)
    return changed


def _set(node: Any, keys: list[str], value: Any) -> None:
    for depth, key in enumerate(keys[:-1]):
        node = _step(node, key, ".".join(keys[:depth]))
    last, parent = keys[-1], ".".join(keys[:-1])
    if isinstance(node, list):
        _set_in_list(node, _position(node, last, parent), last, value)
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise LookupError(f"there is nothing to set: {parent} is a single value.")


def _step(node: Any, key: str, parent: str) -> Any:
    if isinstance(node, list):
        index = _position(node, key, parent)
        if isinstance(node[index], str):
            node[index] = {key: {}}
        entry = node[index]
        return entry[key] if isinstance(entry, dict) and key in entry else entry
    if not isinstance(node, dict):
        raise LookupError(f"there is no {key!r}: {parent} is a single value.")
    if node.get(key) is None:
        if parent and key not in node:
            raise LookupError(f"there is no {key!r}.{did_you_mean(key, node)}")
        node[key] = {}
    return node[key]


def _set_in_list(node: list[Any], index: int, key: str, value: Any) -> None:
    if value is None:
        del node[index]
    elif isinstance(node[index], dict) and key in node[index]:
        node[index] = {key: value}
    elif key.isdigit():
        node[index] = value
    else:
        node[index] = {key: value}


def _position(node: list[Any], key: str, parent: str) -> int:
    names = [next(iter(entry), "") if isinstance(entry, dict) else str(entry) for entry in node]
    if key in names:
        return names.index(key)
    if key.isdigit() and int(key) < len(node):
        return int(key)
    raise LookupError(
        f"{parent} has no entry {key!r}.{did_you_mean(key, names)} Entries: {', '.join(names)}."
    )
