"""From result tables to HTML, LaTeX, CSV and Markdown."""

from reports._build import FORMATS, build
from reports._errors import ReportError

__all__ = ["FORMATS", "ReportError", "build"]
