"""The names in a grid that stand for something else in it: each must lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from suite.errors import Problem, did_you_mean
from suite.grid import SCORE_FUSION
from suite.grid_plugins import named_entries
from suite.metrics import METRICS

__all__ = ["names_in", "no_such", "reference_problems"]

CELL_KEYS = ("dataset", "task", "protocol", "preprocessing", "extractor", "classifier")
PUBLISHED_KEYS = ("source", *(key for key in CELL_KEYS if key != "preprocessing"))


def reference_problems(raw: Mapping[str, Any]) -> list[Problem]:
    """Check every name that stands for something else in the grid."""
    names = _names(raw)
    problems = list(_fusion_problems(raw, names_in(raw, "extractors")))
    problems += _task_problems(raw)
    for where, column, name in _references(raw):
        if name not in names[column]:
            problems.append(Problem(where, no_such(column, name, names[column])))
    problems += _metric_problems(raw)
    return problems


def _names(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    names = {
        column: list(named_entries(raw, column, str(raw.get("name")), []))
        for column in ("dataset", "preprocessing", "protocol")
    }
    names["preprocessing"] = list(named_entries(raw, "preprocessing", "default", [])) or ["none"]
    if "protocols" not in raw:
        protocol = raw.get("protocol")
        names["protocol"] = [str((protocol if isinstance(protocol, Mapping) else {}).get("type", "kfold"))]
    external = raw.get("external")
    names["protocol"] += [f"external: {name}" for name in (external if isinstance(external, Mapping) else ())]
    names["task"] = names_in(raw, "tasks") or ["all_classes"]
    fusions = names_in(raw, "fusions")
    names["extractor"] = names_in(raw, "extractors") + [SCORE_FUSION] * bool(fusions)
    names["classifier"] = names_in(raw, "classifiers") + fusions
    return names


def names_in(raw: Mapping[str, Any], section: str) -> list[str]:
    """Return the names that a section gives, as a mapping or as a list."""
    entries = raw.get(section)
    return [str(name) for name in entries] if isinstance(entries, Mapping | list) else []


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


def no_such(column: str, name: str, known: list[str]) -> str:
    """Say that the grid has nothing of this name, and which one may be meant."""
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
                yield Problem(f"extractors.{name}.fuse", no_such("extractor", str(part), known))
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
            yield Problem(f"tasks.{name}.positive", no_such("class", str(positive), known))
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
