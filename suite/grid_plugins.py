"""The parts of a grid that are made of plugins: parsed, with every mistake in names and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from suite.errors import GridError, Problem, SuiteError, did_you_mean
from suite.grid import PluginSpec
from suite.grid_schema_errors import schema_problems
from suite.preprocessing import DEFAULT_STEPS, Copies, Preprocessing, parse_steps
from suite.registry import Registry

__all__ = ["load_registry", "named_entries", "parse_parts"]


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


def parse_parts(
    raw: Mapping[str, Any], registry: Registry, folder: Path
) -> tuple[dict[str, Any], list[Problem]]:
    """Parse what is made of plugins: datasets, preprocessing, extractors and classifiers."""
    problems: list[Problem] = []
    parts: dict[str, Any] = {
        "datasets": _parse_datasets(
            named_entries(raw, "dataset", str(raw.get("name")), problems), registry, problems
        ),
        "external": _parse_datasets(_mapping(raw.get("external"), "external."), registry, problems),
        "preprocessings": _parse_preprocessings(raw, problems),
        "extractors": _parse_plugins(raw, "extractors", registry, folder, problems),
        "classifiers": _parse_plugins(raw, "classifiers", registry, folder, problems),
    }
    if not parts["datasets"] and not problems:
        problems.append(Problem("dataset", "this key is needed and not there."))
    return parts, problems


def _mapping(value: Any, prefix: str) -> dict[str, tuple[str, Any]]:
    entries = value.items() if isinstance(value, Mapping) else ()
    return {str(name): (f"{prefix}{name}", entry) for name, entry in entries}


def named_entries(
    raw: Mapping[str, Any], singular: str, default: str, problems: list[Problem]
) -> dict[str, tuple[str, Any]]:
    """Return the entries of ``dataset`` or ``datasets`` by name, each with its path in the grid."""
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
    entries = named_entries(raw, "preprocessing", "default", problems) or {"none": ("preprocessing", [])}
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
    raw: Mapping[str, Any], kind: str, registry: Registry, folder: Path, problems: list[Problem]
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
            specs[str(name)] = _with_files(found, kind, registry, folder)
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
    plugin = str(given.pop("type", name))
    if plugin not in registry.names(kind):
        place = f"{where}.type" if "type" in (entry or {}) else where
        problems.append(_unknown_type(place, kind, plugin, registry))
        return None
    copies, found = _take_copies(where, plugin, given, registry) if kind == "classifiers" else (None, [])
    found += _parameter_problems(where, kind, plugin, given, registry)
    problems += found
    return None if found else PluginSpec(type=plugin, parameters=given, copies=copies)


def _take_copies(
    where: str, plugin: str, given: dict[str, Any], registry: Registry
) -> tuple[Copies | None, list[Problem]]:
    """Take ``augment`` out of what a grid gives to a classifier, unless it is the classifier's own.

    One that augments while it trains takes a name or a list of steps; copies are made for any.
    """
    where, augment = f"{where}.augment", given.get("augment")
    try:
        own = "augment" in registry.parameters("classifiers", plugin)
    except (SuiteError, ImportError):
        return None, []  # said with its parameters
    if isinstance(augment, Mapping):
        del given["augment"]
        if not getattr(registry.load("classifiers", plugin), "USES_FEATURES", True):
            return None, [Problem(where, f"{plugin} looks at no features, so copies are nothing to it.")]
        try:
            return Copies.model_validate(augment), []
        except ValidationError as error:
            return None, schema_problems(error, Copies, where)
    if own or "augment" not in given:
        return None, []
    del given["augment"]
    message = (
        f"{plugin} is fitted to features, so that copies of images are made beforehand; how many? Write, for"
        f" example, {{copies: 3, steps: {augment or DEFAULT_STEPS}}}."
    )
    return None, [] if augment is None else [Problem(where, message)]


def _with_files(spec: PluginSpec, kind: str, registry: Registry, folder: Path) -> PluginSpec:
    """Let parameters that may name a file (``FILES``) name the one beside the grid, wherever it runs."""
    names = () if spec.fuse else getattr(registry.load(kind, spec.type), "FILES", ())
    beside = {name: folder / str(spec.parameters[name]) for name in names if name in spec.parameters}
    found = {name: str(path.absolute()) for name, path in beside.items() if path.is_file()}
    return spec.model_copy(update={"parameters": {**spec.parameters, **found}})


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
