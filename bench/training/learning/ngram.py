"""A smoothed 5-gram model of characters or bytes: what a small model has to beat. `ngram.py UNIT TRAIN.jsonl HELD.jsonl`.

Interpolated Kneser-Ney (Chen and Goodman 1998, with one discount an order: n1 / (n1 + 2 n2)), in numpy by sorting: orders
below the highest count in how many contexts an n-gram stands. Characters are the 4,094 most frequent ones; another one
costs its class and then as much as one of all other code points. Prints bits a byte of the held-out text.
"""

import json
import sys
from collections import Counter

import numpy as np

ORDER = 5
BITS = 12
BEGIN, OTHER = 0, 1


def main(unit: str, train: str, held: str) -> None:
    texts = [[json.loads(line)["text"] for line in open(path, encoding="utf-8")] for path in (train, held)]
    if unit == "bytes":
        identify = lambda text: np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8).astype(np.uint64) + 2  # noqa: E731
        vocabulary, others = 258, 0
    else:
        frequent = Counter()
        for text in texts[0]:
            frequent.update(text)
        table = np.full(0x110000, OTHER, np.uint64)
        for i, (character, _) in enumerate(frequent.most_common((1 << BITS) - 2)):
            table[ord(character)] = i + 2
        identify = lambda text: table[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]  # noqa: E731
        vocabulary, others = 1 << BITS, 0x110000 - (1 << BITS)
    model = KneserNey(grams(texts[0], identify), vocabulary)
    windows = grams(texts[1], identify)
    bits = -np.log2(model.probability(windows)).sum()
    if others:
        bits += np.log2(others) * int((windows & np.uint64((1 << BITS) - 1) == OTHER).sum())
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts[1])
    print(json.dumps({"unit": unit, "order": ORDER, "bitsPerByte": round(float(bits / size), 4), "heldBytes": size, "distinct": [len(c) for c in model.keys]}))


def grams(texts: list[str], identify) -> np.ndarray:
    """Every place's n-gram of the highest order, the oldest unit in the highest bits; before a text stand marks of its begin."""
    parts = []
    for text in texts:
        units = np.concatenate([np.full(ORDER - 1, BEGIN, np.uint64), identify(text)])
        window = np.zeros(len(units) - ORDER + 1, np.uint64)
        for i in range(ORDER):
            window = (window << np.uint64(BITS)) | units[i : len(units) - ORDER + 1 + i]
        parts.append(window)
    return np.concatenate(parts)


class KneserNey:
    def __init__(self, windows: np.ndarray, vocabulary: int) -> None:
        self.vocabulary = vocabulary
        # Of each order, from 1: n-grams, their counts; contexts, their sums and how many n-grams follow each.
        self.keys, self.counts, self.contexts, self.sums, self.kinds, self.discounts = [], [], [], [], [], []
        keys, counts = np.unique(windows, return_counts=True)
        for order in range(ORDER, 0, -1):
            contexts, first, kinds = np.unique(keys >> np.uint64(BITS), return_index=True, return_counts=True)
            once, twice = int((counts == 1).sum()), int((counts == 2).sum())
            for into, value in zip(
                (self.keys, self.counts, self.contexts, self.sums, self.kinds, self.discounts),
                (keys, counts, contexts, np.add.reduceat(counts, first), kinds, once / (once + 2 * twice) if twice else 0.5),
            ):
                into.insert(0, value)
            # In how many contexts each shorter n-gram stands.
            shorter = keys & np.uint64((1 << (BITS * (order - 1))) - 1) if order > 1 else keys
            keys, counts = np.unique(shorter, return_counts=True)

    def probability(self, windows: np.ndarray) -> np.ndarray:
        found = np.full(len(windows), 1 / self.vocabulary)
        for order in range(1, ORDER + 1):
            grams = windows & np.uint64((1 << (BITS * order)) - 1)
            counts = looked_up(self.keys[order - 1], self.counts[order - 1], grams)
            contexts = grams >> np.uint64(BITS)
            sums = looked_up(self.contexts[order - 1], self.sums[order - 1], contexts)
            kinds = looked_up(self.contexts[order - 1], self.kinds[order - 1], contexts)
            discount = self.discounts[order - 1]
            seen = sums > 0
            share = np.where(seen, sums, 1)
            found = np.where(seen, np.maximum(counts - discount, 0) / share + discount * kinds / share * found, found)
        return found


def looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)


main(*sys.argv[1:])
