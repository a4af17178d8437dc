"""How the quantities of a text differ between eojeol and Kiwi's morphemes: what recipes/fineweb2-ko.yaml is scaled by.

    python test/golden/morphemes.py FILE.jsonl.zst... (needs kiwipiepy, datatrove and zstandard; takes minutes)

Prints quantiles (2, 50, 95, 98 %) of each quantity on both units, over up to 400 documents of 50 eojeol or more a file.
"""

import io
import json
import sys

import zstandard
from datatrove.pipeline.filters.gopher_repetition_filter import find_all_duplicate, find_top_duplicate, get_n_grams
from kiwipiepy import Kiwi


def quantities(text, words):
    spoken = [word for word in words if any(c.isalnum() for c in word)]
    return {
        "words": len(words),
        "word length": sum(map(len, spoken)) / max(1, len(spoken)),
        "letters": sum(any(c.isalpha() for c in word) for word in words) / len(words),
        "number signs": text.count("#") / len(words),
        "line feeds": text.count("\n") / len(words),
        **{f"top {n}": find_top_duplicate(get_n_grams(words, n)) / len(text) for n in (2, 3, 4)},
        **{f"duplicate {n}": find_all_duplicate(words, n) / len(text) for n in range(5, 11)},
    }


def documents(path):
    with open(path, "rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8"):
            text = json.loads(line)["text"][:6000]
            if len(text.split()) >= 50:
                yield text


def main():
    kiwi = Kiwi()
    for path in sys.argv[1:]:
        rows = []
        for number, text in enumerate(documents(path)):
            if number % 20 == 0:
                rows.append((quantities(text, text.split()), quantities(text, [token.form for token in kiwi.tokenize(text)])))
            if len(rows) == 400:
                break
        print(f"{path}: {len(rows)} documents")
        for name in rows[0][0]:
            for unit, column in (("eojeol", 0), ("morphemes", 1)):
                values = sorted(row[column][name] for row in rows)
                print(f"  {name:13}{unit:10}", *(f"{values[int((len(values) - 1) * at)]:8.3f}" for at in (0.02, 0.5, 0.95, 0.98)))


if __name__ == "__main__":
    main()
