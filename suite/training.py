"""What a classifier learned with: epochs, layers, parameters, memory; from its attributes to tables."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import pyarrow as pa

from suite.errors import did_you_mean

__all__ = ["MEASURES", "history_table", "layer_table", "training_columns", "training_facts"]

MEASURES = ("train_loss", "valid_loss", "train_accuracy", "valid_accuracy", "seconds", "learning_rate")
LAYER = ("layer", "output_shape", "parameters", "trainable")
COUNTS = ("n_parameters", "n_parameters_trainable", "peak_memory")
HISTORY_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("repeat", pa.int64()),
        ("fold", pa.int64()),
        ("epoch", pa.int64()),
        ("measure", pa.string()),
        ("value", pa.float64()),
    ]
)
LAYER_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("position", pa.int64()),
        ("layer", pa.string()),
        ("output_shape", pa.string()),
        ("parameters", pa.int64()),
        ("trainable", pa.int64()),
    ]
)

Facts = Mapping[str, Any]


def training_facts(classifier: Any) -> dict[str, Any]:
    """Read what a fitted classifier tells of its training, as plain JSON.

    Parameters
    ----------
    classifier : object
        May have ``history_``, ``layers_``, ``n_parameters_``, ``n_parameters_trainable_`` and
        ``peak_memory_``, in the form that CONTRIBUTING.md describes. One of another form (other
        libraries use these names, too) is not kept, and a warning says so.

    Returns
    -------
    dict
        ``history`` and ``layers`` (empty where there is none), ``n_parameters``,
        ``n_parameters_trainable`` and ``peak_memory`` (None where unknown). A value of the history that
        is not finite is None.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> network = SimpleNamespace(history_=[{"epoch": 1, "train_loss": 0.7}], n_parameters_=12)
    >>> facts = training_facts(network)
    >>> facts["history"], facts["layers"], facts["n_parameters"], facts["peak_memory"]
    ([{'epoch': 1, 'train_loss': 0.7}], [], 12, None)
    """
    facts = {name: _kept(classifier, f"{name}_", _whole) for name in COUNTS}
    history, layers = _kept(classifier, "history_", _history), _kept(classifier, "layers_", _layers)
    return {"history": history or [], "layers": layers or [], **facts}


def _kept(classifier: Any, name: str, read: Callable[[Any], Any]) -> Any:
    value = getattr(classifier, name, None)
    if value is None:
        return None
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        warnings.warn(f"{type(classifier).__name__}.{name} is not kept: {error}", stacklevel=2)
        return None


def _history(value: Any) -> list[dict[str, Any]]:
    epochs = [_entry(entry, ("epoch", *MEASURES)) for entry in _listed(value)]
    numbers = [_whole(entry.get("epoch")) for entry in epochs]
    if any(later <= earlier for earlier, later in zip([0, *numbers], numbers, strict=False)):
        raise ValueError("epochs must be whole numbers that rise from 1")
    return [
        {"epoch": number, **{name: _number(entry[name]) for name in MEASURES if name in entry}}
        for number, entry in zip(numbers, epochs, strict=True)
    ]


def _layers(value: Any) -> list[dict[str, Any]]:
    layers = [_entry(entry, LAYER) for entry in _listed(value)]
    for entry in layers:
        if missing := [name for name in LAYER if name not in entry]:
            raise ValueError(f"a layer lacks {missing[0]!r}")
    return [
        {
            "layer": str(entry["layer"]),
            "output_shape": [_whole(size) for size in entry["output_shape"]],
            "parameters": _whole(entry["parameters"]),
            "trainable": _whole(entry["trainable"]),
        }
        for entry in layers
    ]


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError(f"a list is expected, not {type(value).__name__}")
    return list(value)


def _entry(value: Any, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"each entry must be a dict, not {type(value).__name__}")
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known)
        raise ValueError(f"an entry has {unknown[0]!r}.{hint} Known: {', '.join(known)}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise ValueError(f"a whole number of at least 0 is expected, not {value!r}")
    return int(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"a number is expected, not {value!r}")
    return float(value) if math.isfinite(value) else None


def history_table(fits: Iterable[tuple[str, int, int, Facts]]) -> pa.Table:
    """Tabulate the histories of fits, each given as the cell's key, repeat, fold and facts.

    Returns
    -------
    pyarrow.Table
        One row per epoch and measure; ``value`` is null where it was not finite.
    """
    rows = [
        (key, repeat, fold, entry["epoch"], measure, entry[measure])
        for key, repeat, fold, facts in fits
        for entry in _training(facts).get("history", [])
        for measure in MEASURES
        if measure in entry
    ]
    return _table(rows, HISTORY_SCHEMA)


def layer_table(cells: Iterable[tuple[str, Sequence[Facts]]]) -> pa.Table:
    """Tabulate the layers of cells, each given as its key and the facts of its fits.

    The layers are those of the fit with the most parameters, the first of equals: where folds select
    features by themselves, they may differ in size.

    Examples
    --------
    >>> layer = {"layer": "pool", "output_shape": [31, 31, 8], "parameters": 0, "trainable": 0}
    >>> layer_table([("0a1b", [{"training": {"layers": [layer]}}])]).to_pylist()[0]["output_shape"]
    '31×31×8'
    """
    rows = [
        (key, position, entry["layer"], "×".join(map(str, entry["output_shape"])), *_sizes(entry))
        for key, facts in cells
        for position, entry in enumerate(_largest(facts).get("layers", []))
    ]
    return _table(rows, LAYER_SCHEMA)


def _sizes(layer: Mapping[str, Any]) -> tuple[int, int]:
    return layer["parameters"], layer["trainable"]


def training_columns(facts: Sequence[Facts]) -> dict[str, int | None]:
    """Return a cell's columns: parameters of its largest fit, and the most memory that a fit took, in bytes.

    Examples
    --------
    >>> training_columns([{"training": {"n_parameters": 7}}, {"training": {"n_parameters": 9}}, {}])
    {'n_parameters': 9, 'n_parameters_trainable': None, 'peak_memory': None}
    """
    largest = _largest(facts)
    memory = [_training(fit).get("peak_memory") for fit in facts]
    return {
        "n_parameters": largest.get("n_parameters"),
        "n_parameters_trainable": largest.get("n_parameters_trainable"),
        "peak_memory": max((size for size in memory if size is not None), default=None),
    }


def _largest(facts: Sequence[Facts]) -> Facts:
    return max(map(_training, facts), key=_n_parameters, default={})


def _n_parameters(training: Facts) -> int:
    counted = training.get("n_parameters")
    return sum(_sizes(entry)[0] for entry in training.get("layers", [])) if counted is None else counted


def _training(facts: Facts) -> Facts:
    """Return that part of a fit's facts; fits stored by an older version have none."""
    return facts.get("training", {})


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
