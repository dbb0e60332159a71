"""Training: images per second of the suite's loop beside a bare loop of PyTorch, same network and batches.

    uv run python benchmarks/training.py [--networks cov19net,resnet18] [--images 512] [--json training.json]

The images are random numbers and the weights random: neither decides how fast training is. Both loops have
the data in memory (on the device, where it is one), the same batches of 32, the same optimizer and the same
precision; the bare one does nothing else. They take turns, after one epoch each in which libraries choose
their ways; the median of ``--repeats`` trainings counts, what precedes and follows the epochs included.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch import nn

from networks.catalogue import InputFormat, build
from networks.cov19net import COV19Net
from networks.devices import describe, fast_dtype
from networks.pictures import normalized
from networks.recipe import Recipe, Samples
from networks.training import train
from suite.devices import owned_devices
from suite.environment import describe_environment
from suite.executors import available_cores

BATCH = 32
CLASSES = 3
RATE = 1e-3


def network_of(name: str) -> tuple[nn.Module, InputFormat, bool]:
    """Return a network, what it takes, and whether it is trained in half precision where that is fast."""
    if name == "cov19net":
        return COV19Net(CLASSES), InputFormat(64, 64, (0.0,) * 3, (1.0,) * 3), False
    return build(name), InputFormat(224, 256), True


def bare_loop(network: nn.Module, samples: Samples, recipe: Recipe, device: torch.device) -> None:
    """Train as a script by hand would."""
    network = network.to(device).to(memory_format=torch.channels_last).train()
    inputs, codes = samples.inputs.to(device), samples.codes.to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    half = recipe.half and fast_dtype(device) == torch.bfloat16
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(codes), device=device).split(BATCH):
            with torch.autocast(device.type, torch.bfloat16 if half else None, enabled=half):
                scores = network(normalized(inputs[rows], recipe.form)).float()
            loss = nn.functional.cross_entropy(scores, codes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # whoever trains looks at the loss


def ours(network: nn.Module, samples: Samples, recipe: Recipe, device: torch.device) -> None:
    """Train by the suite."""
    train(network, samples, None, recipe, device)


Loop = Callable[[nn.Module, Samples, Recipe, torch.device], None]


def rate(loop: Loop, name: str, device: torch.device, images: int, epochs: int) -> float:
    """Return images per second of a whole training."""
    network, form, half = network_of(name)
    samples = Samples(torch.rand(images, 1, form.size, form.size), torch.arange(images) % CLASSES)
    recipe = Recipe(epochs=epochs, batch_size=BATCH, learning_rate=RATE, form=form, half=half)
    start = time.perf_counter()
    loop(network, samples, recipe, device)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return images * epochs / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default="cov19net,resnet18")
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument(
        "--json", type=Path, help="where the numbers are written, for docs/performance_networks.py"
    )
    options = parser.parse_args()
    rows = []
    facts = describe_environment()
    print(f"{facts['processor']}, {available_cores()} cores; torch {torch.__version__}")
    print(f"{options.images} images, batches of {BATCH}; images per second\n")
    print(f"{'network':16}{'device':28}{'bare':>10}{'suite':>10}{'ratio':>8}")
    for device in map(torch.device, ("cpu", *owned_devices("auto")[:1])):
        for name in options.networks.split(","):
            for loop in (bare_loop, ours):
                rate(loop, name, device, options.images, 1)
            both = [
                [rate(loop, name, device, options.images, options.epochs) for loop in (bare_loop, ours)]
                for _ in range(options.repeats)
            ]
            bare, suite = (median(values) for values in zip(*both, strict=True))
            place = f"{name:16}{describe(device):28}"
            print(f"{place}{bare:10.1f}{suite:10.1f}{suite / bare:8.2f}", flush=True)
            precision = (
                "bfloat16" if network_of(name)[2] and fast_dtype(device) == torch.bfloat16 else "float32"
            )
            rows.append(
                {"network": name, "device": describe(device), "precision": precision}
                | {"bare": bare, "suite": suite}
            )
    if options.json:
        machine = {"processor": facts["processor"], "cores": available_cores(), "torch": torch.__version__}
        options.json.write_text(
            json.dumps({"machine": machine, "images": options.images, "batch": BATCH, "rows": rows}, indent=1)
        )


if __name__ == "__main__":
    main()
