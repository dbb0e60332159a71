"""Deep features: images per second from files, beside the bare network on pictures that are in memory.

    uv run python benchmarks/embedding.py [--models resnet50,mobilenet_v2] [--json embedding.json]

Weights are random: how fast a network is does not depend on them, and none are shipped. Files are synthetic
films, written as PNG; each is decoded, brought to 256 × 256, prepared and computed, and the features are
stored. The bare network gets one batch over and over, of 8 and of 32 pictures, with all cores (the faster
counts). Both in the same precision on the same device: the CPU, and every kind of CUDA device there is. The
processes are warm: starting them and building the networks is not counted. Reading alone decodes the files
and brings them to 256 × 256, and no network follows: where the network runs on the same cores, this is time
that it does not have, and ``at best`` is what is left to it: 1 / (1 / bare + 1 / reading alone).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import torch
import yaml
from PIL import Image

from networks.devices import describe
from networks.embedding import Embedder
from networks.source import Source
from suite.datasets.phantom import Phantom
from suite.device_extraction import extract_on_devices
from suite.devices import owned_devices
from suite.engine import pending_fits, pending_shards
from suite.environment import describe_environment
from suite.executors import Workers, available_cores
from suite.extraction import ShardUnit, extract_shard
from suite.grid_reader import read_grid
from suite.preparation import get_ready
from suite.store import Store

BATCHES = {"cpu": (8, 32), "cuda": (32, 128, 256)}


class Silent:
    """Tells nothing of the progress."""

    def start(self, stage, total):
        """Begin a stage."""

    def advance(self, stage, steps=1, detail=""):
        """Finish steps of a stage."""


def bare(model: str, device: str, seconds: float) -> tuple[float, str]:
    """Return images per second of the network alone, and its precision."""
    torch.set_num_threads(available_cores())
    best = 0.0
    for batch in BATCHES[device.partition(":")[0]]:
        network = Embedder(Source(model, "random"), "auto", device, batch)
        pictures = torch.rand(batch, 1, network.size, network.size).to(network.device)
        best = max(best, _rate(network, pictures, seconds))
    return best, network.precision_name


def _rate(network: Embedder, pictures: torch.Tensor, seconds: float) -> float:
    network._forward(pictures, network.dtype)
    start, number = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        network._forward(pictures, network.dtype)
        number += len(pictures)
    if network.device.type == "cuda":
        torch.cuda.synchronize(network.device)
    return number / (time.perf_counter() - start)


def write_films(folder: Path, images: int, size: int, seed: int) -> None:
    """Write synthetic films as PNG files, a folder for each class."""
    films = Phantom(patients=-(-images // 3), images_per_patient=1, size=size, seed=seed).load(locate=None)
    for film, label in zip(films.images[:images], films.samples["label"], strict=False):
        file = folder / label / f"{film.path}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(film.read()).save(file)


def from_files(extractor: Mapping[str, str], device: str, films: Path, jobs: int) -> float:
    """Return images per second from PNG files to stored features; ``films`` has two folders of them."""
    with Workers(jobs) as workers:
        for name in ("warm", "measured"):
            grid = films / f"{name}.yaml"
            grid.write_text(yaml.safe_dump(_grid(extractor, films / name)))
            store = Store(Path(tempfile.mkdtemp(dir=films)))
            ready = get_ready(read_grid(grid, {}), store, workers, Silent())
            units = pending_shards(pending_fits(ready.plan, store), store)
            seconds = _seconds(units, workers, device)
    return sum(len(unit.images) for unit in units) / seconds


def _grid(extractor: Mapping[str, str], folder: Path) -> dict[str, object]:
    return {
        "name": "embedding",
        "dataset": {"type": "folder", "path": str(folder)},
        "preprocessing": [{"resize": {"size": 256}}],
        "protocol": {"type": "kfold", "folds": 2, "group": None},
        "extractors": {"measured": dict(extractor)},
        "classifiers": ["knn"],
        "baselines": [],
    }


def _seconds(units: list[ShardUnit], workers: Workers, device: str) -> float:
    start = time.perf_counter()
    if device == "cpu":
        outcomes = list(workers.run(extract_shard, units))
    else:
        outcomes = list(extract_on_devices(units, workers, (device,)))
    for _, outcome in outcomes:
        assert isinstance(outcome, dict), outcome
        assert not any(outcome.values()), outcome
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="resnet50,inception_v3,vgg19,mobilenet_v2")
    parser.add_argument("--images", type=int, default=256, help="files of each measurement")
    parser.add_argument("--size", type=int, default=512, help="side of the films")
    parser.add_argument("--seconds", type=float, default=5, help="of each bare measurement")
    parser.add_argument(
        "--json", type=Path, help="where the numbers are written, for docs/performance_networks.py"
    )
    options = parser.parse_args()
    facts = describe_environment()
    print(f"{facts['processor']}, {available_cores()} cores; torch {torch.__version__}")
    print(f"{options.images} PNG files of {options.size} x {options.size}; images per second\n")
    heads = f"{'bare':>8}{'reading alone':>15}{'at best':>9}{'from files':>12}{'ratio':>8}"
    print(f"{'model':16}{'device':28}{'precision':12}{heads}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for seed, name in enumerate(("warm", "measured")):
            write_films(Path(folder) / name, options.images, options.size, seed)
        reading = from_files({"type": "image_size"}, "cpu", Path(folder), available_cores())
        for device in ("cpu", *owned_devices("auto")[:1]):
            for model in options.models.split(","):
                alone, precision = bare(model, device, options.seconds)
                network = {"type": "cnn", "model": model, "weights": "random"}
                whole = from_files(network, device, Path(folder), available_cores())
                best = 1 / (1 / alone + 1 / reading) if device == "cpu" else min(alone, reading)
                where = describe(torch.device(device))
                numbers = f"{alone:8.1f}{reading:15.1f}{best:9.1f}{whole:12.1f}{whole / alone:8.2f}"
                print(f"{model:16}{where:28}{precision:12}{numbers}", flush=True)
                rows.append(
                    {"model": model, "device": where, "precision": precision, "bare": alone}
                    | {"reading": reading, "best": best, "from_files": whole}
                )
    if options.json:
        machine = {"processor": facts["processor"], "cores": available_cores(), "torch": torch.__version__}
        files = {"images": options.images, "size": options.size}
        options.json.write_text(json.dumps({"machine": machine, **files, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
