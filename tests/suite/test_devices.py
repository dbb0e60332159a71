"""What runs on a device is computed by the process that owns it, with the same result.

The CPU stands for the devices here, so that the path is tested where there is no GPU.
"""

import pyarrow.parquet as pq

import suite.engine
from suite.console import messages
from suite.devices import owned_devices
from suite.progress import Display
from suite.run import run_grid

GRID = """
name: devices
dataset: {type: phantom, patients: 12, size: 48}
protocol: {type: kfold, folds: 2}
extractors:
  deep: {type: cnn, model: squeezenet1_1, weights: random, size: 32}
  first_order: {}
  pixels: {}
classifiers:
  knn: {n_neighbors: 3}
  cov19net: {epochs: 1}
"""


def predictions(grid, out):
    with Display(messages) as display:
        finished = run_grid(
            grid,
            out,
            {},
            jobs=2,
            only=None,
            fresh=False,
            command="",
            progress=display,
            announce=lambda _: None,
        )
    assert set(finished.cells["status"]) == {"done"}
    return pq.read_table(out / "results" / "predictions.parquet")


def test_owners_of_devices_give_the_same_predictions(tmp_path, monkeypatch):
    grid = tmp_path / "devices.yaml"
    grid.write_text(GRID)
    plain = predictions(grid, tmp_path / "plain")
    monkeypatch.setattr(suite.engine, "owned_devices", lambda device: ("cpu", "cpu"))
    owned = predictions(grid, tmp_path / "owned")
    assert owned.equals(plain)


def test_a_run_on_the_cpu_owns_no_device():
    assert owned_devices("cpu") == ()
    assert owned_devices("mps") == ("mps",)
    assert owned_devices("cuda:99") == ()
