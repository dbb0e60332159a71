"""Heads of fine-tuned networks as a grid writes them: checked without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from networks.names import did_you_mean

__all__ = ["HEADS", "POOLS", "head_spec"]

HEADS: Mapping[str, list[Any]] = {
    "linear": ["global_average_pooling"],
    "vgg19_mobilenet": ["flatten", 512, 256],
    "inception_xception": ["global_average_pooling", "batch_norm", 128, {"dropout": 0.5}],
}
"""Named heads, all before the last layer, which has one output a class: one linear layer; that of the papers'
VGG19 and MobileNet (two dense layers); that of their Inception-v3 and Xception."""

POOLS = {"flatten": "none", "global_average_pooling": "avg", "global_max_pooling": "max"}
"""What a head begins with, and the pooling of a backbone that it is."""

LAYERS = (*POOLS, "batch_norm")


def head_spec(head: str | Sequence[Any]) -> list[Any]:
    """Return the layers of a head, checked.

    Parameters
    ----------
    head : str or list
        A name of :data:`HEADS`; or a list of ``flatten``, ``global_average_pooling``,
        ``global_max_pooling`` (one of these three first), ``batch_norm``, ``{dropout: 0.5}`` and whole
        numbers: a dense layer of so many units with ReLU.

    Raises
    ------
    ValueError
        When an entry is wrong: which, and what was expected.

    Examples
    --------
    >>> head_spec("vgg19_mobilenet")
    ['flatten', 512, 256]
    >>> head_spec(["flaten", 512])
    Traceback (most recent call last):
    ValueError: head has no layer 'flaten'. Did you mean 'flatten'? Layers: flatten, global_average_pooling,
    global_max_pooling, batch_norm, {dropout: SHARE}, and whole numbers for dense layers.
    """
    if isinstance(head, str):
        if head not in HEADS:
            raise ValueError(
                f"there is no head {head!r}.{did_you_mean(head, HEADS)} Heads: {', '.join(HEADS)};"
                " or a list of layers."
            )
        return list(HEADS[head])
    for entry in head:
        _check_entry(entry)
    pools = [entry for entry in head if isinstance(entry, str) and entry in POOLS]
    if not pools or head[0] != pools[0]:
        raise ValueError(f"a head begins with one of {', '.join(POOLS)}; got {list(head)!r}.")
    if len(pools) > 1:
        raise ValueError(f"a head has one pooling, its first entry; got {pools[1]!r} as another.")
    return list(head)


def _check_entry(entry: Any) -> None:
    if isinstance(entry, int) and not isinstance(entry, bool) and entry > 0:
        return
    if isinstance(entry, Mapping) and list(entry) == ["dropout"]:
        share = entry["dropout"]
        if isinstance(share, int | float) and 0 <= share < 1:
            return
        raise ValueError(f"the dropout of a head is a share from 0 to below 1; got {share!r}.")
    if entry not in LAYERS:
        hint = did_you_mean(str(entry), LAYERS)
        raise ValueError(
            f"head has no layer {entry!r}.{hint} Layers: {', '.join(LAYERS)}, {{dropout: SHARE}},"
            " and whole numbers for dense layers."
        )
