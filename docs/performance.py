"""Write ``docs/performance.md`` from what was measured.

    uv run python benchmarks/texture.py --json texture.json
    uv run python -m docs.performance texture.json --before OLD/cxr OLD/ct --after runs/cxr runs/ct

``--before`` and ``--after`` are run directories of the same grids, of another and of this version.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

PAGE = Path(__file__).parent / "performance.md"


def milliseconds_per_image(run_dir: Path) -> dict[str, float]:
    """Return the extraction time of each extractor of a run, fusions left out."""
    cells = pq.read_table(run_dir / "results" / "cells.parquet").to_pandas()
    cells = cells[(cells["role"] == "cell") & cells["seconds_extract"].notna()].drop_duplicates("extractor")
    times = 1000 * cells["seconds_extract"] / cells["n_images"]
    return dict(zip(cells["extractor"], times, strict=True))


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, the first column flush left."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def comparison(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield each library beside ours."""
    for library in dict.fromkeys(row["library"] for row in rows):
        chosen = [row for row in rows if row["library"] == library]
        yield f"### {library}: ours is {chosen[0]['ours']}"
        yield ""
        yield from table(
            ("image", "levels", f"{library}, ms", "ours, ms", "ratio"),
            (
                (
                    f"{row['image']}, {'×'.join(map(str, row['shape']))}",
                    str(row["levels"]),
                    f"{row['theirs_ms']:.3f}",
                    f"{row['ours_ms']:.3f}",
                    f"{row['ratio']:.1f}",
                )
                for row in chosen
            ),
        )


def per_pixel(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield nanoseconds per pixel of the battery."""
    chosen = [r for r in rows if r["ours"] == "battery" and r["image"] == "real" and r["levels"] == 32]
    yield from table(
        ("size", "ms", "ns per pixel"),
        (
            (
                "×".join(map(str, row["shape"])),
                f"{row['ours_ms']:.3f}",
                f"{1e6 * row['ours_ms'] / (row['shape'][0] * row['shape'][1]):.1f}",
            )
            for row in chosen
        ),
    )


def families(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield each family alone."""
    yield from table(
        ("family", "ours, ms", "pyradiomics, ms", "ratio"),
        (
            (
                row["family"],
                f"{row['ours_ms']:.3f}",
                f"{row['theirs_ms']:.3f}" if "theirs_ms" in row else "–",
                f"{row['theirs_ms'] / row['ours_ms']:.1f}" if "theirs_ms" in row else "–",
            )
            for row in rows
        ),
    )


def grids(before: Sequence[Path], after: Sequence[Path]) -> Iterator[str]:
    """Yield the extraction times of grids, before and after."""
    for old, new in zip(before, after, strict=True):
        was, now = milliseconds_per_image(old), milliseconds_per_image(new)
        yield f"### `grids/{new.name}.yaml`"
        yield ""
        yield from table(
            ("extractor", "before, ms per image", "after, ms per image"),
            (
                (name, f"{was[name]:.2f}" if name in was else "–", f"{value:.2f}")
                for name, value in now.items()
            ),
        )


MEANING = (
    "Milliseconds are the least of several calls with one image each, so that what a call costs whatever"
    " the image (about 0.3 ms) is in them; in a batch it is shared. The battery is the 93 features of first"
    " order, GLCM, GLRLM, GLSZM, GLDM and NGTDM from pixel values. Six textures are GLCM, GLRLM, GLSZM,"
    " GLDZM, GLDM and NGTDM from gray levels, of merged matrices, which is what Pictologics computes (it has"
    " no maximal correlation coefficient; ours is in the time).",
)


def page(kept: dict[str, Any], before: Sequence[Path], after: Sequence[Path]) -> str:
    """Return the whole page."""
    machine = kept["machine"]
    libraries = ", ".join(f"{name} {found}" for name, found in kept["versions"].items())
    patches, memory = kept["patches"], kept["memory"]
    memory_told = ", ".join(f"{value:.0f} at {levels} levels" for levels, value in memory.items())
    agree = ", ".join(f"{name} {value:.1e}" for name, value in kept["differences"].items())
    lines = [
        "# Speed of the texture features",
        "",
        "Written by `docs/performance.py` from `benchmarks/texture.py` and two runs; not edited by hand."
        f" {machine['processor']}, {machine['cores']} cores of which one is used, Python {machine['python']},"
        f" {libraries}. A plain copy of memory runs at {kept['bandwidth']:.0f} GB/s, read and written.",
        "",
        *MEANING,
        "",
        f"Largest relative difference of values that both have, 256×256: {agree}.",
        "",
        "## Beside other libraries",
        "",
        *comparison(kept["comparison"]),
        "## A batch of 1,000 patches of 64×64",
        "",
        *table(
            ("what", "ms per patch"),
            ((name, f"{value:.4f}") for name, value in patches.items()),
        ),
        "## Time per pixel",
        "",
        *per_pixel(kept["comparison"]),
        "## Each family alone, 256×256, 32 levels, discretisation included",
        "",
        *families(kept["families"]),
        "## Start and memory",
        "",
        f"First call with compiled code on disk: {kept['first_call']:.2f} s after the imports."
        f" Peak memory of the battery on one 1024×1024 image, bytes per pixel: {memory_told}.",
        "",
        "## Where the aims stand",
        "",
        *aims(kept),
        "## Extraction in the grids, before and after",
        "",
        "Two processes; before: the first version, after: this one.",
        "",
        *grids(before, after),
    ]
    return "\n".join(lines).rstrip() + "\n"


def aims(kept: dict[str, Any]) -> Iterator[str]:
    """Yield the aims and whether they are met."""

    def ratio(library: str, shape: list[int]) -> float:
        rows = kept["comparison"]
        return next(r["ratio"] for r in rows if r["library"] == library and r["shape"] == shape)

    square = next(r for r in kept["comparison"] if r["ours"] == "battery" and r["shape"] == [256, 256])
    listed = [("battery at 256×256 in 2 ms", 2 / square["ours_ms"], f"{square['ours_ms']:.2f} ms")]
    wanted = [("pyradiomics", 35), ("Pictologics", 6)]
    for library, times in wanted:
        found = ratio(library, [256, 256])
        listed.append((f"{times} × {library} at 256×256", found / times, f"{found:.1f} ×"))
    if "Pictologics" in kept["patches"]:
        found = kept["patches"]["Pictologics"] / kept["patches"]["six textures"]
        listed.append(("10 × Pictologics on patches", found / 10, f"{found:.1f} ×"))
    listed.append(("first call within 1 s", 1 / kept["first_call"], f"{kept['first_call']:.2f} s"))
    yield from table(
        ("aim", "measured", "met"),
        ((name, shown, "yes" if met >= 1 else "no") for name, met, shown in listed),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=Path)
    parser.add_argument("--before", type=Path, nargs="*", default=[])
    parser.add_argument("--after", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    PAGE.write_text(page(json.loads(options.measured.read_text()), options.before, options.after))
