"""Who may import whom, and that nothing heavy is imported before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"suite", "feature_extractors", "classifiers", "reports", "networks"}
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports(path):
    """Top names and full names of everything that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(path):
    return {name for name in imports(path) if name.split(".")[0] in PACKAGES}


def package_of(path):
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_import_rules(path):
    package, names = package_of(path), own(path)
    if package in ("feature_extractors", "classifiers"):
        foreign = {name for name in names if not name.startswith((f"{package}._", "networks"))}
        assert not foreign - {package}, "plugins import libraries, networks and their own _files only"
    elif package == "networks":
        assert all(name.split(".")[0] == "networks" for name in names), "networks is used, and uses no other"
    elif package == "reports":
        assert all(name.split(".")[0] == "reports" for name in names), "reports sees tables only"
    else:
        assert not {n for n in names if n.split(".")[0] in ("feature_extractors", "classifiers")}
        used = {n for n in names if n.split(".")[0] == "networks"}
        assert not used or path.name == "_copies.py", "of networks, only augmentation is used, by copies"
        if path.name != "cli.py":
            assert not {n for n in names if n.split(".")[0] == "reports"}, "only the CLI imports reports"


HEAVY = ("torch", "torchvision")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_torch_is_imported_at_module_level_by_networks_alone(path):
    """So plugins import from ``networks`` inside functions, but for its parts that need no torch."""
    if package_of(path) == "networks":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [a.name for n in top if isinstance(n, ast.Import) for a in n.names]
    names += [n.module for n in top if isinstance(n, ast.ImportFrom)]
    assert not [name for name in names if name.split(".")[0] in HEAVY]


LIGHT = ("networks", "networks.names", "networks.weights_files", "networks.augmentation_steps")


@pytest.mark.parametrize("module", LIGHT)
def test_light_parts_of_networks_import_no_torch(module):
    code = f"import {module}, sys; assert not {{'torch', 'torchvision'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_rules_are_seen_to_be_broken(tmp_path):
    """The functions above do notice what they are there for."""
    file = tmp_path / "x.py"
    file.write_text("def f():\n    from suite.store import Store\n    import classifiers.svm\n")
    assert own(file) == {"suite.store", "suite.store.Store", "classifiers.svm"}


@pytest.mark.parametrize(
    "code",
    [
        "import suite.cli, suite.run, suite.grid",
        "import sys; sys.argv = ['suite', 'list', 'extractors']; import suite.cli as c\n"
        "try: c.main()\nexcept SystemExit: pass",
        "import sys; sys.argv = ['suite', 'check', 'grids/demo.yaml', '--out', sys.argv[1], '--jobs', '1',"
        " '--set', 'dataset.patients=5', '--set', 'dataset.size=32']; import suite.cli as c\n"
        "try: c.main()\nexcept SystemExit as e: assert not e.code, e.code",
    ],
    ids=["import", "list", "check"],
)
def test_torch_stays_out(code, tmp_path):
    code += "\nimport sys; assert 'torch' not in sys.modules, 'torch was imported'"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + done.stdout


def test_every_python_file_is_in_a_package_that_is_shipped():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {".".join(path.relative_to(ROOT).parent.parts) for path in FILES}
    assert found | {"suite.grids"} == listed
