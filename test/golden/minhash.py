"""datatrove's MinHash signatures, with words cut at white space: the golden file, and the peer of a test.

    python test/golden/minhash.py > test/golden/minhash.json            the golden file
    python test/golden/minhash.py compare COUNT FILE... [-- FLAG...]    the first COUNT documents of each JSONL file
                                                                    (.zst too) against the core's own; cargo's flags
                                                                    where the core's tests are built already
"""

import io
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

import numpy as np
import xxhash
import zstandard
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.utils.text import simplify_text
from datatrove.utils.word_tokenizers import WordTokenizer


SIGNS = "dedupe::near::datatrove::tests::signs_lines"


class Whitespace(WordTokenizer):
    def word_tokenize(self, text):
        return text.split()

    def sent_tokenize(self, text):
        raise NotImplementedError

    def span_tokenize(self, text):
        raise NotImplementedError


def signatures(folder="/nowhere") -> MinhashDedupSignature:
    return MinhashDedupSignature(folder, language=Whitespace())


def values(step: MinhashDedupSignature, text: str) -> list[int] | None:
    """The 112 values of a text's signature; None where datatrove makes none."""
    shingles = step.get_shingles(text)
    return sum(step.get_signature(shingles), []) if shingles.size else None


CONSTITUTION = (
    "대한민국헌법 제1조 ① 대한민국은 민주공화국이다. ② 대한민국의 주권은 국민에게 있고, 모든 권력은 국민으로부터 나온다."
)

