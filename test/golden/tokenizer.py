"""Writes test/golden/tokenizer/: what HF tokenizers trains and encodes on text made for its corners.

    python test/golden/tokenizer.py        (needs tokenizers==0.23.3)

`NAME.json` is the tokenizer as HF saves it; `cases.json` has the documents and settings, and ids of texts that are
encoded with every one of them (special strings as text: encode_special_tokens).
"""

import json
import pathlib
import random

from peer import tokenizer_of

TARGET = pathlib.Path(__file__).parent / "tokenizer"

SENTENCES = """\
한국어 텍스트를 토큰으로 나눕니다. 띄어쓰기는 앞말과 붙지 않고 뒷말에 붙습니다.
국립국어원에서는 2023년 3월 1일부터 "한글 맞춤법"을 새로 안내하고 있다.
대법원 2019. 5. 16. 선고 2018다12345 판결 【손해배상(기)】 [공2019하,1234]
ㅋㅋㅋㅋㅋ 이 영화 진짜 재밌다 ㅠㅠ 다시 봐도 감동이에요!!!! 별점 ★★★★☆
그는 말했다. "나는 학교에 갔다가, 친구를 만났다." 그리고 웃었다…
The library's users didn't know it's we'll-known; they've said I'm 'sure' and you'd agree.
Rust와 TypeScript로 작성된 프로그램은 3.5배 빠르고, 메모리는 1/4만 씁니다 (측정값).
大韓民國 憲法 第一條: 大韓民國은 民主共和國이다.
가격은 ₩12,000원이며 전화는 02-123-4567, 이메일은 user@example.com 입니다.
나랏말싸미 듕귁에 달아 문자와로 서로 사맛디 아니할쎄""".splitlines()

CORNERS = [
    "",
    " ",
    "\n",
    "  \n\n  ",
    "a  b\t\tc \n d\r\ne",
    "끝 공백   ",
    "   앞 공백",
    "전각\u3000공백\u3000\u3000과 줄바꿈 없는\u00a0\u00a0공백",
    "\u2028줄\u2029문단\u0085다음\u200b폭없음\ufeff",
    "it's 's s' ''s 'S 're've'll 'd 'mt 'lla l'l",
    " 's 't \u2019s",
    "½ ① ２０２３ ٣٤ Ⅷ 10²",
    "한글".encode().decode() + "\u1112\u1161\u11ab\u1100\u1173\u11af \uac00\u11a8",
    "\u0000\u0001\u001b[31m\u007f\u0080\u009f\u00ad",
    "<|endoftext|> 문서 안의 <|padding|> 표시<|endoftext|>",
    "👨‍👩‍👧 🇰🇷 e\u0301 \U0001f468\U0010ffff\ue000\uf8ff\ufffd",
    "\u0378\u0530\ud7a4\ud7c7\ud7fc\U000323b0\U0001e000",
    "가" * 300 + "ㅋ" * 200 + "!" * 100 + "a" * 150 + "1" * 90,
    "뷁 쀍 꿻 힣 갸륵",
    "_snake_case__ camelCase ٪ ₩ ～ ・ ー 々 〇",
]


def synthetic() -> list[str]:
    """Few letters: ties at every step, repeats that overlap."""
    pick = random.Random(1)
    return ["".join(pick.choice("aab가 나") for _ in range(pick.randint(1, 30))) for _ in range(60)]


def mixed() -> list[str]:
    pick = random.Random(2)
    return [" ".join(pick.choice(SENTENCES).split()[:: pick.choice([1, 1, 2, -1])]) for _ in range(80)] + CORNERS


PATTERNS = ["cl100k", "o200k", "llama3", "qwen2"]

CASES = [
    {"name": "korean", "documents": mixed(), "vocabSize": 700, "minFrequency": 0, "special": []},
    {"name": "ties", "documents": synthetic(), "vocabSize": 380, "minFrequency": 0, "special": []},
    # The second special can be spelled by merges, the third is a byte's own spelling, the fourth stands twice.
    {"name": "specials", "documents": mixed(), "vocabSize": 420, "minFrequency": 0, "special": ["<|user|>", "the", "a", "<|user|>"]},
    {"name": "frequency", "documents": mixed(), "vocabSize": 30003, "minFrequency": 40, "special": []},
    *({"name": name, "documents": mixed(), "vocabSize": 500, "minFrequency": 0, "special": [], "pattern": name} for name in PATTERNS),
    # Lengths are compared strictly: no merged token has six bytes or more. Repeats overlap in the second.
    {"name": "length", "documents": mixed(), "vocabSize": 700, "minFrequency": 0, "special": [], "more": {"max_token_length": 6}},
    {"name": "length-ties", "documents": synthetic(), "vocabSize": 380, "minFrequency": 0, "special": ["aab"], "more": {"max_token_length": 4}},
    # Two bytes are made whatever the length.
    {"name": "length-least", "documents": synthetic(), "vocabSize": 380, "minFrequency": 0, "special": [], "more": {"max_token_length": 2}},
    # Bytes that occur; of those the most frequent, where no two that are parted occur equally often.
    {"name": "found", "documents": mixed(), "vocabSize": 500, "minFrequency": 0, "special": [], "more": {"initial_alphabet": []}},
    {"name": "limit", "documents": mixed(), "vocabSize": 400, "minFrequency": 0, "special": ["<|user|>"], "more": {"initial_alphabet": [], "limit_alphabet": 60}},
    {"name": "beyond-limit", "documents": mixed(), "vocabSize": 400, "minFrequency": 0, "special": [], "more": {"limit_alphabet": 256}},
]


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    for case in CASES:
        settings = {"pattern": case.setdefault("pattern", "gpt2"), **case.get("more", {})}
        tokenizer = tokenizer_of(case["documents"], case["vocabSize"], case["minFrequency"], case["special"], **settings)
        tokenizer.save(str(TARGET / f"{case['name']}.json"), pretty=True)
        tokenizer.encode_special_tokens = True
        # What loses bytes is not for encoding.
        texts = CORNERS + SENTENCES if "initial_alphabet" not in case.get("more", {}) else []
        case["encoded"] = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts]
    text = json.dumps(CASES, ensure_ascii=True, separators=(",", ":"))
    (TARGET / "cases.json").write_text(text.replace('},{"name"', '},\n{"name"') + "\n")


if __name__ == "__main__":
    main()
