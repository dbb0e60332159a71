"""What could make results wrong, looked for before anything is computed: findings with stable codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from suite.audit_checks import DATA_CHECKS, SPLIT_CHECKS, Found
from suite.errors import DataError, Problem, did_you_mean
from suite.plan import Plan
from suite.views import Prepared

__all__ = ["CODES", "Finding", "audit", "check_ignored_codes", "refuse_errors"]

SHOWN = 50
SEVERITIES = ("error", "warning", "note")

CODES: Mapping[str, tuple[Literal["error", "warning", "note"], str]] = {
    "SAME_PICTURE_TWO_LABELS": ("error", "Correct the label, or drop the picture."),
    "SAME_PICTURE_ACROSS_FOLDS": (
        "error",
        "Drop the copies, or add a column that is equal for copies to `group` of the dataset.",
    ),
    "GROUP_ACROSS_FOLDS": ("error", "Let the protocol keep groups together, or repair the split."),
    "SAMPLE_LEVEL_SPLIT": ("warning", "Remove `group: null` from the protocol to keep patients together."),
    "AUGMENTED_BEFORE_SPLIT": (
        "warning",
        "Remove `augment: before_split` from the protocol; `augment: {copies: …}` of a classifier makes"
        " copies of training images alone.",
    ),
    "NO_GROUPS": ("warning", "Name the patient column as `group` of the dataset, if there is one."),
    "CLASS_IS_SOURCE": (
        "warning",
        "Nothing can separate the disease from its source here; add images of each class from each source.",
    ),
    "CLASS_SOURCE_CONFOUNDED": (
        "warning",
        "Read every number beside the shortcut baseline; test by source (leave_one_group_out).",
    ),
    "CLASS_SIZE_CONFOUNDED": ("warning", "Read every number beside the image-size baseline."),
    "CLASS_FORMAT_CONFOUNDED": ("warning", "Store all classes in one format; compression leaves traces."),
    "GROUP_WITH_SEVERAL_LABELS": (
        "note",
        "Nothing to do if a patient's images may carry different findings.",
    ),
    "SMALL_CLASS": ("warning", "Use fewer folds, or expect wide intervals."),
    "FOLD_WITHOUT_CLASS": ("note", "Measures of that fold that need the class are undefined, and shown so."),
    "CONSTANT_IMAGE": ("warning", "Look at these images; they carry no texture."),
    "IMAGES_SKIPPED": ("warning", "Repair these files; results hold for the images that are left."),
    "SAMPLES_LEFT_OUT": ("note", "Their group reaches into the test part, so they may not be trained on."),
    "SYNTHETIC_DATA": ("note", "No result on synthetic images says anything about patients."),
}


@dataclass(frozen=True)
class Finding:
    """Something that a reader of the results should know.

    Attributes
    ----------
    code : str
        Stable name, a key of ``CODES``.
    severity : str
        ``error`` (stops a run unless ignored by name), ``warning`` or ``note``.
    message : str
        What was found and what it does to results.
    advice : str
        What to do.
    samples : tuple of str
        Samples concerned, at most fifty.
    ignored : bool
        Whether the grid lets an error stand.
    """

    code: str
    severity: str
    message: str
    advice: str
    samples: tuple[str, ...]
    ignored: bool

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "samples": list(self.samples)}


def audit(prepared: Sequence[Prepared], plan: Plan, ignore: Sequence[str] | str) -> list[Finding]:
    """Look at the data and at every split of a plan.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    plan : Plan
        Its settings are the splits to look at.
    ignore : list of str or "all"
        Codes that may stand.

    Returns
    -------
    list of Finding
        Errors first.
    """
    found: list[Found] = [item for dataset in prepared for check in DATA_CHECKS for item in check(dataset)]
    for (dataset, task, protocol, _, variant), setting in plan.settings.items():
        place = " / ".join([dataset, task, protocol, *[f"variant {variant}"] * bool(variant)])
        found += [item for check in SPLIT_CHECKS for item in check(setting, place)]
    unique = {(code, message): tuple(samples[:SHOWN]) for code, message, samples in found}
    findings = [
        Finding(code, *_told(code, message), samples, ignore == "all" or code in ignore)
        for (code, message), samples in unique.items()
    ]
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def _told(code: str, message: str) -> tuple[str, str, str]:
    severity, advice = CODES[code]
    return severity, message, advice


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise when a finding of severity error is not ignored by name.

    Raises
    ------
    DataError
        With all such findings.
    """
    errors = [finding for finding in findings if finding.severity == "error" and not finding.ignored]
    if errors:
        raise DataError([Problem(f"audit {f.code}", f"{f.message} {f.advice}{_naming(f)}") for f in errors])


def _naming(finding: Finding) -> str:
    shown = ", ".join(finding.samples[:6])
    return f" Samples: {shown}{', …' if len(finding.samples) > 6 else ''}." if shown else ""


def check_ignored_codes(ignore: Sequence[str] | str) -> list[Problem]:
    """Return a problem for every code that does not exist."""
    return [
        Problem(
            "audit.ignore",
            f"there is no finding {code!r}.{did_you_mean(code, CODES)} Codes: {', '.join(CODES)}.",
        )
        for code in ([] if isinstance(ignore, str) else ignore)
        if code not in CODES
    ]
