"""Filters that turn an image into others before features are computed."""

from feature_extractors._filters.filter import Filter
from feature_extractors._filters.parsing import parse_filters

__all__ = ["Filter", "parse_filters"]
