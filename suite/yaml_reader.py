"""YAML as people mean it: 1.2 scalars, no tags, no duplicate keys, and the line of every value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from suite.errors import GridError, Problem, did_you_mean

__all__ = ["Lines", "dump_yaml", "parse_scalar", "read_yaml"]

Lines = dict[tuple[str, ...], int]
MAXIMAL_VALUES = 100_000  # a grid with all aliases expanded; guards against "billion laughs"
MAXIMAL_DEPTH = 50


class _Loader(yaml.SafeLoader):
    """Safe loading with YAML 1.2 scalars: ``no`` is a word, ``1e-3`` a number, dates are text."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("merge", r"^<<$", "<"),
):
    for _character in _first:
        _Loader.yaml_implicit_resolvers.setdefault("" if _character == "\0" else _character, []).append(
            (f"tag:yaml.org,2002:{_tag}", re.compile(_pattern))
        )


def _construct_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Read a YAML file.

    Parameters
    ----------
    path : Path
        The file; UTF-8.

    Returns
    -------
    value : Any
        The document as plain Python values.
    lines : dict
        Line number (from 1) of every value, by its path of keys.

    Raises
    ------
    GridError
        When the file is missing, not UTF-8, not YAML, holds tags, duplicate keys or too many values.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise GridError(f"{path}: there is no such file.{_near_files(path)}") from None
    except IsADirectoryError:
        raise GridError(f"{path}: this is a folder; a grid is a YAML file.") from None
    except UnicodeDecodeError as error:
        raise GridError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}).") from None
    except OSError as error:
        raise GridError(f"{path}: cannot be read ({error.strerror}).") from None
    return _parse(text, str(path))


def parse_scalar(text: str) -> Any:
    """Read one value as it would be read in a grid.

    Examples
    --------
    >>> parse_scalar("1e-3"), parse_scalar("no"), parse_scalar("[1, 2]")
    (0.001, 'no', [1, 2])
    """
    return _parse(text, "value")[0]


def dump_yaml(value: Any) -> str:
    """Write plain values as YAML in the order given.

    Examples
    --------
    >>> print(dump_yaml({"name": "demo", "folds": [1, 2]}), end="")
    name: demo
    folds: [1, 2]
    """
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def _parse(text: str, name: str) -> tuple[Any, Lines]:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        problems: list[Problem] = []
        lines: Lines = {}
        _walk(node, (), lines, problems)
        if problems:
            raise GridError(problems)
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name
        context = f" ({error.context})" if error.context else ""
        raise GridError([Problem(where, f"not valid YAML: {error.problem}{context}.")]) from None
    except yaml.YAMLError as error:
        raise GridError([Problem(name, f"not valid YAML: {error}.")]) from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise GridError([Problem(name, f"not valid YAML: {error}.")]) from None


def _walk(node: yaml.Node, path: tuple[str, ...], lines: Lines, problems: list[Problem]) -> None:
    lines[path] = node.start_mark.line + 1
    if len(lines) > MAXIMAL_VALUES or len(path) > MAXIMAL_DEPTH:
        raise GridError("The file expands to too many or too deeply nested values; write it without aliases.")
    where = f"{'.'.join(path) or 'the file'} (line {node.start_mark.line + 1})"
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python/"):
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        problems.append(Problem(where, f"the tag {tag} is refused: a grid holds plain values only."))
    if isinstance(node, yaml.MappingNode):
        _walk_mapping(node, path, lines, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*path, str(index)), lines, problems)


def _walk_mapping(
    node: yaml.MappingNode, path: tuple[str, ...], lines: Lines, problems: list[Problem]
) -> None:
    seen: dict[str, int] = {}
    for key, child in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(f"line {line}", "a key must be a plain name."))
            continue
        if name in seen and name != "<<":
            problems.append(
                Problem(".".join((*path, name)), f"written twice, on lines {seen[name]} and {line}.")
            )
        seen[name] = line
        _walk(child, (*path, name), lines, problems)


def _near_files(path: Path) -> str:
    folder = path.parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return did_you_mean(path.name, names)
