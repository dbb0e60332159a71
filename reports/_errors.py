"""What can go wrong with a report, in words a user can act on."""

from __future__ import annotations

__all__ = ["ReportError"]


class ReportError(Exception):
    """A run directory is missing, incomplete or foreign, or its report cannot be written."""
