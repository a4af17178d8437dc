"""Main text from HTML, measured: kopipe against trafilatura and resiliparse on the pages marked in main_text.json.

    python test/golden/main_text.py score WARC MAIN_TEXT             precision, recall and F1 of every extractor, both halves;
                                                                fails where a peer's F1 over tokens is above kopipe's
    python test/golden/main_text.py speed WARC MAIN_TEXT             seconds and MB/s over all pages, empty texts
    python test/golden/main_text.py show WARC MAIN_TEXT URI          what kopipe misses and what it should not have taken

MAIN_TEXT is the built example (native/target/release/examples/main_text). Needs trafilatura and Resiliparse.

Text is a multiset of white-space tokens, those without a letter or digit left out (bullets and table rules of one's
own are neither right nor wrong), permalink signs at a token's end cut off. Marks are ranges of lines of a neutral dump
(html_pages.py), made before any extractor had seen a page; the dump's digest is checked. The halves are split by
host: nothing was tuned on a site that is in the held-out half."""

import collections
import difflib
import importlib.metadata
import json
import pathlib
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

import trafilatura
from html_pages import digest, dump, pages
from resiliparse.extract.html2text import extract_plain_text

MARKS = pathlib.Path(__file__).parent / "main_text.json"
REPETITIONS = 15

Extractor = Callable[[str], str]


def resiliparse_text(**options) -> Extractor:
    return lambda html: extract_plain_text(html, main_content=True, alt_texts=False, **options)


def trafilatura_text(**options) -> Extractor:
    return lambda html: trafilatura.extract(html, include_tables=True, **options) or ""


PEERS: dict[str, Extractor] = {
    "resiliparse": resiliparse_text(),
    "resiliparse, no comments or meta": resiliparse_text(comments=False, post_meta=False),
    "resiliparse, unformatted": resiliparse_text(preserve_formatting=False),
    "trafilatura": trafilatura_text(),
    "trafilatura, recall": trafilatura_text(favor_recall=True),
    "trafilatura, precision": trafilatura_text(favor_precision=True),
}


def kopipe(program: str, html: list[str], repetitions: int = 1) -> tuple[list[str], list[float]]:
    """The texts of the pages, and the seconds of each pass over all of them."""
    encoded = [page.encode() for page in html]
    given = b"".join(struct.pack("<I", len(page)) + page for page in encoded)
    run = subprocess.run([program, str(repetitions)], input=given, capture_output=True, check=True)
    texts, at = [], 0
    while at < len(run.stdout):
        (length,) = struct.unpack_from("<I", run.stdout, at)
        texts.append(run.stdout[at + 4 : at + 4 + length].decode())
        at += 4 + length
    return texts, [float(line) for line in run.stderr.split()]


def tokens(text: str) -> list[str]:
    cut = (token.rstrip("¶#") for token in text.split())
    return [token for token in cut if any(c.isalnum() for c in token)]


UNITS: dict[str, tuple[Callable[[list[str]], Iterable], Callable]] = {
    "tokens": (lambda words: words, lambda _: 1),
    "characters": (lambda words: words, len),
    "5-grams": (lambda words: zip(*(words[i:] for i in range(5))) if len(words) >= 5 else [tuple(words)], lambda _: 1),
}


def hits(found: str, gold: str, unit: str) -> tuple[int, int, int]:
    """What both have, what was found, what should have been, counted in a unit."""
    cut, weight = UNITS[unit]
    a, b = (collections.Counter(cut(tokens(text))) for text in (found, gold))
    total = lambda counted: sum(weight(item) * n for item, n in counted.items())  # noqa: E731
    return total(a & b), total(a), total(b)