TEXTS = [
    CONSTITUTION,
    CONSTITUTION.replace(" ", "  "),
    CONSTITUTION.upper(),
    unicodedata.normalize("NFD", CONSTITUTION),
    unicodedata.normalize("NFKD", CONSTITUTION),
    CONSTITUTION * 40,
    # Under five words, five, six; words that are nothing but what is dropped.
    "",
    " \n\t ",
    "하나",
    "하나 둘 셋 넷",
    "하나 둘 셋 넷 다섯",
    "하나 둘 셋 넷 다섯 여섯",
    "... !!! ??? ,,, ---",
    "하나 둘 \u0301 셋 넷",
    "하나 둘 \u0301 셋 넷 다섯",
    "하나 둘 셋 넷 다섯\u0301",
    # Numbers: separators that part digits or do not, other scripts' digits, runs of separators.
    "1 22 333 4,444 5,555,555 6.6 7.7.7 8. .9 10, ,11 12,,13 14.,15",
    "3.14 3,14 3،14 3٫14 3⎖14 3⎗14 3⎘14 3·14 3:14 3/14 3'14",
    "٣٫١٤ ۳۴ १२३ ১২.৩ １２３ １２，３ １２．３ 𝟎𝟏.𝟐 𞥐𞥑 ๑๒ 한1글2자3",
    "① ② ③ ⅷ Ⅷ ½ ² ₂ 1² 1½ 第1條",
    "2023년 10월 31일 오전 9:30~11:00, 1,234,567원(12.5%) 상승",
    "전화 02-123-4567, 010.1234.5678 · 1588-1234",
    "1\u0301 2 1\u03012 1.\u03012 1\u0301.2 3",
    "1. 2. 3. 가. 나. 다. 1.가 2.나 1.1.1 버전",
    "،1 1، 1،، ⎖ 가⎖나 1⎖나 가⎖1 ٫ ٫٫ 끝",
    # Punctuation: what is in the table and what is not.
    "·ㆍ・『책』‘인용’ “큰” ‘작은’ 〈홑〉 《겹》 「낫」 【대】 〔귀〕",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ 하나 둘 셋 넷 다섯 여섯",
    "물결～표 줄표—와 –짧은 줄 말줄임…표 ...점 느낌표！물음표？ 쌍점：쌍반점；",
    "％１〈〉（괄호） 전각，쉼표。 。、· ►» «인용» ´ ` ∶ ━ 〜 ‥ ′ ″",
    "a.b,c;d:e!f?g'h\"i(j)k[l]m{n}o<p>q=r+s-t*u/v\\w|x&y^z%",
    "it's don't 'quoted' ’tis o’clock l’État rock'n'roll",
    # White space of every kind, controls.
    "한\u00a0글\u1680과\u2003영\u2009어\u202f사\u205f이\u3000에\u2028줄\u2029과 끝",
    "줄\r\n바꿈\x0b과\x0c쪽\x1c바\x1d꿈\x1e과\x1f단\x85위 끝 그리고",
    "\x00\x01제어\x02 문\x07자\x7f 사\x80이\x9f에 글 하나 둘 \x1b[31m빨강",
    "폭\u200b없는\u200c빈\u200d칸\ufeff과 \u00adsoft\u00ad hyphen \u2060 word joiner 다",
    "\ufeff처음 \ufeff 다음 한 칸 더 끝",
    # Lower case: single characters with odd lower forms, final sigma in all positions.
    "İSTANBUL I İ ı i Iİıi DİYARBAKIR ISPARTA",
    "ΟΔΥΣΣΕΥΣ Σ ΑΣ ΣΑ ΑΣ. ΑΣ'Α ΑΣ' ΑΣ\u0301Α ΑΣ\u0301 Α.Σ Σ.Α ΑΣ·Α ΑΣ1 1Σ",
    "ΑΣ\u00adΑ ΑΣ\u00ad Α\u00adΣ ͅΣ ͅΣΑ ʰΣ ΑʰΣ ⓐΣ ªΣ 가Σ Σ가 가ΑΣ나",
    "ẞ SS ß ŒUVRE ÆON ÐÞ ĲSSEL ǅ Ǆ ǆ K Å Ω ﬀ ﬁ",
    "ᲐᲑᲒ ᏸᏹ Ꭰ ꭰ Ⴀ Ⅷ Ⓐ Ａ ｂ 𐐀 𐓐 𞤀 𖹀",
    # Diacritics: dropped marks, kept ones, their order.
    "Café CAFÉ cafe\u0301 Ünïcödé ñandú Việt Nam Đà Nẵng Łódź",
    "पृथ्वी हिन्दी ภาษาไทย မြန်မာ தமிழ் മലയാളം සිංහල ქართული",
    "בְּרֵאשִׁית العَرَبِيَّة עִבְרִית فارسی اردو",
    "a\u0323\u0307 a\u0307\u0323 \u1e0b\u0323 q\u0307\u0323 d\u0323\u0307 끝",
    "가\u302e나\u302f다 가\u302f\u302e 가\u302e\u0301\u302f 가\u302e\u16ff0 가\U00016ff0\u302e 가\u302e\u034f\U00016ff0",
    "\U0001d160 \U0001d160\u302e \U0001d160\u1b44 \U0001d158\u1b44\U0001d165 \U0001d165\u1b44\U0001d158 \U0001d1bf",
    "\u0344 \u0f73 \u0f75 \u0f81 \u0340 \u0341 a\u0344b a\u0f73b a\u0f81\u1b44 끝",
    # Hangul: syllables' corners, jamo of all kinds, old Hangul, compatibility jamo, halves.
    "가 각 갛 개 힣 힝 까 뛟 쀍 값 닭 삶 앉 않 읽",
    "".join(chr(0xAC00 + 588 * i + 28 * (i % 21) + i) + (" " if i % 3 == 2 else "") for i in range(19)),
    "ㅋㅋㅋㅋ ㅠㅠ ㅇㅇ ㄱㄱ ㅎㅎㅎ ㄴㄴ ㆍ ㅿ ㆁ ㆆ",
    "ᄒᆞᆫ글 나랏〮말〯ᄊᆞ미〮 듕귁〮에〮 달아〮 문ᄍᆞᆼ와〮로〮 서르 ᄉᆞᄆᆞᆺ디〮 아니〮ᄒᆞᆯᄊᆡ〮",
    "각 각 가\u11a8 \u1100\u1161\u11a8 \u1100가 가\u1161 가\u11a7 ퟰ ꥠ ᅟᅡ ﾡￂ ㈀ ㉠ ㊀ ㋀",
    "國民 大韓民國 主權 在民 豈更車 樂 洛 金 李 羅 女 年 漢字",
    "日本語のテキスト がぎぐげご パピプペポ か\u3099 ハ\u309a 々 ー 中文文本",
    # Emoji and what makes them up, private use, unassigned, replacement.
    "👍 👨‍👩‍👧‍👦 🇰🇷 ❤️ ☺️ 👋🏽 1️⃣ #️⃣ 🫠 🫨",
    "\ue000\uf8ff \ufffd \ufffe \U0010ffff \U000e0001 \u0378 끝 말",
    "\u1c89 \ua7cb \U00010d50 \U00011f50\U00011f51 \U0001e4f0 \u0897a 새 글자",
    "제1조(목적) 이 법은 「민법」 제750조에 따른 손해배상책임에 관하여 필요한 사항을 규정함을 목적으로 한다.",
    "Microsoft Azure에서 VM(가상 머신)을 만들려면 az vm create --name MyVM 명령을 실행합니다.",
    "와 진짜 ㅋㅋㅋㅋ 이거 10점 만점에 10점!!! 강추합니다^^ ~~~",
    "피고인을 징역 1년 6월에 처한다. 다만, 이 판결 확정일부터 2년간 위 형의 집행을 유예한다.",
    "https://example.com/a?b=1&c=2 user@example.com #해시태그 @멘션 C++ F# .NET",
]


