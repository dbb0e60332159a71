"""YAML as people mean it; tags, duplicates, bombs and broken files are refused with their line."""

import pytest

from suite.errors import GridError
from suite.yaml_reader import dump_yaml, parse_scalar, read_yaml


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "grid.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_yaml(path)

    return read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("-.5", -0.5),
        ("12", 12),
        ("007", 7),
        ("2020-01-01", "2020-01-01"),
        ("12:30", "12:30"),
        (".inf", float("inf")),
        ("'12'", "12"),
        ("[a, 1, 2.5]", ["a", 1, 2.5]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    assert parse_scalar(text) == value


def test_every_value_has_its_line(read):
    _, lines = read("name: x\nextractors:\n  glcm: {levels: 3}\n  dwt:\n    levels: 2\n")
    assert lines["extractors", "glcm", "levels"] == 3
    assert lines["extractors", "dwt", "levels"] == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2", r"line 1, column \d+: not valid YAML"),
        ("a: 1\n b: 2", "line 2"),
        ("a: 1\nb: 2\na: 3", r"a: written twice, on lines 1 and 3"),
        ("a: {b: 1, b: 2}", r"a\.b: written twice"),
        ("a: !!python/object/apply:os.system [ls]", r"a \(line 1\): the tag !!python/object/apply:os.system"),
        ("a: !ruby/object x", "the tag !ruby/object is refused"),
        ("a: !!set {b}", None),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("a: \x00", "not valid YAML"),
        ("? [a, b]\n: 1", "a key must be a plain name"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("*x", "not valid YAML"),
    ],
)
def test_what_is_refused_and_where(read, text, message):
    if message is None:  # a set holds plain values: harmless
        assert read(text)
        return
    with pytest.raises(GridError, match=message):
        read(text)


def test_all_tags_are_told_at_once(read):
    with pytest.raises(GridError) as error:
        read("a: !!python/name:os.system\nb: !!python/object:x.Y {}\n")
    assert len(error.value.problems) == 2


def test_a_billion_laughs_are_refused(read):
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 9))
    with pytest.raises(GridError, match="too many"):
        read(text)


def test_deep_nesting_is_refused(read):
    with pytest.raises(GridError, match=r"deeply nested|not valid YAML"):
        read("a: " + "[" * 200 + "]" * 200)


def test_a_self_containing_alias_is_refused(read):
    with pytest.raises(GridError):
        read("a: &a [*a]")


def test_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "demo.yaml").write_text("name: x")
    with pytest.raises(GridError, match=r"no such file. Did you mean 'demo.yaml'\?"):
        read_yaml(tmp_path / "dmeo.yaml")
    with pytest.raises(GridError, match="this is a folder"):
        read_yaml(tmp_path)


def test_what_is_written_reads_back(read):
    value = {"name": "é", "list": [1, 2.5, None, "no"], "nested": {"on": True}}
    assert read(dump_yaml(value))[0] == value
