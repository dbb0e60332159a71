"""The resize step beside scikit-image's, one core: milliseconds an image, and the largest difference.

uv run python benchmarks/resizing.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from skimage.transform import resize
from threadpoolctl import threadpool_limits

from suite.environment import describe_environment
from suite.preprocessing._resampling import resample

SIZES = [
    ((512, 512), (256, 256)),
    ((2000, 2500), (256, 256)),
    ((1024, 1024), (64, 64)),
    ((300, 200), (256, 256)),
]


def milliseconds(work: Callable[[], np.ndarray], repeats: int = 7) -> tuple[float, np.ndarray]:
    """Return the least time of several calls, and what they gave."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        values = work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times), values


def main() -> None:
    print(describe_environment()["processor"])
    print(f"{'from':>14}{'to':>12}{'scikit-image':>14}{'suite':>9}{'ratio':>8}{'difference':>12}")
    rng = np.random.default_rng(0)
    scikit_image = partial(resize, order=1, mode="reflect", anti_aliasing=True, preserve_range=True)
    for old, new in SIZES:
        pixels = rng.integers(0, 256, old).astype(float)
        with threadpool_limits(1):
            theirs, expected = milliseconds(partial(scikit_image, pixels, new))
            ours, found = milliseconds(partial(resample, pixels, new, antialias=True))
        sizes = f"{'×'.join(map(str, old)):>14}{'×'.join(map(str, new)):>12}"
        print(f"{sizes}{theirs:14.2f}{ours:9.2f}{theirs / ours:8.1f}{np.abs(found - expected).max():12.1e}")


if __name__ == "__main__":
    main()
