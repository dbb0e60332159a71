"""Fusions of scores in a grid: their members must be cells of it, and one weight stand for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from suite.errors import Problem
from suite.grid import SCORE_FUSION, PluginSpec, parts_of
from suite.grid_references import names_in, no_such
from suite.pairing import misfit
from suite.registry import Registry

__all__ = ["fusion_problems"]

Pair = tuple[str, str]


def fusion_problems(
    raw: Mapping[str, Any], parts: Mapping[str, Any], registry: Registry, *, judge_pairs: bool
) -> list[Problem]:
    """Check the fusions of a grid.

    Parameters
    ----------
    raw : mapping
        The grid as it was read.
    parts : mapping
        Its ``extractors`` and ``classifiers``, parsed.
    registry : Registry
        The plugins.
    judge_pairs : bool
        Whether extractors and classifiers are right, so that it can be told which go together.
    """
    problems = list(_name_problems(raw))
    for name, fusion in _fusions(raw).items():
        where = f"fusions.{name}"
        members = _members(fusion)
        problems += _member_problems(raw, where, members)
        problems += _weight_problems(where, fusion)
        for place, pair in members if judge_pairs else ():
            problems += _pair_problems(f"{where}.of.{place}", pair, parts, registry)
    return problems


def _fusions(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    given = raw.get("fusions")
    entries = given.items() if isinstance(given, Mapping) else ()
    return {str(name): fusion for name, fusion in entries if isinstance(fusion, Mapping)}


def _members(fusion: Mapping[str, Any]) -> list[tuple[int, Pair]]:
    """Return the members with their places; what has another form the schema refuses."""
    of = fusion.get("of")
    found = []
    for place, member in enumerate(of if isinstance(of, list) else ()):
        named = member if isinstance(member, Mapping) else {}
        extractor, classifier = named.get("extractor"), named.get("classifier")
        if isinstance(extractor, str) and isinstance(classifier, str):
            found.append((place, (extractor, classifier)))
    return found


def _name_problems(raw: Mapping[str, Any]) -> Iterator[Problem]:
    if SCORE_FUSION in names_in(raw, "extractors"):
        yield Problem(
            f"extractors.{SCORE_FUSION}", f"the name {SCORE_FUSION} is kept for fusions; choose another."
        )
    for name in _fusions(raw):
        if name in names_in(raw, "classifiers"):
            yield Problem(f"fusions.{name}", f"{name} is the name of a classifier, too; choose another.")
    ablations = raw.get("ablations")
    of = ablations.get("of") if isinstance(ablations, Mapping) else None
    if isinstance(of, Mapping) and (of.get("extractor") == SCORE_FUSION) != (
        str(of.get("classifier")) in _fusions(raw)
    ):
        yield Problem("ablations.of", f"the extractor {SCORE_FUSION} goes with the name of a fusion.")


def _member_problems(
    raw: Mapping[str, Any], where: str, members: list[tuple[int, Pair]]
) -> Iterator[Problem]:
    seen: set[Pair] = set()
    for place, pair in members:
        if pair[0] == SCORE_FUSION:
            yield Problem(f"{where}.of.{place}", "a fusion cannot be a member of a fusion.")
            continue
        for key, name in zip(("extractor", "classifier"), pair, strict=True):
            known = names_in(raw, f"{key}s")
            if name not in known:
                yield Problem(f"{where}.of.{place}.{key}", no_such(key, name, known))
        if pair in seen:
            yield Problem(f"{where}.of.{place}", f"{' + '.join(pair)} is a member twice.")
        seen.add(pair)
        for number in _rules_against(raw, pair):
            yield Problem(f"{where}.of.{place}", f"{' + '.join(pair)} is left out by exclude.{number}.")


def _rules_against(raw: Mapping[str, Any], pair: Pair) -> Iterator[int]:
    """Yield the numbers of the rules that exclude a pair wherever it stands."""
    rules = raw.get("exclude")
    named = dict(zip(("extractor", "classifier"), pair, strict=True))
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        given = {k: v for k, v in rule.items() if v is not None} if isinstance(rule, Mapping) else {}
        if given and all(key in named and named[key] in _listed(value) for key, value in given.items()):
            yield number


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _weight_problems(where: str, fusion: Mapping[str, Any]) -> Iterator[Problem]:
    of, weights = fusion.get("of"), fusion.get("weights")
    if isinstance(of, list) and isinstance(weights, list) and len(weights) != len(of):
        yield Problem(f"{where}.weights", f"{len(of)} members and {len(weights)} weights.")


def _pair_problems(where: str, pair: Pair, parts: Mapping[str, Any], registry: Registry) -> Iterator[Problem]:
    extractors: Mapping[str, PluginSpec] = parts["extractors"]
    if pair[0] not in extractors or pair[1] not in parts["classifiers"]:
        return  # said already
    why = misfit(registry, parts_of(extractors, pair[0]), parts["classifiers"][pair[1]])
    if why:
        yield Problem(where, f"{pair[0]} + {pair[1]} is no cell: {pair[1]} {why}.")
