"""The checks of a grid that a schema alone cannot make; each returns all problems it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from suite.errors import GridError, Problem, SuiteError, did_you_mean
from suite.grid import Grid, PluginSpec
from suite.metrics import METRICS
from suite.preprocessing import Preprocessing, parse_steps
from suite.registry import Registry

__all__ = [
    "load_registry",
    "parse_parts",
    "reference_problems",
    "schema_problems",
    "variant_problems",
]

CELL_KEYS = ("dataset", "task", "protocol", "preprocessing", "extractor", "classifier")
PUBLISHED_KEYS = ("source", *(key for key in CELL_KEYS if key != "preprocessing"))


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
        return "this is empty; at least one entry is needed."
    shown = repr(given) if len(repr(given)) <= 60 else f"{repr(given)[:57]}..."
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return f"{message}; got {shown}."


def _known_keys(model: type[BaseModel], path: list[str]) -> list[str]:
    fields: Mapping[str, Any] = model.model_fields
    for key in path:
        annotation = fields[key].annotation if key in fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields
        elif key in fields:
            return []
    return list(fields)


def load_registry(raw: Mapping[str, Any], folder: Path) -> tuple[Registry, list[Problem]]:
    """Find a grid's own plugin files, relative to the grid."""
    names = raw.get("plugins") or []
    if not isinstance(names, list):
        return Registry(), []
    files = {str(name): (folder / str(name)).resolve() for name in names}
    problems = [
        Problem("plugins", f"there is no file {name!r} beside the grid.")
        for name, file in files.items()
        if not file.is_file()
    ]
    try:
        registry = Registry(tuple(file for file in files.values() if file.is_file()))
        for kind in ("extractors", "classifiers", "datasets"):
            registry.names(kind)
    except GridError as error:
        return Registry(), [*problems, *error.problems]
    return registry, problems


def parse_parts(raw: Mapping[str, Any], registry: Registry) -> tuple[dict[str, Any], list[Problem]]:
    """Parse what is made of plugins: datasets, preprocessing, extractors and classifiers."""
    problems: list[Problem] = []
    parts: dict[str, Any] = {
        "datasets": _parse_datasets(
            _named(raw, "dataset", str(raw.get("name")), problems), registry, problems
        ),
        "external": _parse_datasets(_mapping(raw.get("external"), "external."), registry, problems),
        "preprocessings": _parse_preprocessings(raw, problems),
        "extractors": _parse_plugins(raw, "extractors", registry, problems),
        "classifiers": _parse_plugins(raw, "classifiers", registry, problems),
    }
    if not parts["datasets"] and not problems:
        problems.append(Problem("dataset", "this key is needed and not there."))
    return parts, problems


def _mapping(value: Any, prefix: str) -> dict[str, tuple[str, Any]]:
    entries = value.items() if isinstance(value, Mapping) else ()
    return {str(name): (f"{prefix}{name}", entry) for name, entry in entries}


def _named(
    raw: Mapping[str, Any], singular: str, default: str, problems: list[Problem]
) -> dict[str, tuple[str, Any]]:
    """Entries of ``dataset`` or ``datasets`` by name, each with its path in the grid."""
    plural = f"{singular}s"
    if raw.get(singular) is not None and raw.get(plural) is not None:
        problems.append(Problem(plural, f"give either {singular} or {plural}, not both."))
    if raw.get(plural) is not None:
        return _mapping(raw[plural], f"{plural}.")
    return {} if raw.get(singular) is None else {default: (singular, raw[singular])}


def _parse_datasets(
    entries: Mapping[str, tuple[str, Any]], registry: Registry, problems: list[Problem]
) -> dict[str, Any]:
    sources = {}
    for name, (where, entry) in entries.items():
        if not isinstance(entry, Mapping):
            continue
        kind = entry.get("type")
        if kind not in registry.names("datasets"):
            problems.append(_unknown_type(f"{where}.type", "datasets", kind, registry))
            continue
        model: Any = registry.load("datasets", kind)
        try:
            sources[name] = model.model_validate({k: v for k, v in entry.items() if k != "type"})
        except ValidationError as error:
            problems += schema_problems(error, model, where)
    return sources


def _parse_preprocessings(raw: Mapping[str, Any], problems: list[Problem]) -> dict[str, Preprocessing]:
    parsed = {}
    entries = _named(raw, "preprocessing", "default", problems) or {"none": ("preprocessing", [])}
    for name, (where, steps) in entries.items():
        if not isinstance(steps, list):
            problems.append(Problem(where, f"a list of steps is expected; got {steps!r}."))
            continue
        if name == "none" and steps:
            problems.append(Problem(where, "the name none is kept for images as they are; choose another."))
        preprocessing, found = parse_steps(steps, where)
        problems += found
        if preprocessing is not None:
            parsed[name] = preprocessing
    return parsed


