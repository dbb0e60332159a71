"""Write the part of ``docs/performance.md`` that is about networks from what was measured.

    uv run python benchmarks/embedding.py --json embedding.json
    uv run python benchmarks/training.py --json training.json
    uv run python benchmarks/frozen_backbone.py --json frozen.json
    uv run python -m docs.performance_networks embedding.json training.json frozen.json

Numbers of several machines stand one after another: ``--also embedding2.json training2.json frozen2.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docs.performance import NETWORKS, PAGE, table

EMBEDDING_AIM, TRAINING_AIM = 0.95, 0.9


def part(machines: Sequence[Sequence[dict[str, Any]]]) -> Iterator[str]:
    """Yield the lines of the part, of what each machine measured: embedding, training, a frozen backbone."""
    yield from (
        "# Speed of the networks",
        "",
        "Written by `docs/performance_networks.py` from `benchmarks/embedding.py`, `benchmarks/training.py`"
        " and `benchmarks/frozen_backbone.py`; not edited by hand. Images per second; weights are random, as"
        " how fast a network is does not depend on them.",
        "",
    )
    for measured in machines:
        yield from _machine(*measured)
    rows = [row for measured in machines for found in measured[:2] for row in found["rows"]]
    if all(row["device"] == "cpu" for row in rows):
        yield "CUDA: not measured, there was no such device."
        yield ""


def _machine(embedding: dict[str, Any], training: dict[str, Any], frozen: dict[str, Any]) -> Iterator[str]:
    machine = embedding["machine"]
    yield f"## {machine['processor']}, {machine['cores']} cores, torch {machine['torch']}"
    yield ""
    yield (
        f"Features of frozen networks, {embedding['images']} PNG files of"
        f" {embedding['size']}×{embedding['size']}. Bare: the network alone, on pictures in memory. Reading"
        " alone: files decoded and resized by all cores, without a network. At best: where both share the"
        " cores, 1 / (1 / bare + 1 / reading alone); where the network has a device of its own, the smaller"
        " of the two. From files each core runs a network of its own, which may be faster than one on all"
        f" cores, as bare is. The last column is the share of the bare network; the aim is {EMBEDDING_AIM}."
    )
    yield ""
    yield from table(
        ("network", "device", "precision", "bare", "reading alone", "at best", "from files", "of bare"),
        (_embedded(row) for row in embedding["rows"]),
    )
    yield (
        f"Training, {training['images']} images in memory, batches of {training['batch']}, beside a loop of"
        f" PyTorch written by hand; the aim is {TRAINING_AIM}."
    )
    yield ""
    yield from table(
        ("network", "device", "precision", "by hand", "suite", "of by hand"),
        (_trained(row) for row in training["rows"]),
    )
    yield (
        f"A head on a frozen {frozen['model']}, {frozen['images']} images, {frozen['epochs']} epochs,"
        f" float32: {frozen['seconds_images']:.1f} s on the images, {frozen['seconds_features']:.1f} s with"
        " the backbone computed once, as a run does; the largest difference of a probability is"
        f" {frozen['difference']:.1e}."
    )
    yield ""


def _embedded(row: dict[str, Any]) -> tuple[str, ...]:
    rates = (f"{row[name]:.1f}" for name in ("bare", "reading", "best", "from_files"))
    return (row["model"], row["device"], row["precision"], *rates, f"{row['from_files'] / row['bare']:.2f}")


def _trained(row: dict[str, Any]) -> tuple[str, ...]:
    rates = (f"{row[name]:.1f}" for name in ("bare", "suite"))
    return (row["network"], row["device"], row["precision"], *rates, f"{row['suite'] / row['bare']:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=Path, nargs=3, metavar=("EMBEDDING", "TRAINING", "FROZEN"))
    parser.add_argument("--also", type=Path, nargs=3, action="append", default=[])
    options = parser.parse_args()
    read = [[json.loads(file.read_text()) for file in files] for files in (options.measured, *options.also)]
    above = PAGE.read_text().partition(NETWORKS)[0]
    PAGE.write_text(above + NETWORKS + "\n".join(part(read)).rstrip() + "\n")
