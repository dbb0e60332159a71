"""What the command line prints: findings, summaries and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

__all__ = ["announce", "messages", "output", "print_table", "summary", "tell_warnings"]

output = Console(soft_wrap=False)
messages = Console(stderr=True, soft_wrap=True)
WIDEST = 1000  # characters


def announce(ready: Any) -> None:
    """Print the size of a plan and the findings of the audit."""
    plan = ready.plan
    messages.print(
        f"{len(plan.cells)} cells, {plan.n_fits} fits, {len(plan.tables)} feature tables.", highlight=False
    )
    colours = {"error": "red", "warning": "yellow", "note": "dim"}
    for finding in ready.findings:
        ignored = " (ignored by name)" if finding.ignored else ""
        colour = colours[finding.severity]
        messages.print(
            f"[{colour}]{finding.severity} {finding.code}{ignored}[/] {escape(finding.message)}",
            highlight=False,
        )


def tell_warnings(cells: Any) -> None:
    """Print what libraries warned of, each once with the number of cells concerned."""
    warned = cells["warnings"].dropna().str.split("\n").explode()
    for message, count in warned.value_counts().items():
        messages.print(f"[yellow]warning[/] {escape(str(message))} ({count} cells)", highlight=False)


def summary(run_dir: Path) -> None:
    """Print one small table per task and protocol: the first measures of every cell, one line each."""
    from suite.results import read_table

    metrics = _with_remarks(read_table(run_dir, "metrics").to_pandas())
    pooled = metrics[metrics["fold"].isna() & metrics["class"].isna()]
    shown = list(dict.fromkeys(pooled["metric"]))
    chosen = [name for name in ("accuracy", "balanced_accuracy", "roc_auc") if name in shown] or shown[:3]
    for (dataset, task, protocol), part in pooled.groupby(["dataset", "task", "protocol"], sort=False):
        names = [
            name for name in ("preprocessing", "extractor", "classifier", "variant") if _varies(part, name)
        ]
        cells = part.groupby(["preprocessing", "extractor", "classifier", "variant"], sort=False)
        rows = [
            (*(str(cell[name].iloc[0]) for name in names), *(_interval(cell, name) for name in chosen))
            for _, cell in cells
        ]
        displays = [part.loc[part["metric"] == name, "display"].iloc[0] for name in chosen]
        print_table(f"{dataset} / {task} / {protocol}", (*names, *displays), rows)


def _with_remarks(metrics: Any) -> Any:
    """Put into a name what must be said beside it: ``inception (random weights)``."""
    for column in ("protocol", "extractor", "classifier"):
        remark = metrics[f"{column}_remark"]
        metrics[column] = metrics[column].where(remark == "", metrics[column] + " (" + remark + ")")
    return metrics


def _varies(part: Any, name: str) -> bool:
    """Tell whether a column of names says anything: baselines are always without preprocessing."""
    ordinary = part[part["role"] != "baseline"]
    return name in ("extractor", "classifier") or ordinary[name].nunique() > 1


def _interval(cell: Any, metric: str) -> str:
    row = cell[cell["metric"] == metric].iloc[0]
    if row["value"] != row["value"]:
        return "undefined"
    if row["low"] != row["low"]:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; where there is no terminal it is as wide as it needs to be."""
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(escape(name), no_wrap=not output.is_terminal, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    if output.is_terminal:
        output.print(table)
    else:
        widest = Measurement.get(output, output.options.update(max_width=WIDEST), table).maximum
        Console(width=max(widest, output.width)).print(table)