def _parse_plugins(
    raw: Mapping[str, Any], kind: str, registry: Registry, problems: list[Problem]
) -> dict[str, PluginSpec]:
    specs = {}
    entries = raw.get(kind)
    if isinstance(entries, list):
        problems += [
            Problem(kind, f"{n!r} is named twice.") for n in {*map(str, entries)} if entries.count(n) > 1
        ]
        entries = dict.fromkeys(map(str, entries))
    for name, entry in entries.items() if isinstance(entries, Mapping) else ():
        found = _parse_plugin(str(name), entry, kind, registry, problems)
        if found is not None:
            specs[str(name)] = found
    return specs


def _parse_plugin(
    name: str, entry: Any, kind: str, registry: Registry, problems: list[Problem]
) -> PluginSpec | None:
    where = f"{kind}.{name}"
    if name == "none":
        problems.append(Problem(where, "the name none is kept for no features at all; choose another."))
    if entry is not None and not isinstance(entry, Mapping):
        return None  # the schema says so
    given = dict(entry or {})
    if kind == "extractors" and "fuse" in given:
        return _parse_fusion(where, given, problems)
    plugin = given.pop("type", name)
    if plugin not in registry.names(kind):
        place = f"{where}.type" if "type" in (entry or {}) else where
        problems.append(_unknown_type(place, kind, plugin, registry))
        return None
    found = _parameter_problems(where, kind, plugin, given, registry)
    problems += found
    return None if found else PluginSpec(type=plugin, parameters=given)


def _parse_fusion(where: str, given: dict[str, Any], problems: list[Problem]) -> PluginSpec | None:
    names = given.pop("fuse")
    if given:
        problems.append(Problem(f"{where}.{next(iter(given))}", "a fusion has no parameter but fuse."))
    if not isinstance(names, list) or len(names) < 1 or not all(isinstance(name, str) for name in names):
        problems.append(
            Problem(f"{where}.fuse", f"a list of names of extractors is expected; got {names!r}.")
        )
        return None
    if len(set(names)) < len(names):
        problems.append(Problem(f"{where}.fuse", "an extractor is named twice."))
    return PluginSpec(type="fuse", fuse=tuple(names))


def _unknown_type(where: str, kind: str, name: Any, registry: Registry) -> Problem:
    known = registry.names(kind)
    return Problem(
        where,
        f"there is no {kind[:-1]} {name!r}.{did_you_mean(str(name), known)} Available: {', '.join(known)}.",
    )


def _parameter_problems(
    where: str, kind: str, plugin: str, given: Mapping[str, Any], registry: Registry
) -> list[Problem]:
    try:
        known = registry.parameters(kind, plugin)
    except (SuiteError, ImportError) as error:
        return [Problem(where, f"the {kind[:-1]} {plugin!r} cannot be loaded: {error}")]
    unknown = [key for key in given if key not in known]
    problems = [
        Problem(
            f"{where}.{key}",
            f"{plugin} has no such parameter.{did_you_mean(str(key), known)} Parameters: {', '.join(known)}.",
        )
        for key in unknown
    ]
    try:
        instance = registry.create(kind, plugin, {k: v for k, v in given.items() if k not in unknown})
        if hasattr(instance, "check_parameters"):
            instance.check_parameters()
    except (ValueError, TypeError) as error:
        problems.append(Problem(where, f"{error}"))
    return problems


def reference_problems(raw: Mapping[str, Any], registry: Registry) -> list[Problem]:
    """Check every name that stands for something else in the grid."""
    names = _names(raw)
    problems = list(_fusion_problems(raw, names["extractor"]))
    problems += _task_problems(raw)
    for where, column, name in _references(raw):
        if name not in names[column]:
            problems.append(Problem(where, _no_such(column, name, names[column])))
    problems += _metric_problems(raw)
    return problems


