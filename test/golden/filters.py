"""Makes test/golden/filters.json: what datatrove 0.10.1's own functions measure on self-made texts.

    python test/golden/filters.py > test/golden/filters.json

datatrove cuts words with a tokenizer of the language; here it gets white space, so that both see the same words. What
still differs, and why, stands in the test that reads the file (clean/filters/golden.rs).
"""

import json
import random
import re

from datatrove.data import Document
from datatrove.pipeline.filters import fineweb_quality_filter as fineweb
from datatrove.pipeline.filters import gopher_quality_filter as gopher
from datatrove.pipeline.filters import gopher_repetition_filter as repetition
from datatrove.utils.text import TERMINAL_PUNCTUATION


def words(text, _language=None):
    return text.split()


for module in (fineweb, gopher, repetition):
    module.split_into_words = words

STEMS = ["학교", "바람", "사람", "나라", "말", "글", "길", "문제", "생각", "시간", "물", "집", "code", "3.14", "ㅋㅋ", "漢字"]
ENDINGS = ["은", "이", "을", "에서", "으로", "의", "도", "", "다", "고"]


def sentence(rng, stems):
    body = " ".join(rng.choice(stems) + rng.choice(ENDINGS) for _ in range(rng.randint(1, 12)))
    return body + rng.choice([".", "다.", "?", "!", "…", "...", "", ")", " #태그", "。"])


def text(seed):
    rng = random.Random(seed)
    stems = STEMS[: rng.randint(1, len(STEMS))]
    pool = [sentence(rng, stems) for _ in range(rng.choice([2, 10, 40, 200]))]
    lines = []
    for _ in range(rng.randint(1, 16)):
        line = rng.choice(["", "", "- ", "• "]) + " ".join(rng.choice(pool) for _ in range(rng.randint(1, 3)))
        lines.append(line + rng.choice(["\n", "\n", "\n\n", "\n\n\n", " "]))
    return "".join(lines).strip()


def measured(text):
    tokens = words(text)
    paragraphs = repetition.find_duplicates(repetition.GopherRepetitionFilter().paragraph_exp.split(text.strip()))
    lines = repetition.find_duplicates(repetition.GopherRepetitionFilter()._line_splitter.split(text))
    tops = [repetition.get_n_grams(tokens, n) for n in (2, 3, 4)]
    return {
        "text": text,
        "words": len(tokens),
        "paragraphs": paragraphs,
        "lines": lines,
        # One n-gram alone repeats nothing: kopipe has 0 there.
        "top": [repetition.find_top_duplicate(grams) if len(set(grams)) < len(grams) else 0 for grams in tops],
        "duplicate": [repetition.find_all_duplicate(tokens, n) for n in range(5, 11)],
        "repetition": verdict(repetition.GopherRepetitionFilter(), text),
        "fineweb": verdict(fineweb.FineWebQualityFilter(stop_chars=(*TERMINAL_PUNCTUATION, "…")), text),
        # Blank lines are lines to this filter alone; the stop words are English.
        "gopher": verdict(gopher.GopherQualityFilter(min_doc_words=10, min_avg_word_length=2, min_stop_words=None), re.sub("\n+", "\n", text)),
    }


def verdict(judge, text):
    result = judge.filter(Document(text=text, id="0"))
    return result[1] if isinstance(result, tuple) else None


print(json.dumps([measured(text(seed)) for seed in range(150)], ensure_ascii=False, indent=None).replace('{"text"', '\n{"text"'))
