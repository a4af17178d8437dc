"""How HF tokenizers' own regex engine cuts texts by each pattern: the golden file, and the peer of a check.

    python test/golden/pretokens.py > test/golden/pretokens.json        the golden file
    python test/golden/pretokens.py compare PROGRAM COUNT FILE...       the first COUNT documents of each JSONL file against
                                                                    the built example pretokens

Needs tokenizers==0.23.3.
"""

import itertools
import json
import random
import subprocess
import sys

from tokenizers import Regex, pre_tokenizers

LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
TAIL = r"\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = rf"(?i:'s|'t|'re|'ve|'m|'ll|'d)|{LETTERS}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{TAIL}"
FASTER = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
NO_LOWER, NO_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"

# Each with the spellings that cut alike, that of a `tokenizer.json` first.
REGEXES = {
    "gpt2": [
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    ],
    "cl100k": [CL100K, FASTER.replace("DIGITS", r"\p{N}{1,3}")],
    "o200k": [
        "|".join(
            [
                rf"[^\r\n\p{{L}}\p{{N}}]?{NO_LOWER}*{NO_UPPER}+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                rf"[^\r\n\p{{L}}\p{{N}}]?{NO_LOWER}+{NO_UPPER}*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                TAIL,
            ]
        )
    ],
    "llama3": [CL100K],
    "qwen2": [CL100K.replace(r"\p{N}{1,3}", r"\p{N}"), FASTER.replace("DIGITS", r"\p{N}")],
}

# Classes, lengths in bytes, and everything that a rule names.
CORNERS = " \n\r\t'/!strevmldSTLABab가힣ㅋ9٣.…\u0301\u017fǅªʰ\u00a0\u3000\u0085\u001c½一\ud7a3\ud7a4\ud7b0\u1100🙂\U0010ffff\ufe0f"

TEXTS = [
    "2002년 월드컵을 보았다.  ㅋㅋ",
    "한글ABC영문 camelCase HTTPServer 가A 가Ab 나가ABC\u0301 \u0301A",
    "it's IT'S we'LL x''s's 's 're 'RE \u2019s 'ſ 'ſt don'tknow x'sBc x'll가Bc",
    "1234567 １２３４５６７ 12٣٤½ 1 000",
    "줄\n\n  들여쓰기\n\t탭\r\n \n 끝  \n",
    "!\n\n x !\n \n x !? \n\n.\n",
    "path/to//file /\n// !\n/! http://x.kr/\n/a",
    "\u3000전각\u3000\u3000공백\u00a0\u00a0x\u2028y\u0085 z \u00a0",
    "❤️ e\u0301 !!\u0301 .\u0301a 각 👨‍👩‍👧",
    "끝 공백   ",
    "\n",
    "",
]


def splitter(regex: str):
    return pre_tokenizers.Split(Regex(regex), behavior="isolated")


def lengths(split, text: str) -> list[int]:
    """Bytes of the pieces, none of which may be lost."""
    pieces = [piece for piece, _ in split.pre_tokenize_str(text)] if text else []
    assert "".join(pieces) == text
    return [len(piece.encode()) for piece in pieces]


def golden() -> dict:
    pick = random.Random(3)
    texts = TEXTS + ["".join(pick.choice(CORNERS) for _ in range(pick.randint(1, 60))) for _ in range(400)]
    pieces = {}
    for name, spellings in REGEXES.items():
        first, *others = ([lengths(splitter(regex), text) for text in texts] for regex in spellings)
        assert all(other == first for other in others), name
        pieces[name] = first
    level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    mapped = [[len(piece) for piece, _ in level.pre_tokenize_str(text)] for text in texts]
    assert mapped == pieces["gpt2"], "ByteLevel's own regex"
    return {"regexes": REGEXES, "texts": texts, "pieces": pieces}


def documents(path: str):
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def compare(program: str, count: int, paths: list[str]) -> None:
    for path in paths:
        texts = list(itertools.islice(documents(path), count))
        given = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
        for name, spellings in REGEXES.items():
            ours = subprocess.run([program, name], input=given, stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
            split = splitter(spellings[0])
            pretokens = 0
            for text, line in zip(texts, ours, strict=False):
                theirs = lengths(split, text)
                pretokens += len(theirs)
                assert theirs == [int(length) for length in line.split()], (path, name, text)
            size = sum(len(text.encode()) for text in texts)
            print(f"{path.rsplit('/', 1)[-1]} {name}: {len(texts)} documents, {size} bytes, {pretokens} pretokens, all equal")


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        json.dump(golden(), sys.stdout, ensure_ascii=True, separators=(",", ":"))
        print()
