"""Fits the estimate of how many morphemes a text has (clean/measures/morphemes.rs) against Kiwi, and tells its errors.

    python test/golden/morpheme_estimate.py CORPUS   the table of docs/calibration.md (minutes)
    python test/golden/morpheme_estimate.py > test/golden/morphemes.json

Needs kiwipiepy==0.24.1, numpy and zstandard. Of each source a number of documents is drawn evenly; by a hash of its
place each is fitted on or held out. The errors are those of the held-out ones.
"""

import io
import json
import sys

from kiwipiepy import Kiwi

WEIGHTS = [0.5, 0.59, 1.13, 0.43, 1.37, 0.51]
WRITTEN_OUT = 1.06

SOURCES = {
    "kowiki-2023": 1500, "precedents": 350, "ms-docs-2021": 600, "web-docs": 1200, "news-comments": 800, "nsmc-reviews": 1200,
    "chat": 600, "colonial-magazines": 150, "kowiki-2020": 300,
}


def kind(c):
    if "가" <= c <= "힣":
        return 0
    if c.isascii() and c.isalpha():
        return 1
    if c.isascii() and c.isdigit():
        return 2
    return 3 if c.isalnum() else 4


def features(text):
    """Syllables; runs of Hangul, Latin letters, digits, others; signs; and the other letters and digits."""
    chars, runs, last = [0] * 5, [0] * 5, None
    for c in text:
        this = None if c.isspace() else kind(c)
        if this is not None:
            chars[this] += 1
            runs[this] += this != last
        last = this
    return [chars[0], *runs[:4], chars[4], sum(chars[1:4])]


def estimated(of):
    words = sum(w * n for w, n in zip(WEIGHTS[:5], of))
    return words + WEIGHTS[5] * of[5], (WRITTEN_OUT * of[0] + of[6]) / words if words else 0.0


def counted(kiwi, text):
    forms = [token.form for token in kiwi.tokenize(text)]
    spoken = [form for form in forms if any(c.isalnum() for c in form)]
    return len(forms), sum(map(len, spoken)), len(spoken)


def documents(path, wanted):
    import zstandard

    with open(path, "rb") as file:
        texts = [json.loads(line)["text"] for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")]
    for place in range(0, len(texts), max(1, len(texts) // wanted)):
        yield place, texts[place][:20000]


def table(corpus):
    import numpy as np

    kiwi, rows = Kiwi(num_workers=1), []
    for source, wanted in SOURCES.items():
        for place, text in documents(f"{corpus}/{source}.jsonl.zst", wanted):
            rows.append((source, (place * 2654435761 >> 7) % 2 == 0, features(text), *counted(kiwi, text)))
    source, held = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    of, true = np.array([row[2] for row in rows], float), np.array([row[3] for row in rows], float)
    written, spoken = np.array([row[4] for row in rows], float), np.array([row[5] for row in rows], float)
    fit = ~held & (true >= 25)
    weights = np.linalg.lstsq(of[fit, :6] / true[fit, None], np.ones(fit.sum()), rcond=None)[0]
    written_out = np.linalg.lstsq((of[fit, 0] / written[fit])[:, None], 1 - of[fit, 6] / written[fit], rcond=None)[0]
    print("fitted", weights.round(2).tolist(), written_out.round(2).tolist())
    count, length = np.array([estimated(row[2]) for row in rows]).T
    true_length = written / np.maximum(spoken, 1)
    outside = lambda value, least, most: (value < least) | (value > most)
    for name in [*SOURCES, "all"]:
        of_source = held & ((source == name) | (name == "all"))
        long, judged = of_source & (true >= 25), of_source & (true >= 50)
        ratio, ratio_of_length = count[long] / true[long], length[judged] / true_length[judged]
        span = lambda values: f"{values.mean():.2f} | {np.quantile(values, 0.025):.2f}–{np.quantile(values, 0.975):.2f}" if len(values) else "– | –"
        words = np.mean(outside(count[of_source], 50, 100_000) != outside(true[of_source], 50, 100_000))
        mean = np.sum(outside(length[judged], 1, 6) != outside(true_length[judged], 1, 6))
        print(f"| {name} | {of_source.sum()} | {100 * words:.1f} % | {long.sum()} | {span(ratio)} | {judged.sum()} | {mean} | {span(ratio_of_length)} |")


def golden():
    import random

    rng, kiwi, cases = random.Random(3), Kiwi(num_workers=1), []
    stems = ["학교", "바람", "사람", "나라", "말", "글", "길", "문제", "생각", "시간", "물", "집", "Rust", "3.14", "漢字", "2026"]
    endings = ["은", "이", "을", "에서", "으로", "의", "도", "", "까지", "에게"]
    verbs = ["갔다.", "먹었습니다.", "볼까요?", "하고 있다.", "않는다,", "좋아요!", "(끝났다)", "다녀왔어요 ㅋㅋ"]
    for _ in range(24):
        sentences = [" ".join([rng.choice(stems) + rng.choice(endings) for _ in range(rng.randint(2, 7))] + [rng.choice(verbs)]) for _ in range(rng.randint(3, 9))]
        text = rng.choice([" ", "\n"]).join(sentences)
        count, length = estimated(features(text))
        cases.append({"text": text, "morphemes": counted(kiwi, text)[0], "estimate": round(count, 9), "estimated-length": round(length, 9)})
    print(json.dumps(cases, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    table(sys.argv[1]) if len(sys.argv) > 1 else golden()
