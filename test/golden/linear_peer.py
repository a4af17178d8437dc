"""fastText's own answers for a model of kopipe: linear_peer.py MODEL DOCUMENTS, a file of JSON lines with `id` and `text`."""

import json
import sys

import fasttext

fasttext.FastText.eprint = lambda *_: None


def main(path, documents):
    model = fasttext.load_model(path)
    predicted = {}
    with open(documents) as lines:
        for document in map(json.loads, lines):
            # Not `model.predict`, which breaks with numpy 2.
            best = model.f.predict(document["text"].replace("\n", " ") + "\n", -1, 0.0, "strict")
            predicted[document["id"]] = {label: value for value, label in best}
    print(json.dumps({"labels": model.labels, "predicted": predicted}))


main(*sys.argv[1:])
