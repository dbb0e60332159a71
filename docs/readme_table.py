"""Print the README's tables of a finished run: ``uv run python docs/readme_table.py runs/cxr``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from reports.tables import stands_apart


def main(run_dir: Path) -> None:
    """Print accuracy with its interval for every cell of each task, and the machine."""
    metrics = pq.read_table(run_dir / "results" / "metrics.parquet").to_pandas()
    cells = pq.read_table(run_dir / "results" / "cells.parquet").to_pandas()
    pooled = metrics[metrics["fold"].isna() & metrics["class"].isna() & (metrics["metric"] == "accuracy")]
    for (task, protocol), part in pooled.groupby(["task", "protocol"], sort=False):
        print(f"\nAccuracy, task `{task}`, protocol `{protocol}` (pooled over the test folds):\n")
        print_table(part)
    print_ablation(run_dir)
    print_heat(run_dir, cells)
    environment = json.loads((run_dir / "environment.json").read_text())
    fitted = cells.drop_duplicates("key")
    fits = fitted["seconds_fit"].sum() / 60
    tables = cells[(cells["role"] == "cell")].drop_duplicates("extractor").set_index("extractor")
    milliseconds = tables["seconds_extract"] / tables["n_images"] * 1000
    shown = ", ".join(f"{name} {value:.1f}" for name, value in milliseconds.items())
    print(
        f"\n{environment['processor']}, {environment['cores']} cores, {environment['jobs']} processes:",
        end=" ",
    )
    print(f"{environment['seconds'] / 60:.1f} min in all;", end=" ")
    print(f"{int(fitted['n_fits'].sum())} fits took {fits:.0f} processor minutes.", end=" ")
    print(f"Extraction, ms per image: {shown}.")


def print_ablation(run_dir: Path) -> None:
    """Print the first measure of each variant of an ablation and its difference to the full system."""
    for file in sorted((run_dir / "report" / "tables").glob("ablation_*.csv")):
        frame = pd.read_csv(file)
        rows = frame[frame["metric"] == frame["metric"].iloc[0]]
        print(f"\nAblation, {rows['metric'].iloc[0]}, task `{rows['task'].iloc[0]}`:\n")
        for row in rows.itertuples():
            print(f"| {row.variant} | {row.mean:.3f} ± {row.sd:.3f} ({row.difference:+.3f}) |")


def print_heat(run_dir: Path, cells: pd.DataFrame) -> None:
    """Print the share of each network's heat that lies inside the boxes."""
    shares = pq.read_table(run_dir / "results" / "heat_shares.parquet").to_pandas()
    named = cells.drop_duplicates("key").set_index("key")
    for row in shares[shares["share"].notna()].itertuples():
        cell = named.loc[row.key]
        print(f"\nHeat inside boxes, task `{cell['task']}`, {cell['classifier']}:", end=" ")
        print(f"{row.share:.3f} [{row.share_low:.3f}, {row.share_high:.3f}] on {row.area:.3f} of the area")


def print_table(part: pd.DataFrame) -> None:
    """Print one row per extractor, one column per classifier; baselines below."""
    ordinary = part[part["role"] == "cell"]
    apart = stands_apart(ordinary)
    crossed = ordinary[~apart]
    classifiers = list(dict.fromkeys(crossed["classifier"]))
    print("| | " + " | ".join(classifiers) + " |")
    print("|---" * (len(classifiers) + 1) + "|")
    best = ordinary["value"].max()
    for extractor, row in crossed.groupby("extractor", sort=False):
        values = row.set_index("classifier")["value"]
        shown = [_shown(value, best) for value in values.reindex(classifiers)]
        print(f"| {extractor} | " + " | ".join(shown) + " |")
    for row in ordinary[apart].itertuples():
        print(f"| {row.extractor} + {row.classifier} | {_shown(row.value, best)}" + " |" * len(classifiers))
    for row in part[part["role"] == "baseline"].itertuples():
        name = "no features (dummy)" if row.extractor == "none" else f"image size alone ({row.classifier})"
        print(f"| *{name}* | {row.value:.3f} [{row.low:.3f}, {row.high:.3f}]" + " |" * len(classifiers))


def _shown(value: float, best: float) -> str:
    if pd.isna(value):
        return "–"
    return f"**{value:.3f}**" if value == best else f"{value:.3f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