def rates(both: float, found: float, gold: float) -> tuple[float, float, float]:
    # Of nothing found, nothing is wrong.
    precision, recall = both / found if found else 1.0, both / gold if gold else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def marked(warc: str) -> list[dict]:
    """The marked pages, with their `html` and their `gold` text."""
    html = dict(pages(warc))
    marks = json.loads(MARKS.read_text())
    for mark in marks:
        lines = dump(html[mark["uri"]])
        if len(lines) != mark["lines"] or digest(lines) != mark["sha256"]:
            raise ValueError(f"{mark['uri']}: not the page that was marked")
        mark["html"] = html[mark["uri"]]
        mark["gold"] = "\n".join(line for first, last in mark["main"] for line in lines[first : last + 1])
    return marks


def score(warc: str, program: str) -> None:
    gold = marked(warc)
    found = {name: [extract(mark["html"]) for mark in gold] for name, extract in PEERS.items()}
    found["kopipe"], _ = kopipe(program, [mark["html"] for mark in gold])
    f1 = collections.defaultdict(dict)
    print(f"{len(gold)} pages;", *(f"{peer} {importlib.metadata.version(peer)}" for peer in ("trafilatura", "Resiliparse")))
    halves = {"tuning": "tuning", "held-out": "held-out"}
    hosts = {mark["uri"].split("/")[2]: mark["half"] for mark in gold}
    for half in [*halves, *hosts]:
        chosen = [i for i, mark in enumerate(gold) if half in (mark["half"], mark["uri"].split("/")[2])]
        print(f"\n{half}: {len(chosen)} pages" + (f" ({hosts[half]})" if half in hosts else ""))
        units = UNITS if half in halves else ["tokens"]
        print(f"{'precision recall F1, macro | micro':38}" + "".join(f"{unit:^46}" for unit in units))
        for name, texts in found.items():
            columns = []
            for unit in units:
                each = [hits(texts[i], gold[i]["gold"], unit) for i in chosen]
                macro = [sum(column) / len(each) for column in zip(*(rates(*counts) for counts in each))]
                micro = rates(*(sum(column) for column in zip(*each)))
                if unit == "tokens":
                    f1[half][name] = macro[2]
                columns.append(" ".join(f"{rate:.3f}" for rate in macro) + " | " + " ".join(f"{rate:.3f}" for rate in micro))
            print(f"{name:38}" + "".join(f"{column:^46}" for column in columns))


    behind = [f"{half}: {name}" for half in halves for name in PEERS if f1[half][name] > f1[half]["kopipe"]]
    if behind:
        sys.exit("kopipe's F1 is below that of " + ", ".join(behind))


def speed(warc: str, program: str) -> None:
    html = [page for _, page in pages(warc)]
    megabytes = sum(len(page.encode()) for page in html) / 1e6
    # The machine is not ours alone: kopipe's passes are spread over the whole run, the fastest counts for each.
    ours, rows = [], []
    for name, extract in PEERS.items():
        texts, seconds = kopipe(program, html, REPETITIONS)
        ours += seconds
        passes = []
        for _ in range(2 if name.startswith("trafilatura") else REPETITIONS):
            start = time.perf_counter()
            found = [extract(page) for page in html]
            passes.append(time.perf_counter() - start)
        rows.append((name, min(passes), found))
    rows.append(("kopipe", min(ours), texts))
    print(f"{len(html)} pages, {megabytes:.2f} MB as UTF-8; the fastest of {REPETITIONS} passes (trafilatura: of 2), one thread")
    for name, seconds, found in rows:
        empty = sum(not text.strip() for text in found)
        print(f"{name:38}{seconds:9.4f} s{megabytes / seconds:9.1f} MB/s {seconds / min(ours):8.1f} × {empty:7} empty")


def show(warc: str, program: str, uri: str) -> None:
    (mark,) = [mark for mark in marked(warc) if mark["uri"].endswith(uri)]
    (text,), _ = kopipe(program, [mark["html"]])
    lines = [[" ".join(line.split()) for line in side.splitlines() if line.strip()] for side in (mark["gold"], text)]
    print("\n".join(line for line in difflib.ndiff(*lines) if line[0] in "+-"))


if __name__ == "__main__":
    commands = {"score": score, "speed": speed, "show": show}
    if len(sys.argv) < 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
