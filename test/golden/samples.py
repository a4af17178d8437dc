"""GPT-NeoX's sample index in numpy, the reference for kopipe-core's `samples`.

The semantics are those of EleutherAI/gpt-neox, megatron/data/gpt2_dataset.py, data_utils.py and helpers.cpp at commit
0321b40e37ee ("packed", allow_chopped); blends are helpers.cpp's `build_blending_indices` at commit 02ccedcc9489, with the
weights as data_utils.py and then blendable_dataset.py normalise them. Three uses:

    python test/golden/samples.py > test/golden/samples.json            the golden file
    python test/golden/samples.py gather PLAN.json                      tokens of samples, from shards on disk
    python test/golden/samples.py blend PLAN.json                       the same of several datasets with weights
"""

import functools
import json
import math
import operator
import struct
import sys

import numpy as np


def split_bounds(weights, total):
    shares = [w / sum(weights) for w in weights]
    bounds = [0]
    for share in shares:
        bounds.append(bounds[-1] + int(round(share * float(total))))
    gained = bounds[-1] - total
    return [0] + [b - gained for b in bounds[1:]]


def epochs_needed(tokens, length, samples):
    epochs = 1
    while (epochs * tokens - 1) // length < samples:
        epochs += 1
    return epochs


def index(sizes, documents, length, samples, seed):
    """doc_idx, sample_idx and shuffle_idx over `documents` (numbers of sequences) of `sizes` tokens."""
    tokens = int(np.sum(sizes[documents]))
    epochs = epochs_needed(tokens, length, samples)
    random = np.random.RandomState(seed=seed)
    doc_idx = np.tile(documents, epochs).astype(np.int32)
    random.shuffle(doc_idx)

    count = (epochs * tokens - 1) // length
    sample_idx = [(0, 0)]
    place, offset = 0, 0
    for _ in range(count):
        remaining = length + 1
        while remaining != 0:
            size = int(sizes[doc_idx[place]]) - offset
            remaining -= size
            if remaining <= 0:
                offset += remaining + size - 1
                remaining = 0
            else:
                place += 1
                offset = 0
        sample_idx.append((place, offset))

    shuffle_idx = np.arange(count, dtype=np.uint32)
    random.shuffle(shuffle_idx)
    return epochs, doc_idx, sample_idx, shuffle_idx


def normalized_weights_and_num_samples(weights, samples):
    # Not sum(): from Python 3.12 on it is another sum.
    total = functools.reduce(operator.add, weights)
    weights = [weight / total for weight in weights]
    return weights, [int(math.ceil(samples * weight * 1.005)) for weight in weights]


def blending_indices(weights, size):
    """dataset_index and dataset_sample_index of `size` samples."""
    weights = np.array(weights, dtype=np.float64)
    weights /= np.sum(weights)
    dataset_index = np.zeros(size, dtype=np.uint8)
    dataset_sample_index = np.zeros(size, dtype=np.int64)
    current = np.zeros(len(weights), dtype=np.int64)
    for sample in range(size):
        # The first of the largest, as in the loop there.
        furthest = np.argmax(weights * max(float(sample), 1.0) - current)
        dataset_index[sample] = furthest
        dataset_sample_index[sample] = current[furthest]
        current[furthest] += 1
    return dataset_index, dataset_sample_index


def golden_blends():
    random = np.random.RandomState(11)
    blends = []
    for weights, samples in [
        ([1.0], 5),
        ([3.0, 1.0], 50),
        ([1.0, 1.0, 1.0], 40),
        ([0.1, 0.2, 0.7], 2500),
        ([float(w) for w in random.rand(9)], 1100),
        ([float(w) for w in random.rand(200)], 1500),
    ]:
        shares, asked = normalized_weights_and_num_samples(weights, samples)
        dataset_index, dataset_sample_index = blending_indices(shares, samples)
        blends.append({"weights": weights, "samples": samples, "asked": asked, "dataset_index": dataset_index.tolist(),
                       "dataset_sample_index": dataset_sample_index.tolist()})
    return blends


