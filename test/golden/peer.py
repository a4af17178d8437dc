"""HF tokenizers and numpy as the other side of a test; each command prints one JSON object.

    python test/golden/peer.py train VOCAB_SIZE PATTERN TOKENIZER INPUT...   trains on JSON lines, saves the tokenizer
    python test/golden/peer.py check DATASET TOKENIZER INPUT...              compares a packed dataset with the documents
    python test/golden/peer.py load FOLDER INPUT...                          reads a trained tokenizer as other tools do
"""

import json
import pathlib
import struct
import sys
import tempfile

from pretokens import REGEXES
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIALS = ["<|endoftext|>", "<|padding|>"]


def pre_tokenizer(pattern: str):
    if pattern == "gpt2":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    split = pre_tokenizers.Split(Regex(REGEXES[pattern][0]), behavior="isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def tokenizer_of(documents, vocabulary: int, min_frequency: int = 0, more_specials=(), pattern: str = "gpt2", **more) -> Tokenizer:
    """The tokenizer that kopipe must equal. `more` goes to HF's trainer, by its names there."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer(pattern)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=min_frequency,
        special_tokens=[*SPECIALS, *more_specials],
        **{"initial_alphabet": pre_tokenizers.ByteLevel.alphabet(), "show_progress": False, **more},
    )
    tokenizer.train_from_iterator(documents, trainer)
    return tokenizer


def documents(inputs):
    for path in inputs:
        with open(path, encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)["text"]


def read_shard(prefix: pathlib.Path):
    """A shard by the table of the format: sequences as numpy arrays, in order."""
    import numpy as np

    index = prefix.with_suffix(".idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00", "magic"
    version, code = struct.unpack_from("<QB", index, 9)
    count, entries = struct.unpack_from("<QQ", index, 18)
    assert version == 1 and entries == count + 1
    dtype = np.dtype({8: np.uint16, 4: np.int32}[code])
    sizes = np.frombuffer(index, np.int32, count, 34)
    pointers = np.frombuffer(index, np.int64, count, 34 + 4 * count)
    doc_idx = np.frombuffer(index, np.int64, entries, 34 + 12 * count)
    assert len(index) == 34 + 12 * count + 8 * entries, "length of .idx"
    assert doc_idx[0] == 0 and doc_idx[-1] == count and (np.diff(doc_idx) == 1).all(), "one sequence a document"
    tokens = np.memmap(prefix.with_suffix(".bin"), dtype, "r")
    assert (pointers == (np.cumsum(sizes, dtype=np.int64) - sizes) * dtype.itemsize).all(), "pointers"
    assert len(tokens) == sizes.sum(dtype=np.int64), "length of .bin"
    for pointer, size in zip(pointers // dtype.itemsize, sizes):
        yield tokens[pointer : pointer + size]


def check(dataset: str, tokenizer: str, inputs) -> dict:
    """Every non-empty document is a sequence, with HF's ids and the end-of-document token, and decodes to itself."""
    folder = pathlib.Path(dataset)
    peer = Tokenizer.from_file(tokenizer)
    end = peer.token_to_id("<|endoftext|>")
    peer.encode_special_tokens = True
    shards = json.loads((folder / "dataset.json").read_text())["shards"]
    sequences = (sequence for shard in shards for sequence in read_shard(folder / shard["prefix"]))
    found = {"documents": 0, "tokens": 0, "ids": 0, "texts": 0}
    expected = [text for text in documents(inputs) if text]
    for start in range(0, len(expected), 1000):
        part = expected[start : start + 1000]
        for text, encoding in zip(part, peer.encode_batch(part)):
            sequence = next(sequences).tolist()
            found["documents"] += 1
            found["tokens"] += len(sequence)
            found["ids"] += sequence != [*encoding.ids, end]
            found["texts"] += peer.decode(sequence[:-1], skip_special_tokens=False) != text
    assert next(sequences, None) is None, "more sequences than documents"
    return found


def load(folder: str, inputs) -> dict:
    """How many documents transformers' AutoTokenizer, and vocab.json with merges.txt, give other ids than tokenizer.json."""
    from transformers import AutoTokenizer

    path = pathlib.Path(folder)
    # As GPT-NeoX's HFTokenizer has it.
    neox = Tokenizer.from_file(str(path / "tokenizer.json"))
    auto = AutoTokenizer.from_pretrained(folder)
    old = Tokenizer(models.BPE.from_file(str(path / "vocab.json"), str(path / "merges.txt")))
    old.pre_tokenizer = neox.pre_tokenizer
    with tempfile.TemporaryDirectory() as saved:
        neox.model.save(saved)
        same = [(path / name).read_bytes() == (pathlib.Path(saved) / name).read_bytes() for name in ("vocab.json", "merges.txt")]
    found = {"documents": 0, "auto": 0, "old": 0, "saved_alike": all(same)}
    for text in documents(inputs):
        ids = neox.encode(text).ids
        found["documents"] += 1
        found["auto"] += auto(text)["input_ids"] != ids
        found["old"] += old.encode(text).ids != ids
    specials = {"eos": auto.eos_token_id, "pad": auto.pad_token_id, "neox_eod": neox.token_to_id("<|endoftext|>")}
    tel = "전화 <|tel|>"
    return {**found, **specials, "neox_pad": neox.token_to_id("<|padding|>"), "mask": auto(tel)["input_ids"] == neox.encode(tel).ids}


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "train":
        tokenizer_of(documents(args[3:]), int(args[0]), pattern=args[1]).save(args[2], pretty=True)
        print("{}")
    elif command == "check":
        print(json.dumps(check(args[0], args[1], args[2:])))
    elif command == "load":
        print(json.dumps(load(args[0], args[1:])))
    else:
        sys.exit(__doc__)
