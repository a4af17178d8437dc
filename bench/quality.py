"""fastText beside `kopipe train-filter`: quality.py GOOD BAD [FOLDS], files of JSON lines, .zst or not.

The same settings, one thread, equal texts once, folds by a hash of the text. For each fold fastText trains on the others
and scores it; the threshold is the hundredth of the best F1 over all folds, as kopipe chooses it. The last line is JSON.
With `--speed MODEL FILE` it scores the texts of a file with a model instead: nanoseconds a byte of predict alone. Times are of the processor.
"""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import fasttext

fasttext.FastText.eprint = lambda *_: None

SETTINGS = {"dim": 8, "epoch": 5, "lr": 0.5, "wordNgrams": 1, "minn": 2, "maxn": 3, "bucket": 500_000, "minCount": 5}


def texts(path):
    raw = subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout if path.endswith(".zst") else Path(path).read_bytes()
    return [" ".join(json.loads(line)["text"].split("\n")) for line in raw.splitlines()]


def speed(path, documents):
    model = fasttext.load_model(path)
    given = [text + "\n" for text in texts(documents)]
    started = time.process_time()
    for text in given:
        # Not `model.predict`, which breaks with numpy 2.
        model.f.predict(text, -1, 0.0, "strict")
    seconds = time.process_time() - started
    size = sum(len(text.encode()) for text in given)
    print(json.dumps({"bytes": size, "seconds": seconds, "ns_a_byte": 1e9 * seconds / size}))


def main(good, bad, folds="5"):
    folds = int(folds)
    good, bad = set(texts(good)), set(texts(bad))
    good, bad = good - bad, bad - good
    fold = lambda text: hashlib.md5(text.encode()).digest()[0] % folds
    lines = sorted([("good", text) for text in good] + [("bad", text) for text in bad], key=lambda of: hashlib.sha1(of[1].encode()).digest())
    scores = {"good": [0] * 101, "bad": [0] * 101}
    seconds = 0.0
    for held in range(folds):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "lines"
            path.write_text("\n".join(f"__label__{label} {text}" for label, text in lines if fold(text) != held) + "\n")
            started = time.process_time()
            model = fasttext.train_supervised(str(path), thread=1, verbose=0, **SETTINGS)
            seconds += time.process_time() - started
        for label, text in lines:
            if fold(text) == held:
                said = dict((name, value) for value, name in model.f.predict(text + "\n", -1, 0.0, "strict"))
                scores[label][min(100, int(100 * said.get("__label__good", 0.0)))] += 1
    best = (0.0,)
    for at in range(1, 100):
        found, wrong = sum(scores["good"][at:]), sum(scores["bad"][at:])
        precision, recall = found / max(1, found + wrong), found / max(1, sum(scores["good"]))
        best = max(best, (2 * precision * recall / max(1e-9, precision + recall), precision, recall, at / 100))
    f1, precision, recall, least = best
    print(json.dumps({"good": len(good), "bad": len(bad), "seconds_a_fold": seconds / folds, "least": least, "precision": precision, "recall": recall, "f1": f1}))


if sys.argv[1] == "--speed":
    speed(*sys.argv[2:])
else:
    main(*sys.argv[1:])
