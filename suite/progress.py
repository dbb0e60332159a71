"""How a run shows that it moves: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

__all__ = ["Display"]

STAGES = {
    "images": "Looking at images",
    "features": "Extracting features",
    "cells": "Cells",
    "fits": "Fitting and predicting",
}
UNITS = {"images": "images", "features": "images × extractors", "cells": "cells", "fits": "fits"}
NOT_IN_LINES = ("cells",)  # shown as a bar of its own, but not as lines beside those of its fits
SECONDS_BETWEEN_LINES = 10.0


class Display:
    """Shows the stages of a run; a context manager.

    Parameters
    ----------
    console : rich.console.Console
        Where to; on anything but a terminal a plain line is printed every ten seconds.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stages: dict[str, _Stage] = {}
        self._bars = _bars(console) if console.is_terminal else None

    def __enter__(self) -> Display:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of ``total`` steps; a stage without steps is not shown."""
        known = self._stages.get(stage)
        if not total:
            return
        if known is not None:
            known.total += total
        else:
            self._stages[stage] = known = _Stage(stage, total, self._console)
        if self._bars is None:
            known.tell_sometimes()
        elif known.bar is None:
            known.bar = self._bars.add_task(STAGES[stage], total=total, detail="")
        else:
            self._bars.update(known.bar, total=known.total)

    def advance(self, stage: str, steps: int = 1, detail: str = "") -> None:
        """Tell that steps of a stage are done."""
        known = self._stages[stage]
        known.advance(steps)
        if self._bars is None:
            known.tell_sometimes()
        elif known.bar is not None:
            self._bars.update(known.bar, completed=known.done, detail=detail)


class _Stage:
    def __init__(self, name: str, total: int, console: Console) -> None:
        self.name, self.total, self.done, self.bar = name, total, 0, None
        self._console = console
        self._begun = time.monotonic()
        self._told = self._begun - 2 * SECONDS_BETWEEN_LINES
        self._first: tuple[float, int] | None = None  # when the first steps were done, and how many

    bar: TaskID | None

    def advance(self, steps: int) -> None:
        self.done += steps
        if self._first is None:
            self._first = time.monotonic(), self.done

    def tell_sometimes(self) -> None:
        if self.name in NOT_IN_LINES:
            return
        if self.done >= self.total or time.monotonic() - self._told > SECONDS_BETWEEN_LINES:
            self.tell()

    def tell(self) -> None:
        self._told = time.monotonic()
        line = f"{STAGES[self.name]}: {self.done} of {self.total} {UNITS[self.name]}"
        if self.done >= self.total:
            line += f", done in {_duration(self._told - self._begun)}"
        elif self._first is not None and self.done > self._first[1]:
            since, before = self._first  # until then, much was done once: workers started, code compiled
            left = (self._told - since) / (self.done - before) * (self.total - self.done)
            line += f", about {_duration(left)} left"
        self._console.print(line, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    """Write a duration as people do.

    Examples
    --------
    >>> _duration(4.2), _duration(75), _duration(7300)
    ('4 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _bars(console: Console) -> RichProgress:
    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[detail]}", table_column=None),
        console=console,
    )
