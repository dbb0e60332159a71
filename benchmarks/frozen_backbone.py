"""A head on a frozen backbone: trained on images, and on what the backbone gave once, as a run does it.

    uv run python benchmarks/frozen_backbone.py [--model resnet18] [--images 128] [--json frozen.json]

The images are random numbers and the weights random, from a file: neither decides how long it takes. In
float32, in this process alone. With k folds the backbone is computed once for all: k times less again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from classifiers.fine_tuned_cnn import FineTunedCNN
from feature_extractors.cnn import CNN
from networks.catalogue import build, seeded
from suite.environment import describe_environment
from suite.executors import available_cores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument(
        "--json", type=Path, help="where the numbers are written, for docs/performance_networks.py"
    )
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (options.images, 224, 224)).astype(np.float32)
    y = np.arange(options.images) % 3
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pth"
        with seeded(0):
            torch.save(build(options.model).state_dict(), weights)
        model = FineTunedCNN(
            model=options.model, weights=str(weights), epochs=options.epochs, precision="float32"
        )
        start = time.perf_counter()
        expected = model.fit(X, y).predict_proba(X)
        on_images = time.perf_counter() - start
        start = time.perf_counter()
        features = CNN(**model.frozen_features()[1]).fit_transform(X)
        found = model.fit(features, y).predict_proba(features)
        on_features = time.perf_counter() - start
    difference = float(np.abs(found - expected).max())
    facts = describe_environment()
    kept = {"processor": facts["processor"], "cores": available_cores(), "model": options.model}
    kept |= {"images": options.images, "epochs": options.epochs, "difference": difference}
    kept |= {"seconds_images": on_images, "seconds_features": on_features}
    print(f"{kept['processor']}, {kept['cores']} cores")
    print(f"{options.model}, {options.images} images, {options.epochs} epochs")
    print(f"on images {on_images:.1f} s; on features {on_features:.1f} s, extraction included")
    print(f"largest difference of a probability: {difference:.1e}")
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
