"""The pages of a WARC file and the neutral dump of a page: every line of text a reader of it could see.

Independent of the extractor it judges: Python's own html.parser, no scoring, no choice. A line ends at every element
that is not inline, at every table cell, at <br>, and at every newline inside <pre>."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb rp rt rtc ruby s samp "
    "small span strike strong sub sup time tt u var wbr button input".split()
)
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
UNSEEN = frozenset("head script style noscript template svg math iframe object audio video canvas textarea title".split())


def pages(path: str) -> Iterator[tuple[str, str]]:
    """(URI, decoded HTML) of every response, in the order of the file. Charset: HTTP's, else the page's own, else UTF-8."""
    with gzip.open(path, "rb") as warc:
        while line := warc.readline():
            if not line.strip():
                continue
            if not line.startswith(b"WARC/"):
                raise ValueError(f"{path}: expected a WARC record, got {line[:40]!r}")
            fields = {}
            while (field := warc.readline().strip()):
                key, _, value = field.partition(b":")
                fields[key.strip().lower()] = value.strip()
            block = warc.read(int(fields[b"content-length"]))
            if fields[b"warc-type"] != b"response":
                continue
            head, _, body = block.partition(b"\r\n\r\n")
            found = re.search(rb"(?i)charset=[\"']?([\w-]+)", head) or re.search(rb"(?i)(?:charset|encoding)=[\"']?([\w-]+)", body[:1024])
            charset = found[1].decode().lower() if found else "utf-8"
            # The web's EUC-KR is windows-949.
            yield fields[b"warc-target-uri"].decode(), body.decode("cp949" if charset == "euc-kr" else charset, "replace")


class _Dump(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.unseen = self.pre = 0

    def end_line(self) -> None:
        text = " ".join("".join(self.line).split())
        if text:
            self.lines.append(text)
        self.line = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.end_line()
        if tag in VOID:
            return
        given = dict(attrs)
        unseen = tag in UNSEEN or "hidden" in given or "display:none" in (given.get("style") or "").replace(" ", "").lower()
        self.open.append((tag, unseen))
        self.unseen += unseen
        self.pre += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML, not XML: `<p/>` opens a paragraph; only `<a id="x"/>` of XHTML pages is meant to be empty.
        if tag not in INLINE:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.end_line()
        if all(tag != name for name, _ in self.open):
            return
        while self.open:
            name, unseen = self.open.pop()
            self.unseen -= unseen
            self.pre -= name == "pre"
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.unseen:
            return
        first, *others = data.split("\n") if self.pre else [data]
        self.line.append(first)
        for other in others:
            self.end_line()
            self.line.append(other)


def dump(html: str) -> list[str]:
    """The lines of a page, white space collapsed, none empty."""
    parser = _Dump()
    parser.feed(html)
    parser.close()
    parser.end_line()
    return parser.lines


def digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
