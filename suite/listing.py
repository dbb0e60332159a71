"""What ``list`` lists: names, parameters and one line each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

__all__ = ["Kind", "entries"]


class Kind(StrEnum):
    """What ``list`` can list."""

    EXTRACTORS = "extractors"
    CLASSIFIERS = "classifiers"
    DATASETS = "datasets"
    PREPROCESSING = "preprocessing"
    PROTOCOLS = "protocols"
    METRICS = "metrics"
    FINDINGS = "findings"


def entries(kind: Kind) -> list[tuple[str, tuple[str, ...], str]]:
    """Return (name, parameters, one line) of everything of a kind."""
    from suite.registry import Registry

    if kind in (Kind.EXTRACTORS, Kind.CLASSIFIERS, Kind.DATASETS):
        return [(info.name, info.parameters, info.summary) for info in Registry().describe(kind.value)]
    if kind is Kind.METRICS:
        from suite.metrics import METRICS

        return [(metric.name, (), f"{metric.display}: {metric.summary}") for metric in METRICS.values()]
    if kind is Kind.FINDINGS:
        from suite.audit import CODES

        return [(code, (), f"{severity}. {advice}") for code, (severity, advice) in CODES.items()]
    return _model_entries(kind)


def _model_entries(kind: Kind) -> list[tuple[str, tuple[str, ...], str]]:
    from typing import get_args

    from suite.preprocessing import available_steps
    from suite.splits import AnyProtocol

    if kind is Kind.PREPROCESSING:
        models = available_steps()
    else:
        models = {model.model_fields["type"].default: model for model in get_args(AnyProtocol)}
    return [
        (name, tuple(_fields(model)), (model.__doc__ or "").split("\n\n")[0].replace("\n", " "))
        for name, model in models.items()
    ]


def _fields(model: Any) -> list[str]:
    return [
        name if field.is_required() else f"{name}={field.default!r}"
        for name, field in model.model_fields.items()
        if name != "type"
    ]
