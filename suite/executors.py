"""Where work runs: in this process, or on several; any ``concurrent.futures.Executor`` will do."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

import joblib

from suite.errors import SuiteError

__all__ = ["Lost", "Workers", "available_cores", "own_device"]

ATTEMPTS = 3
OWN_DEVICE = "SUITE_OWN_DEVICE"
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Lost:
    """Outcome of a unit whose worker died each time it was tried."""

    reason: str


def available_cores() -> int:
    """Return the number of cores this process may use (affinity and cgroup limits respected)."""
    return joblib.cpu_count()


@dataclass(frozen=True)
class _Attempt:
    unit: Any
    number: int


class InProcess(Executor):
    """An executor that runs each call at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call ``fn`` and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Workers:
    """Runs units of work, a bounded number of them at a time, and survives the death of workers.

    Parameters
    ----------
    jobs : int
        Number of processes; with 1, units run in this process. Processes are started when the first
        unit is there, so that a run with nothing to do starts none.
    devices : tuple of str
        Devices to own: one process each, however many jobs there are; see :func:`own_device`.
    """

    def __init__(self, jobs: int, devices: tuple[str, ...] = ()) -> None:
        self.jobs = len(devices) or jobs
        self._devices = devices
        self._executor: Executor | None = None
        self._deaths = 0  # since a unit was last finished

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._executor is not None:
            if kind is not None and isinstance(self._executor, ProcessPoolExecutor):
                _kill(self._executor)
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def run(self, function: Callable[[Any], Any], units: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield (unit, outcome) as units finish; units are drawn only as workers become free.

        A unit whose worker dies is tried again, alone at its last attempt so that it takes no other
        unit with it; after three deaths its outcome is :class:`Lost`. Exceptions of ``function`` are raised.

        Raises
        ------
        SuiteError
            When workers only ever die.
        """
        waiting: deque[_Attempt] = deque()
        source = iter(units)
        running: dict[Future[Any], _Attempt] = {}
        while True:
            self._fill(function, source, waiting, running)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                attempt = running.pop(future)
                error = future.exception()
                if not isinstance(error, BrokenProcessPool):
                    self._deaths = 0
                    yield attempt.unit, future.result()
                elif attempt.number >= ATTEMPTS:
                    yield attempt.unit, Lost(f"the worker process died {ATTEMPTS} times (out of memory?)")
                else:
                    self._count_death()
                    waiting.append(_Attempt(attempt.unit, attempt.number + 1))

    def _fill(
        self,
        function: Callable[[Any], Any],
        source: Iterator[Any],
        waiting: deque[_Attempt],
        running: dict[Future[Any], _Attempt],
    ) -> None:
        capacity = 1 if self.jobs == 1 else 2 * self.jobs
        while len(running) < capacity and not any(a.number >= ATTEMPTS for a in running.values()):
            if waiting:
                if waiting[0].number >= ATTEMPTS and running:
                    return
                attempt = waiting.popleft()
            else:
                unit = next(source, None)
                if unit is None:
                    return
                attempt = _Attempt(unit, 1)
            running[self._submit(function, attempt.unit)] = attempt

    def _count_death(self) -> None:
        self._deaths += 1
        if self._deaths > 8 * ATTEMPTS * self.jobs:
            raise SuiteError(
                "Worker processes die one after the other and finish nothing; --jobs 1 works without them."
            )

    def _submit(self, function: Callable[[Any], Any], unit: Any) -> Future[Any]:
        try:
            return self._started().submit(function, unit)
        except BrokenProcessPool:
            self._executor = None
            return self._started().submit(function, unit)

    def _started(self) -> Executor:
        if self._executor is None:
            alone = self.jobs == 1 and not self._devices
            self._executor = _in_process() if alone else _process_pool(self.jobs, self._devices)
        return self._executor


def own_device() -> str:
    """Return the device that this process owns; one that owns none has the CPU."""
    return os.environ.get(OWN_DEVICE, "cpu")


def _in_process() -> InProcess:
    """Let libraries that are loaded from now on have one thread; no limit reaches what is not there yet.

    Numba may have its threads already, and then bears no change.
    """
    os.environ.update({name: "1" for name in THREAD_VARIABLES if not name.startswith("NUMBA")})
    return InProcess()


def _process_pool(jobs: int, devices: tuple[str, ...]) -> ProcessPoolExecutor:
    """Start processes that inherit one inner thread each; results then do not depend on their number."""
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    for device in devices:
        queue.put(device)
    arguments = (queue if devices else None,)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_worker, initargs=arguments)


def _begin_worker(devices: Any) -> None:
    """Take a device; leave Ctrl-C to the parent, which then stops its workers; end when it is gone."""
    if devices is not None:
        os.environ[OWN_DEVICE] = devices.get()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _kill(executor: ProcessPoolExecutor) -> None:
    for process in list((executor._processes or {}).values()):
        process.kill()
