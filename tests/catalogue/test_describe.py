"""Tables fit their width, and only what is asked for is imported."""

import subprocess
import sys

from pyharness.output.tables import Column, Table, plain_lines


def table(text):
    found = Table([Column("A"), Column("N", right=True), Column("TEXT", flex=True)])
    found.add("a", "1,000", text)
    return found


def test_a_long_cell_is_wrapped_within_the_width():
    lines = [text for text, _ in plain_lines(table("word " * 60), 80)]
    assert len(lines) > 2
    assert max(len(line) for line in lines) <= 80
    assert " ".join(lines).count("word") == 60


def test_a_short_table_is_one_line_a_row():
    assert len(plain_lines(table("short"), 80)) == 2


def test_the_command_line_imports_nothing_heavy():
    code = (
        "import sys, pyharness.cli; "
        "print([m for m in ('numpy', 'rich', 'msgspec', 'pyharness._core') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
