"""What Python's codecs make of every pair of bytes, and of the real EUC-KR documents of the corpus.

    python encodings.py CORPUS > encodings.json

Per codec and lead byte 80–FF: the CRC-32 of the UTF-8 of all 256 pairs with that lead byte, U+FFFD for a pair that is
no character. `documents`: number and CRC-32 over all texts one after the other, in the order of the archive.
"""

import gzip
import json
import subprocess
import sys
import tarfile
import zlib
from io import BytesIO
from pathlib import Path


def pair(codec: str, lead: int, trail: int) -> str:
    try:
        text = bytes([lead, trail]).decode(codec)
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"
    return text if len(text) == 1 else "\N{REPLACEMENT CHARACTER}"


def rows(codec: str) -> list[int]:
    return [zlib.crc32("".join(pair(codec, lead, trail) for trail in range(256)).encode()) for lead in range(0x80, 0x100)]


def documents(texts: list[bytes]) -> dict[str, int]:
    digest = 0
    for text in texts:
        digest = zlib.crc32(text.decode("cp949").encode(), digest)
    return {"count": len(texts), "crc32": digest}


def is_korean(data: bytes) -> bool:
    """Not UTF-8, as two files of the archive are."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def archive(path: Path) -> list[bytes]:
    raw = subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(raw)) as tar:
        files = [tar.extractfile(member).read() for member in tar if member.isfile()]
    return [data for data in files if is_korean(data)]


def pages(path: Path) -> list[bytes]:
    """The bodies of a WARC's responses that are not UTF-8."""
    data, bodies = gzip.decompress(path.read_bytes()), []
    while data.startswith(b"WARC/"):
        head, _, rest = data.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        block, data = rest[:length], rest[length:].lstrip(b"\r\n")
        if b"WARC-Type: response" in head:
            bodies.append(block.partition(b"\r\n\r\n")[2])
    return [body for body in bodies if is_korean(body)]


if __name__ == "__main__":
    corpus = Path(sys.argv[1])
    golden = {
        "cp949": rows("cp949"),
        "johab": rows("johab"),
        "documents": {
            "httpd-euckr-files.tar.zst": documents(archive(corpus / "httpd-euckr-files.tar.zst")),
            "ko-html.warc.gz": documents(pages(corpus / "ko-html.warc.gz")),
        },
    }
    print(json.dumps(golden))
