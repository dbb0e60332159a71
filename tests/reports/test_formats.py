"""Texts from outside are inert in every format, numbers stay numbers."""

import io
import shutil
import subprocess

import pandas as pd
import pytest

from reports import latex, markdown
from reports.csv_files import frame_to_csv
from reports.entries import measured_entry
from reports.presentation import Entry, Row, Table, unique_slugs
from reports.tables import records

HOSTILE = [
    r"\input{/etc/passwd}", "50% of a_b & c#d ~ $x^2$", "{unbalanced", "--- ?` !` << >> ''", "*",
    "Müller Šćepán Ngô", "α-β ≥ 1 × 2 ± 3", "你好 مرحبا 🙂 \u200b\u202e", "line\nbreak\ttab", "a" * 200,
    "[x](javascript:alert(1)) *b* `c` |", "<script>alert(1)</script>", "¿¡«»ðÞ€½™", "",
]  # fmt: skip


def hostile_table():
    entries = (
        Entry(text="0.912", spread="± 0.01", note="[0.9, 0.93]", best=True),
        Entry(text="failed", kind="failed"),
    )
    rows = [Row(label="a heading_ #1"), *(Row(label=text, entries=entries) for text in HOSTILE)]
    rows.append(Row(label="baseline", entries=(Entry(text="0.5", span=2),), baseline=True))
    return Table(
        name="hostile", caption=HOSTILE[0] + HOSTILE[1], corner="50%", columns=tuple(HOSTILE[:2]),
        rows=tuple(rows), frame=pd.DataFrame({"x": HOSTILE}), notes=("a_note",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("a_b", r"a\_b"),
        ("50% & #1 $", r"50\% \& \#1 \$"),
        ("0.5 ± 0.1, −1", r"0.5 $\pm$ 0.1, $-$1"),
        ("é ő ş", r"{\'e} {\H o} {\c s}"),
        ("µ≥2", r"$\mu$$\geq$2"),
        ("🙂", "{[}U+1F642{]}"),
        ("[x] *", "{[}x{]} {*}"),
        ("a\n\nb", "a b"),
    ],
)
def test_latex_escapes(text, escaped):
    assert latex.escape(text) == escaped


def test_latex_is_a_booktabs_table_with_the_best_value_bold():
    text = latex.table_to_latex(hostile_table())
    assert r"\label{tab:hostile}" in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 2, 1]
    assert text.count(r"\textbf{0.912 $\pm$ 0.01}") == len(HOSTILE)
    assert text.count(r"\textit{failed}") == len(HOSTILE)
    assert r"\multicolumn{2}{l}{0.5}" in text


def test_long_and_wide_latex_tables_are_cut_and_nothing_is_lost():
    rows = tuple(
        Row(label=f"r{i}", entries=tuple(Entry(text=f"v{i}.{j}") for j in range(12))) for i in range(80)
    )
    table = Table(
        name="t",
        caption="c",
        corner="x",
        columns=tuple(f"c{j}" for j in range(12)),
        rows=rows,
        frame=pd.DataFrame(),
    )
    text = latex.table_to_latex(table)
    assert text.count(r"\begin{table}") == 6  # 36 + 36 + 8 rows, twice 6 columns
    assert text.count(r"\label{tab:t}") == 1
    assert all(f"v{i}.{j} " in text for i in range(80) for j in range(12))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_whatever_the_labels_hold(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/hostile.tex").write_text(latex.table_to_latex(hostile_table()), encoding="utf-8")
    document = latex.document(HOSTILE[0], [(HOSTILE[1], ["hostile"], {})])
    (tmp_path / "report.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r=1"])
def test_csv_texts_are_no_formulas(text):
    written = frame_to_csv(pd.DataFrame({text: [text], "n": [-0.5]}))
    read = pd.read_csv(io.StringIO(written, newline=""))
    inert = f"'{text}".replace("\r", "\n")
    assert read.columns[0] == inert
    assert read.iloc[0].tolist() == [inert, -0.5]


def test_csv_numbers_keep_all_digits_and_undefined_is_empty():
    assert frame_to_csv(pd.DataFrame({"v": [1 / 3, None]})) == 'v\n0.3333333333333333\n""\n'


def test_markdown_keeps_its_columns_whatever_the_labels_hold():
    lines = markdown.table_to_markdown(hostile_table()).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + 1 + len(HOSTILE) + 1
    assert {line.replace(r"\|", "").count("|") for line in rows} == {4}
    assert not any("<script" in line or "](java" in line for line in lines)


MEASURED = {"status": "done", "mean": 0.7684, "sd": 0.031, "folds": 10, "defined": 10, "pooled": 0.77} | {
    "low": 0.741,
    "high": 0.7949,
}
NAN = float("nan")


@pytest.mark.parametrize(
    ("changes", "text", "spread", "note", "kind"),
    [
        ({}, "0.768", "± 0.031", "[0.741, 0.795]", "value"),
        ({"sd": NAN, "folds": 1, "defined": 1}, "0.768", "", "[0.741, 0.795]", "value"),
        ({"defined": 7}, "0.768", "± 0.031", "7 of 10 folds [0.741, 0.795]", "value"),
        ({"mean": NAN, "sd": NAN, "defined": 0}, "undefined", "", "pooled 0.770 [0.741, 0.795]", "undefined"),
        ({"mean": NAN, "pooled": NAN, "low": NAN, "high": NAN}, "undefined", "", "", "undefined"),
        ({"status": "failed"}, "failed", "", "", "failed"),
    ],
)
def test_how_a_value_reads(changes, text, spread, note, kind):
    entry = measured_entry(next(records(pd.DataFrame([MEASURED | changes]))))
    assert (entry.text, entry.spread, entry.note, entry.kind) == (text, spread, note, kind)


def test_file_names_are_plain_and_differ():
    names = unique_slugs([("../../etc", "a"), ("..\\..\\etc", "a"), ("你",), ("好",)])
    assert list(names.values()) == ["etc-a", "etc-a-2", "x", "x-2"]