def golden():
    sizes_of = {
        "even": [16] * 24,
        "ragged": [int(s) for s in np.random.RandomState(5).randint(1, 90, size=53)],
        "with empty": [0, 7, 0, 0, 31, 1, 1, 0, 12, 3],
        "one": [40],
    }
    cases = []
    for name, length, samples, seed, weights in [
        ("even", 16, 10, 1234, [969, 30, 1]),
        ("even", 7, 200, 1, [8, 1, 1]),
        ("ragged", 32, 100, 1234, [969, 30, 1]),
        ("ragged", 11, 333, 4294967295, [90, 5, 5]),
        ("with empty", 5, 60, 0, [1, 1, 1]),
        ("one", 4, 1, 99, [969, 30, 1]),
    ]:
        sizes = np.array(sizes_of[name], dtype=np.int32)
        bounds = split_bounds(weights, len(sizes))
        parts = []
        for start, stop in zip(bounds, bounds[1:]):
            documents = np.arange(start, stop, dtype=np.int32)
            if stop <= start or np.sum(sizes[documents]) == 0:
                parts.append(None)
                continue
            epochs, doc_idx, sample_idx, shuffle_idx = index(sizes, documents, length, samples, seed)
            parts.append({
                "epochs": epochs,
                "doc_idx": doc_idx.tolist(),
                "sample_idx": [list(map(int, s)) for s in sample_idx],
                "shuffle_idx": shuffle_idx.tolist(),
            })
        cases.append({"name": name, "sizes": sizes.tolist(), "length": length, "samples": samples, "seed": seed,
                      "weights": weights, "bounds": bounds, "parts": parts})
    shuffles = []
    for seed in [0, 1, 1234, 20240229, 4294967295]:
        items = np.arange(700, dtype=np.int32)
        np.random.RandomState(seed).shuffle(items)
        shuffles.append({"seed": seed, "items": items.tolist()})
    return {"numpy": np.__version__, "shuffles": shuffles, "cases": cases, "blends": golden_blends()}


def read_shard(prefix):
    with open(prefix + ".idx", "rb") as file:
        assert file.read(9) == b"MMIDIDX\0\0"
        version, code, sequences, bounds = struct.unpack("<QBQQ", file.read(25))
        assert version == 1
        rest = file.read()
    sizes = np.frombuffer(rest, np.int32, sequences)
    tokens = np.fromfile(prefix + ".bin", {4: np.int32, 8: np.uint16}[code])
    assert len(tokens) == sizes.sum() and len(rest) == 12 * sequences + 8 * bounds
    return sizes, tokens


def gather(plan):
    shards = [read_shard(p) for p in plan["prefixes"]]
    sizes = np.concatenate([s for s, _ in shards])
    tokens = np.concatenate([t for _, t in shards])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    bounds = split_bounds(plan["weights"], len(sizes))
    documents = np.arange(bounds[plan["part"]], bounds[plan["part"] + 1], dtype=np.int32)
    _, doc_idx, sample_idx, shuffle_idx = index(sizes, documents, plan["length"], plan["samples"], plan["seed"])
    out = []
    for position in plan["positions"]:
        (first, offset), (last, end) = sample_idx[shuffle_idx[position]], sample_idx[shuffle_idx[position] + 1]
        pieces = []
        for place in range(first, last + 1):
            document = doc_idx[place]
            start = starts[document] + (offset if place == first else 0)
            stop = starts[document] + end + 1 if place == last else starts[document + 1]
            pieces.append(tokens[start:stop])
        out.append(np.concatenate(pieces).tolist())
    return out


def blend(plan):
    """Samples of several datasets; each of them is a plan of `gather`."""
    shares, asked = normalized_weights_and_num_samples(plan["weights"], plan["samples"])
    which, at = blending_indices(shares, plan["samples"])
    rows = [gather({**part, "samples": samples, "positions": np.unique(at[which == i]).tolist()})
            for i, (part, samples) in enumerate(zip(plan["parts"], asked))]
    return [rows[dataset][sample] for dataset, sample in zip(which, at)]


if sys.argv[1:2] in (["gather"], ["blend"]):
    with open(sys.argv[2]) as file:
        json.dump({"gather": gather, "blend": blend}[sys.argv[1]](json.load(file)), sys.stdout)
else:
    json.dump(golden(), sys.stdout, separators=(",", ":"))
    print()
