"""From a plugin's name to its class: folders, entry points and a grid's own files, imported on demand."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from suite.errors import GridError, PluginError, Problem, UnknownPluginError, did_you_mean

__all__ = ["KINDS", "PluginInfo", "Registry"]

KINDS: Mapping[str, str] = {
    "extractors": "feature_extractors",
    "classifiers": "classifiers",
    "datasets": "suite.datasets",
}


@dataclass(frozen=True)
class PluginInfo:
    """What ``list`` shows of a plugin, read from its source without importing it."""

    name: str
    summary: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Registry:
    """The plugins of each kind: those shipped, those of installed packages, and a grid's own files.

    Parameters
    ----------
    files : tuple of Path
        A grid's own plugin files (``plugins:``); each defines one public class, named in ``__all__``,
        with a ``transform`` method (an extractor) or a ``predict_proba`` method (a classifier).

    Examples
    --------
    >>> "manifest" in Registry().names("datasets")
    True
    >>> Registry().load("datasets", "manifst")
    Traceback (most recent call last):
    suite.errors.UnknownPluginError: There is no dataset 'manifst'. Did you mean 'manifest'? Available: ...
    """

    files: tuple[Path, ...] = ()
    _own: dict[str, dict[str, Path]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_own", _sort_files(self.files))

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of the plugins of ``kind``, sorted."""
        return tuple(sorted(self._sources(kind)))

    def load(self, kind: str, name: str) -> type:
        """Return the class of a plugin, importing its file only now."""
        sources = self._sources(kind)
        if name not in sources:
            raise UnknownPluginError(
                f"There is no {kind[:-1]} {name!r}.{did_you_mean(name, sources)}"
                f" Available: {', '.join(sorted(sources))}."
            )
        source = sources[name]
        if isinstance(source, Path):
            return _public_class(_import_file(source))
        return _public_class(importlib.import_module(source))

    def describe(self, kind: str) -> list[PluginInfo]:
        """Return name, first sentence and parameters of every plugin, without importing any."""
        return [_describe(name, self._source_file(kind, name)) for name in self.names(kind)]

    def parameters(self, kind: str, name: str) -> tuple[str, ...]:
        """Return the names of the parameters of a plugin's ``__init__``."""
        signature = inspect.signature(self.load(kind, name))
        return tuple(signature.parameters)

    def create(self, kind: str, name: str, parameters: Mapping[str, Any]) -> Any:
        """Return an instance of a plugin."""
        return self.load(kind, name)(**parameters)

    def _sources(self, kind: str) -> dict[str, str | Path]:
        sources: dict[str, str | Path] = dict(_shipped(kind))
        further: list[tuple[str, str | Path]] = [*_installed(kind).items(), *self._own[kind].items()]
        for name, source in further:
            if name in sources:
                raise GridError(f"Two {kind} are named {name!r}: {sources[name]} and {source}. Rename one.")
            sources[name] = source
        return sources

    def _source_file(self, kind: str, name: str) -> Path:
        source = self._sources(kind)[name]
        if isinstance(source, Path):
            return source
        spec = importlib.util.find_spec(source)
        if spec is None or spec.origin is None:
            raise UnknownPluginError(
                f"The {kind[:-1]} {name!r} names the module {source}, which is not there."
            )
        return Path(spec.origin)


@lru_cache
def _shipped(kind: str) -> dict[str, str]:
    package = KINDS[kind]
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    files = [file for folder in folders or () for file in Path(folder).glob("*.py")]
    return {file.stem: f"{package}.{file.stem}" for file in sorted(files) if not file.stem.startswith("_")}


@lru_cache
def _installed(kind: str) -> dict[str, str]:
    return {entry.name: entry.module for entry in entry_points(group=f"suite.{kind}")}


def _sort_files(files: tuple[Path, ...]) -> dict[str, dict[str, Path]]:
    own: dict[str, dict[str, Path]] = {kind: {} for kind in KINDS}
    problems = []
    for file in files:
        try:
            plugins = own[_kind_of(file)]
            if file.stem in plugins:
                raise ValueError(f"another file gives {file.stem!r} already: {plugins[file.stem]}")
            plugins[file.stem] = file
        except (SyntaxError, ValueError, OSError) as error:
            problems.append(Problem(f"plugins: {file.name}", f"{error}"))
    if problems:
        raise GridError(problems)
    return own


def _kind_of(file: Path) -> str:
    definition = _public_definition(file)
    methods = {node.name for node in definition.body if isinstance(node, ast.FunctionDef)}
    bases = {ast.unparse(base).rsplit(".", 1)[-1] for base in definition.bases}
    if "transform" in methods or "FeatureExtractor" in bases:
        return "extractors"
    if "predict_proba" in methods or any("Classifier" in base for base in bases):
        return "classifiers"
    if "DatasetSource" in bases:
        return "datasets"
    raise ValueError(
        f"the class {definition.name} has neither transform (an extractor) nor predict_proba (a classifier)"
    )


def _public_definition(file: Path) -> ast.ClassDef:
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=file.name)
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(getattr(t, "id", None) == "__all__" for t in node.targets):
            names = list(ast.literal_eval(node.value))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in names]
    if len(classes) != 1:
        raise ValueError("a plugin file names its one public class in __all__")
    return classes[0]


def _describe(name: str, file: Path) -> PluginInfo:
    definition = _public_definition(file)
    doc = ast.get_docstring(definition) or ""
    summary = re.sub(r" \[\d+\]_|:\w+:|`", "", " ".join(doc.split("\n\n", 1)[0].split()))
    return PluginInfo(name, summary, tuple(_parameters(definition)))


def _parameters(definition: ast.ClassDef) -> list[str]:
    for node in definition.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return _arguments(node.args)
    fields = [node for node in definition.body if isinstance(node, ast.AnnAssign)]
    return [
        f"{ast.unparse(node.target)}{f'={ast.unparse(node.value)}' if node.value else ''}"
        for node in fields
        if "ClassVar" not in ast.unparse(node.annotation)
    ]


def _arguments(arguments: ast.arguments) -> list[str]:
    positional = arguments.args[1:]
    missing = len(positional) - len(arguments.defaults)
    defaults = [None] * missing + list(arguments.defaults)
    pairs = [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return [
        f"{argument.arg}={ast.unparse(default)}" if default else argument.arg for argument, default in pairs
    ]


def _public_class(module: ModuleType) -> type:
    (class_name,) = module.__all__
    return getattr(module, class_name)


def _import_file(file: Path) -> ModuleType:
    name = f"_suite_plugin_{file.stem}"
    if name in sys.modules and sys.modules[name].__file__ == str(file):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UnknownPluginError(f"{file}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a plugin's own mistake may be any
        del sys.modules[name]
        raise PluginError(f"{file.name} cannot be imported: {type(error).__name__}: {error}") from error
    return module
