"""A scenario's own variables: what its build has that can be written, by name and line.

The search runs parts of an actor again and again, and real threads run many instances at
a time: what stands outside of struct state would be seen by neither.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

_WRITABLE = 1  # SHF_WRITE
_SYMTAB = 2
_OBJECT, _FILE, _TLS = 1, 4, 6
# Writable while it is loaded and never again, or the loader's.
_NOT_DATA = re.compile(r"\.(data\.rel\.ro|init_array|fini_array|ctors|dtors|dynamic|got|jcr|tm_)")
_OURS = "vmemstress_model_ops"  # the headers' own (model/ops.h)
# A function's own variable: name.0 by gcc, function.name by clang.
_NAME = re.compile(r"(?:[A-Za-z_]\w*\.)?([A-Za-z_]\w*?)(?:\.\d+)?")
_MARKER = re.compile(r'# (\d+) "((?:[^"\\]|\\.)*)"([ 0-9]*)')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _string(table: bytes, at: int) -> str:
    return table[at : table.index(b"\0", at)].decode(errors="replace")


def writable(shared: Path, source: str) -> list[str]:
    """The variables of a build that can be written, the compiler's and ours apart.
    `source`: what the compiled file is called."""
    image = shared.read_bytes()
    if image[:6] != b"\x7fELF\x02\x01":
        return []
    (start,) = struct.unpack_from("<Q", image, 40)
    size, n, names = struct.unpack_from("<HHH", image, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, start + i * size) for i in range(n)]

    def body(index: int) -> bytes:
        return image[sections[index][4] : sections[index][4] + sections[index][5]]

    data = {
        i
        for i, s in enumerate(sections)
        if s[2] & _WRITABLE and not _NOT_DATA.match(_string(body(names), s[0]))
    }
    return [
        name
        for i, s in enumerate(sections)
        if s[1] == _SYMTAB
        for name in _variables(body(i), body(s[6]), data, source)
    ]


def _variables(symbols: bytes, strings: bytes, data: set[int], source: str) -> Iterator[str]:
    """Of a symbol table: a local symbol belongs to the file that is named before it."""
    file = ""
    for at, info, _, section, _, size in struct.iter_unpack("<IBBHQQ", symbols):
        name = _string(strings, at)
        if info & 15 == _FILE:
            file = name
        if info & 15 not in (_OBJECT, _TLS) or section not in data or not size:
            continue
        other = file.endswith(".c") and Path(file).name != source
        if (other and not info >> 4) or not (own := _NAME.fullmatch(name)):
            continue
        # What begins with two underscores is the compiler's, but for a literal that the
        # user wrote.
        if own[1] != _OURS and (not own[1].startswith("__") or own[1] == "__compound_literal"):
            yield own[1]


def declared(name: str, expanded: str, headers: Path) -> str | None:
    """Where a variable stands, as file:line, by the preprocessed text; not in `headers`."""
    whole = re.compile(rf"\b{re.escape(name)}\b\s*[=;,\[]")
    static = re.compile(rf"\b(static|_Thread_local|__thread)\b[^;(){{}}]*{whole.pattern}")
    found, file, line = None, "", 0
    for text in expanded.splitlines():
        if marker := _MARKER.match(text):
            file, line = marker[2], int(marker[1]) - 1
            if "3" in marker[3].split() or file.startswith((f"{headers}/", "<")):
                file = ""  # the system's or ours
            continue
        line += 1
        if not file or not whole.search(bare := _STRING.sub("", text)):
            continue
        if static.search(bare):
            return f"{file}:{line}"
        found = found or f"{file}:{line}"
    return found
