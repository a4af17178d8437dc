"""Writes native/crates/kopipe-core/src/clean/normalize/hanyang.txt: old Hangul in the private-use area, as Hanyang's
fonts and the word processors after them had it, as conjoining jamo.

    python hanyang.py TABLE

TABLE has lines `e0bc,115f&1161&11ae`: the file `table` of the crate hypua (Unlicense), which gives the correspondence
published by the Korean TeX Users Group (HanyangPuaTableProject). With PyPI hypua2jamo at hand it is the peer: all of
its 5,661 code points are compared, and differ in one (U+F86A, a final that is no jamo, has no line here).
"""

import pathlib
import sys

TARGET = pathlib.Path(__file__).parents[2] / "native/crates/kopipe-core/src/clean/normalize/hanyang.txt"


def read(path: str) -> dict[int, str]:
    lines = pathlib.Path(path).read_text().split()
    pairs = (line.split(",") for line in lines)
    return {int(code, 16): "".join(chr(int(jamo, 16)) for jamo in jamos.split("&")) for code, jamos in pairs}


def groups(table: dict[int, str]) -> list[tuple[int, str, list[str]]]:
    """Successive code points that begin with the same two jamo, and what stands third; single jamo share nothing."""
    found: list[tuple[int, str, list[str]]] = []
    for code, jamos in sorted(table.items()):
        start = jamos[:2] if len(jamos) > 1 else ""
        if found and found[-1][1] == start and found[-1][0] + len(found[-1][2]) == code:
            found[-1][2].append(jamos[len(start) :])
        else:
            found.append((code, start, [jamos[len(start) :]]))
    return found


def code(jamos: str) -> str:
    return " ".join(f"{ord(jamo):04X}" for jamo in jamos) or "-"


def main() -> None:
    table = read(sys.argv[1])
    try:
        from hypua2jamo import translate
    except ImportError:
        print("SKIPPED: no hypua2jamo to compare with")
    else:
        peer = {c: translate(chr(c)) for c in range(0xE000, 0xF900) if translate(chr(c)) != chr(c)}
        assert {c for c in peer.keys() | table.keys() if peer.get(c) != table.get(c)} == {0xF86A}
    lines = [f"{first:04X} {code(start)} : {' '.join(map(code, thirds))}" for first, start, thirds in groups(table)]
    TARGET.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