def samples() -> list[str]:
    """Texts of characters drawn from everywhere, so that no block of Unicode is left out."""
    draw = random.Random(1)
    blocks = [(0x20, 0x7F), (0x80, 0x600), (0x600, 0x1100), (0x1100, 0x1200), (0x1200, 0x3000), (0x3000, 0x3400)]
    blocks += [(0x4E00, 0xA000), (0xA000, 0xAC00), (0xAC00, 0xD7A4), (0xD7A4, 0xD800), (0xF900, 0x10000), (0x10000, 0x20000)]
    texts = []
    for _ in range(12):
        words = []
        for _ in range(30):
            low, high = draw.choice(blocks)
            words.append("".join(chr(draw.randrange(low, high)) for _ in range(draw.randrange(1, 8))))
        texts.append(" ".join(words))
    return texts


def golden() -> None:
    step = signatures()
    texts = []
    for text in TEXTS + samples():
        signature = values(step, text)
        bands = signature and [xxhash.xxh3_64_intdigest(np.array(signature[at : at + 8], "<u8").tobytes()) for at in range(0, 112, 8)]
        texts.append({"text": text, "words": simplify_text(text).split(), "signature": signature, "bands": bands})
    first = texts[0]["signature"]
    assert (first[0], first[7], first[111]) == (32670772134803730, 21992339846770217, 43226779934173034)
    unassigned: list[list[int]] = []
    for c in range(0x110000):
        if unicodedata.category(chr(c)) == "Cn":
            if unassigned and unassigned[-1][1] == c - 1:
                unassigned[-1][1] = c
            else:
                unassigned.append([c, c])
    written = ",\n".join(json.dumps(text, ensure_ascii=True, separators=(",", ":")) for text in texts)
    print(f'{{"texts":[\n{written}\n],\n"unassigned":{json.dumps(unassigned, separators=(",", ":"))}}}')


def lines(path: str, count: int) -> list[bytes]:
    with open(path, "rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file) if path.endswith(".zst") else file
        return list(itertools.islice(io.BufferedReader(stream), count))


def digest(signature: list[int] | None) -> str:
    """XXH3-128 of the values as little-endian bytes; `-` where there are none."""
    return xxhash.xxh3_128_hexdigest(np.array(signature, "<u8").tobytes()) if signature else "-"


def signed_by_core(taken: list[bytes], flags: list[str]) -> list[str]:
    """A test of the core that is ignored otherwise: it stands in the program that its tests were built to."""
    native = pathlib.Path(__file__).parents[2] / "native"
    test = ["cargo", "test", "--quiet", *(flags or ["-p", "kopipe-core"]), "--tests", "--", "--ignored", "--exact", SIGNS]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "lines.jsonl"
        path.write_bytes(b"".join(taken))
        subprocess.run(test, cwd=native, env={**os.environ, "KOPIPE_LINES": str(path)}, capture_output=True, check=True)
        return path.with_suffix(".signed").read_text().split()


def compare(count: str, *rest: str) -> None:
    """The last line printed is JSON: documents read, those that have a signature, and which of them differ."""
    end = rest.index("--") if "--" in rest else len(rest)
    paths, flags = rest[:end], [*rest[end + 1 :]]
    step = signatures()
    taken = [(f"{path}:{number}", line) for path in paths for number, line in enumerate(lines(path, int(count)), 1)]
    theirs = [digest(values(step, json.loads(line)["text"])) for _, line in taken]
    ours = signed_by_core([line for _, line in taken], flags)
    assert len(ours) == len(taken)
    differing = [place for (place, _), a, b in zip(taken, theirs, ours) if a != b]
    print(json.dumps({"documents": len(taken), "signed": sum(value != "-" for value in theirs), "differing": differing}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare(*sys.argv[2:])
    else:
        golden()
