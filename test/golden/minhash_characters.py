"""Writes native/crates/kopipe-core/src/dedupe/near/datatrove/characters.txt: what datatrove's `simplify_text` makes of each
character.

    python test/golden/minhash_characters.py            (needs test/requirements.txt)

Lower case, NFD, Mn and white space are Python's own (its version of Unicode is in the file's first line), \\p{Nd} is
that of the `regex` package, the punctuation is datatrove's table. Every code point is asked. Which of them Rust's
standard library and crates would treat otherwise is found by a test of kopipe-core.

Lines are `name: ranges` of code points in hexadecimal; behind `maps`, one a line, a code point and what it becomes. What
is in no line stays as it is; Hangul syllables, whose NFD is arithmetic, are left out.
"""

import importlib.metadata
import pathlib
import sys
import unicodedata

import regex
from datatrove.utils.text import NUMBERS_PATTERN, PUNCTUATION

TARGET = pathlib.Path(__file__).parents[2] / "native/crates/kopipe-core/src/dedupe/near/datatrove/characters.txt"
ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def ranges(found: set[int]) -> str:
    """The code points as `from-to`, or alone."""
    runs: list[list[int]] = []
    for c in sorted(found):
        if runs and runs[-1][1] == c - 1:
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return " ".join(f"{a:04X}" if a == b else f"{a:04X}-{b:04X}" for a, b in runs)


def is_ignorable(c: str) -> bool:
    """Looked through for a sigma's context: what stands before it is no cased letter, what stands behind it is."""
    return ("AΣ" + c).lower()[1] == "ς" and ("AΣ" + c + "A").lower()[1] == "σ"


def is_cased(c: str) -> bool:
    """A letter that takes the final form from a sigma before it; none that is looked through is asked."""
    return ("AΣ" + c).lower()[1] == "σ"


def main() -> None:
    text = [chr(c) for c in ALL]
    nonspacing = {c for c in text if unicodedata.category(c) == "Mn"}
    digits = {c for c in text if regex.match(r"\p{Nd}", c)}
    separators = {c for c in text if NUMBERS_PATTERN.fullmatch(f"1{c}1") and c not in digits}
    spaces = {c for c in text if c.isspace()} | set(PUNCTUATION)
    assert all(c.isspace() == (not c.strip()) for c in text)

    full = {c: unicodedata.normalize("NFD", c.lower()) for c in text}
    # What the order of the steps rests on: lower case and NFD make no digit, no space and no separator of anything else,
    # and Mn come from NFD behind what they stand on.
    for c in text:
        if c not in digits | spaces | separators:
            assert not (set(c.lower()) & (digits | spaces | separators)), hex(ord(c))
            assert not any(d.isspace() for d in full[c]), hex(ord(c))
    starts = {c for c in nonspacing if any(unicodedata.combining(d) == 0 for d in full[c])}
    marks = {c for c in text if unicodedata.combining(c) and c not in nonspacing}
    maps = {}
    for c in text:
        left = "".join(d for d in full[c] if d not in nonspacing)
        if left != c and c not in nonspacing | spaces | digits and not 0xAC00 <= ord(c) < 0xD7A4:
            assert left and left[0] not in marks and len(left.encode()) <= 12, hex(ord(c))
            maps[c] = left
    assert maps["Σ"] == "σ"

    def line(name: str, found: set[str]) -> str:
        return f"{name}: {ranges({ord(c) for c in found})}"

    orders = sorted({unicodedata.combining(c) for c in marks})
    lines = [
        f"# By test/golden/minhash_characters.py: datatrove {importlib.metadata.version('datatrove')}, Python "
        f"{sys.version.split()[0]} (Unicode {unicodedata.unidata_version}), regex {importlib.metadata.version('regex')}",
        line("punctuation", set(PUNCTUATION)),
        line("spaces", spaces),
        line("digits", digits),
        line("separators", separators),
        line("dropped", nonspacing - starts),
        line("dropped starters", starts),
        *(line(f"marks {order}", {c for c in marks if unicodedata.combining(c) == order}) for order in orders),
        line("case-ignorable", {c for c in text if is_ignorable(c)}),
        line("cased", {c for c in text if not is_ignorable(c) and is_cased(c)}),
        "maps:",
        *(f"{ord(c):04X} {' '.join(f'{ord(d):04X}' for d in left)}" for c, left in maps.items()),
    ]
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{len(maps)} maps, {len(nonspacing)} dropped, {len(digits)} digits")


if __name__ == "__main__":
    main()
