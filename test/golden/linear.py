"""Tiny fastText models of every kind and what fastText predicts with them: linear.py. Writes linear/ and linear.json."""

import json
import random
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import fasttext

fasttext.FastText.eprint = lambda *_: None

HERE = Path(__file__).parent
FOLDER = HERE / "linear"

GOOD = ["조선은 1392년에 세워진 나라이다", "서울은 대한민국의 수도이다", "이 문서는 한국의 역사를 다룬다", "물은 산소와 수소로 이루어진다"]
BAD = ["지금 바로 클릭 무료 상담", "대박 할인 이벤트 최저가 보장", "먹튀 없는 안전 놀이터 추천", "선착순 무료 가입 쿠폰 지급"]
MORE = [
    ["english", "The quick brown fox jumps over the lazy dog", "a page in plain English"],
    ["japanese", "これは日本語の文章です", "東京は日本の首都です"],
    ["code", "int main ( ) { return 0 ; }", "for ( i = 0 ; i < n ; i ++ )"],
]


def examples(seed, classes):
    """Lines of a training file: sentences of a class with words left out and put in order anew."""
    draw = random.Random(seed)
    for _ in range(150):
        for label, sentences in classes:
            words = draw.choice(sentences).split()
            draw.shuffle(words)
            yield f"__label__{label} {' '.join(words[: draw.randint(1, len(words))])}"


TWO = [("good", GOOD), ("bad", BAD)]
FIVE = TWO + [(name, sentences) for name, *sentences in MORE]
MANY = [(f"l{number}", [f"낱말{number} 글{number % 7}", f"word{number} text{number % 11}"]) for number in range(260)]

# Name → classes, arguments of training, arguments of quantizing.
MODELS = {
    "softmax.bin": (TWO, {"wordNgrams": 1, "maxn": 0}, None),
    "softmax-bigrams.bin": (TWO, {"wordNgrams": 2}, None),
    "softmax-subwords.bin": (FIVE, {"wordNgrams": 3, "minn": 1, "maxn": 4}, None),
    "hs.bin": (FIVE, {"loss": "hs", "wordNgrams": 2}, None),
    "hs-subwords.bin": (FIVE, {"loss": "hs", "minn": 2, "maxn": 5}, None),
    "ova.bin": (FIVE, {"loss": "ova", "minn": 2, "maxn": 3, "wordNgrams": 2}, None),
    "ns.bin": (FIVE, {"loss": "ns", "wordNgrams": 2}, None),
    "cutoff.ftz": (FIVE, {"minn": 2, "maxn": 4, "wordNgrams": 2, "bucket": 400}, {"cutoff": 280, "dsub": 2}),
    "hs-quantized.ftz": (FIVE, {"loss": "hs", "minn": 2, "maxn": 4, "bucket": 400, "dim": 5}, {"dsub": 2}),
    "qnorm-qout.ftz": (MANY, {"wordNgrams": 2, "dim": 4, "epoch": 1}, {"qnorm": True, "qout": True, "dsub": 2}),
}


def texts():
    draw = random.Random(7)
    sentences = [sentence for _, of in FIVE for sentence in of]
    yield from ["", " ", "\t\v\f\r ", "\0", "가\0나 다\0\0라", "</s>", "서울은 </s> 수도이다", "<>", "<", "</s", "__label__good", "__label__none 서울은"]
    yield from sentences
    yield from [unicodedata.normalize("NFD", GOOD[0]), unicodedata.normalize("NFD", BAD[1]), "가" * 3000, "a" * 5000, "서울은" * 700, "ㅋㅋㅋ ㅎㅎ", "한글과 English 漢字 かな 섞인 글", "서울은\u3000수도이다\u00a0무료", "🙂 이모지 👨‍👩‍👧 조합", "é è ñ \u0301", "1392년에 2024년 3.14", "무료,상담!", "낱말3 글3 word5 text5", "낱말11 word259"]
    for _ in range(18):
        words = " ".join(draw.sample(sentences, 3)).split()
        draw.shuffle(words)
        yield " ".join(words[: draw.randint(2, 30)])


def main():
    FOLDER.mkdir(exist_ok=True)
    given = list(texts())
    predicted = {}
    for number, (name, (classes, training, quantizing)) in enumerate(MODELS.items()):
        with TemporaryDirectory() as folder:
            lines = Path(folder) / "lines"
            lines.write_text("\n".join(examples(number, classes)) + "\n")
            arguments = {"dim": 6, "bucket": 100, "epoch": 3, "lr": 0.5, "thread": 1, "verbose": 0, **training}
            model = fasttext.train_supervised(str(lines), **arguments)
            if quantizing is not None:
                model.quantize(input=str(lines), verbose=0, thread=1, **quantizing)
            model.save_model(str(FOLDER / name))
        model = fasttext.load_model(str(FOLDER / name))
        # Not `model.predict`, which breaks with numpy 2.
        predictions = [model.f.predict(text + "\n", 5, 0.0, "strict") for text in given]
        predicted[name] = [{label: value for value, label in best} for best in predictions]
    golden = {"texts": given, "predicted": predicted}
    (HERE / "linear.json").write_text(json.dumps(golden, ensure_ascii=False, indent=0) + "\n")


main()
