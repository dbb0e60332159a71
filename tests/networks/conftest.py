"""Places for weights that are empty, and real weights where they are."""

from pathlib import Path

import pytest
import torch

WEIGHTS = Path(__file__).parents[2] / "../shared/weights"


@pytest.fixture(autouse=True)
def torch_home(tmp_path, monkeypatch):
    """A cache of torch hub that is the test's own, and no folder of weights."""
    monkeypatch.delenv("SUITE_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch/hub/checkpoints"


@pytest.fixture(scope="session")
def real_weights():
    """The folder of real weights, which were trained on ImageNet."""
    if not WEIGHTS.is_dir():
        pytest.skip("the trained weights of ../shared/weights are not here")
    return WEIGHTS.resolve()


@pytest.fixture
def one_thread():
    """As in a run; and two would only wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