def _names(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    names = {
        column: list(_named(raw, column, str(raw.get("name")), []))
        for column in ("dataset", "preprocessing", "protocol")
    }
    names["preprocessing"] = list(_named(raw, "preprocessing", "default", [])) or ["none"]
    if "protocols" not in raw:
        protocol = raw.get("protocol")
        names["protocol"] = [str((protocol if isinstance(protocol, Mapping) else {}).get("type", "kfold"))]
    external = raw.get("external")
    names["protocol"] += [f"external: {name}" for name in (external if isinstance(external, Mapping) else ())]
    for column in ("task", "extractor", "classifier"):
        entries = raw.get(f"{column}s")
        names[column] = [str(name) for name in entries] if isinstance(entries, Mapping | list) else []
    names["task"] = names["task"] or ["all_classes"]
    return names


def _references(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (path, what it names, name) of every reference."""
    for section, keys in (("exclude", CELL_KEYS), ("published", PUBLISHED_KEYS[1:])):
        entries = raw.get(section)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for key in keys if isinstance(entry, Mapping) else ():
                given = entry.get(key)
                for name in given if isinstance(given, list) else [given]:
                    if isinstance(name, str):
                        yield f"{section}.{index}.{key}", key, name
    ablations = raw.get("ablations")
    of = ablations.get("of") if isinstance(ablations, Mapping) else None
    for key in ("extractor", "classifier"):
        if isinstance(of, Mapping) and isinstance(of.get(key), str):
            yield f"ablations.of.{key}", key, of[key]


def _no_such(column: str, name: str, known: list[str]) -> str:
    return f"the grid has no {column} {name!r}.{did_you_mean(name, known)} It has: {', '.join(known)}."


def _fusion_problems(raw: Mapping[str, Any], known: list[str]) -> Iterator[Problem]:
    entries = raw.get("extractors")
    fusions = {
        str(name): entry["fuse"]
        for name, entry in (entries.items() if isinstance(entries, Mapping) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("fuse"), list)
    }
    for name, parts in fusions.items():
        for part in parts:
            if str(part) not in known:
                yield Problem(f"extractors.{name}.fuse", _no_such("extractor", str(part), known))
        if _reaches(name, name, fusions, set()):
            yield Problem(f"extractors.{name}.fuse", "this fusion contains itself.")


def _reaches(start: str, goal: str, fusions: Mapping[str, list[Any]], seen: set[str]) -> bool:
    for part in map(str, fusions.get(start, ())):
        if part == goal or (part not in seen and _reaches(part, goal, fusions, seen | {part})):
            return True
    return False


def _task_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    tasks = raw.get("tasks")
    for name, task in tasks.items() if isinstance(tasks, Mapping) else ():
        classes = task.get("classes") if isinstance(task, Mapping) else None
        positive = task.get("positive") if isinstance(task, Mapping) else None
        if positive is not None and classes and positive not in classes:
            known = [str(label) for label in classes]
            yield Problem(f"tasks.{name}.positive", _no_such("class", str(positive), known))
        if positive is not None and classes and len(classes) > 2:
            yield Problem(f"tasks.{name}.positive", "only a task with two classes has a positive one.")
        if isinstance(classes, Mapping):
            labels = [
                str(x) for value in classes.values() for x in (value if isinstance(value, list) else [value])
            ]
            for label in sorted({label for label in labels if labels.count(label) > 1}):
                yield Problem(f"tasks.{name}.classes", f"the label {label!r} is in two classes.")
        elif isinstance(classes, list) and len(set(map(str, classes))) < len(classes):
            yield Problem(f"tasks.{name}.classes", "a class is named twice.")


def _metric_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    metrics = raw.get("metrics")
    for name in metrics if isinstance(metrics, list) else ():
        if name not in METRICS:
            yield Problem(
                "metrics",
                f"there is no metric {name!r}.{did_you_mean(str(name), METRICS)}"
                f" Available: {', '.join(METRICS)}.",
            )
    published = raw.get("published")
    for index, entry in enumerate(published if isinstance(published, list) else ()):
        for key, value in entry.items() if isinstance(entry, Mapping) else ():
            where = f"published.{index}.{key}"
            if key in PUBLISHED_KEYS:
                continue
            if key not in METRICS:
                known = [*PUBLISHED_KEYS, *METRICS]
                yield Problem(
                    where, f"unknown key.{did_you_mean(str(key), known)} Known: {', '.join(known)}."
                )
            elif isinstance(value, bool) or not isinstance(value, int | float):
                yield Problem(where, f"a number is expected; got {value!r}.")


def variant_problems(grid: Grid) -> list[Problem]:
    """Check that every variant of the ablations is itself a grid that could run."""
    problems = []
    for name, changes in grid.ablations.variants.items() if grid.ablations else ():
        where = f"ablations.variants.{name}"
        if not changes:
            problems.append(Problem(where, "this variant changes nothing."))
            continue
        try:
            grid.variant(changes)
        except GridError as error:
            problems += [Problem(where, f"{p.where}: {p.message}") for p in error.problems]
    return problems
