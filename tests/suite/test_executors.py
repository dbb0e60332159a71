"""Units run in this process or in several; a worker that dies costs only its own unit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suite.errors import SuiteError
from suite.executors import Lost, Workers, available_cores


def double(x):
    return 2 * x


def die_once(path):
    """Kill the worker the first time, succeed the second."""
    marker = Path(path)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def die_if_negative(x):
    if x < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * x


def fail(x):
    raise ValueError(f"bad {x}")


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_unit_is_done_once(jobs):
    with Workers(jobs) as workers:
        assert sorted(workers.run(double, range(25))) == [(n, 2 * n) for n in range(25)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_exceptions_of_the_function_are_raised(jobs):
    with Workers(jobs) as workers, pytest.raises(ValueError, match=r"bad \d"):
        list(workers.run(fail, range(3)))


def test_units_are_drawn_only_when_there_is_room():
    drawn = []

    def source():
        for n in range(10):
            drawn.append(n)
            yield n

    with Workers(1) as workers:
        next(workers.run(double, source()))
    assert drawn == [0]


def test_a_killed_worker_costs_one_unit(tmp_path):
    with Workers(2) as workers:
        outcomes = dict(workers.run(die_once, [str(tmp_path / name) for name in "ab"]))
    assert set(outcomes.values()) == {"survived"}


def test_a_unit_that_always_kills_is_lost_and_takes_no_other_with_it():
    with Workers(2) as workers:
        outcomes = dict(workers.run(die_if_negative, [1, 2, -1, 3, 4]))
    assert isinstance(outcomes.pop(-1), Lost)
    assert outcomes == {1: 2, 2: 4, 3: 6, 4: 8}


def die(x):
    os._exit(1)


def test_workers_that_only_die_end_the_run():
    with Workers(2) as workers, pytest.raises(SuiteError, match="finish nothing"):
        list(workers.run(die, range(1000)))


PARENT = """\
import os, sys, time
from suite.executors import Workers

if __name__ == "__main__":
    with Workers(2) as workers:
        executor = workers._started()
        pids = {executor.submit(os.getpid).result() for _ in range(20)}
        print(*pids, flush=True)
        time.sleep(60)
"""


def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert pids
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "a worker is still there"
        time.sleep(0.05)


def is_running(pid):
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_cores_respect_affinity():
    assert 1 <= available_cores() <= len(os.sched_getaffinity(0))
