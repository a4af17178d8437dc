"""Writes test/golden/imported/: tokenizers in the forms that published ones have, and what HF tokenizers encodes with them.

    python test/golden/imported.py        (needs tokenizers==0.23.3)

The published files themselves are megabytes and have licences of their own; what matters is their form: Llama 3
(ignore_merges, a post-processor, special tokens), Qwen (NFC, added tokens that are not special), o200k (a pattern by case),
Polyglot-Ko (a character taken out before ByteLevel), NFD, one with every flag that an added token may have, and one whose merges
rank in any order, some of them twice, as vocabularies that were extended have them. The ids of each are shuffled, so that ranks are
not in the order of ids.
"""

import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizer import CORNERS, SENTENCES

TARGET = pathlib.Path(__file__).parent / "imported"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTION
    + r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTION
    + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(regex: str) -> pre_tokenizers.PreTokenizer:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(regex), "isolated"), byte_level])


def special(*contents: str) -> list[AddedToken]:
    return [AddedToken(content, special=True, normalized=False) for content in contents]


def words(*contents: str, **flags: bool) -> list[AddedToken]:
    return [AddedToken(content, special=False, normalized=False, **flags) for content in contents]


POLYGLOT = pre_tokenizers.Sequence([pre_tokenizers.Split("ೱ", "removed"), pre_tokenizers.ByteLevel(add_prefix_space=False)])

FORMS = {
    "llama": {
        "pre": split(CL100K),
        "added": special("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "The", "가"),
        "ignore_merges": True,
        "whole": ["it", "The", "가"],
        "begin": "<|begin_of_text|>",
    },
    "qwen": {
        "pre": split(QWEN2),
        "normalizer": normalizers.NFC(),
        "added": special("<|endoftext|>", "<|im_start|>", "<|im_end|>") + words("<think>", "</think>"),
    },
    "o200k": {"pre": split(O200K), "added": special("<|endoftext|>", "<|endofprompt|>")},
    "polyglot": {"pre": POLYGLOT, "added": special("<|endoftext|>", "<|tel|>", "<|rrn|>")},
    # As --units jamo writes it.
    "jamo": {"pre": pre_tokenizers.ByteLevel(add_prefix_space=False), "normalizer": normalizers.NFD(), "added": special("<|endoftext|>")},
    "ranks": {"pre": pre_tokenizers.ByteLevel(add_prefix_space=False), "added": special("<|endoftext|>"), "shuffled": True},
    "flags": {
        "pre": pre_tokenizers.ByteLevel(add_prefix_space=False),
        "normalizer": normalizers.Sequence([normalizers.NFC()]),
        # One begins another, one begins inside of another, one is spelled in two ways that NFC makes one.
        "added": special("<a>", "<a><b>", "b><c")
        + words("<c>")
        + words("한글", single_word=True)
        + words("<l>", lstrip=True)
        + words("<r>", rstrip=True)
        + words("<lr>", lstrip=True, rstrip=True)
        + [AddedToken("e\u0301t", normalized=True), AddedToken("<n>", normalized=True, special=True)],
    },
}

#: What random texts are made of.
PIECES = ["<a>", "<b>", "<c>", "b><c", "<l>", "<r>", "<lr>", "<n>", "e\u0301t", "\u00e9t", "한글", "한글은", "<", ">", "<|", "|>"]
PIECES += ["<|endoftext|>", "<|im_start|>", "<think>", "</think>", "<|begin_of_text|>", "<|eot_id|>", "<|tel|>", "ೱ", "ೱೱ"]
PIECES += ["\u1ac3", "\u0898\u0323"]
PIECES += [" ", "  ", "\n", "\t", "\u3000", "\u00a0", "가", "니다", "\u1112\u1161\u11ab", "a", "The", "it's", "1234", "!!", "\u0301", "_"]


def documents() -> list[str]:
    pick = random.Random(5)
    made = ["".join(pick.choice(PIECES) for _ in range(pick.randint(1, 9))) for _ in range(400)]
    return CORNERS + SENTENCES + [unicodedata.normalize("NFD", text) for text in SENTENCES] + made + [" 아니", "그건 아니 아니다"]


def rank_anyhow(merges: list[list[str]]) -> list[list[str]]:
    """In any order, some twice; and a blank with 아 takes what 니 begins with at once, but is made last, when 니 is whole. Without those
    that a lone byte inside a character begins, syllables can start as tokens."""
    merges = [[left, right] for left, right in merges if len(left) > 1 or left in "êëìíĠ" or left.isascii()]
    random.Random(8).shuffle(merges)
    first, last = [["ĠìķĦ", "ëĭ"], ["ë", "ĭ"], ["ëĭ", "Ī"]], [["Ġ", "ì"], ["Ġì", "ķ"], ["Ġìķ", "Ħ"]]
    return first + [m for m in merges if m not in first] + merges[:99] + last


def tokenizer(form: dict) -> Tokenizer:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = form["pre"]
    initial = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(SENTENCES * 3, trainers.BpeTrainer(vocab_size=900, initial_alphabet=initial, show_progress=False))
    file = json.loads(trained.to_str())
    spellings = list(file["model"]["vocab"])
    random.Random(6).shuffle(spellings)
    file["model"]["vocab"] = {spelling: id for id, spelling in enumerate(spellings)}
    # Merges that are tokens no other merge needs go from the middle: with ignore_merges they are found all the same.
    file["model"]["merges"] = [m for i, m in enumerate(file["model"]["merges"]) if not (form.get("ignore_merges") and i > 500 and i % 3 == 0)]
    if form.get("shuffled"):
        file["model"]["merges"] = rank_anyhow(file["model"]["merges"])
        for left, right in file["model"]["merges"]:
            file["model"]["vocab"].setdefault(left + right, len(file["model"]["vocab"]))
    file["model"]["ignore_merges"] = form.get("ignore_merges", False)
    # No merge makes these; the last is spelled in characters outside the alphabet, so that no bytes are it.
    for spelling in form.get("whole", []):
        file["model"]["vocab"].setdefault(spelling, len(file["model"]["vocab"]))
    made = Tokenizer.from_str(json.dumps(file))
    if "normalizer" in form:
        made.normalizer = form["normalizer"]
    made.add_tokens(form["added"])
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    if "begin" in form:
        begin = form["begin"]
        template = processors.TemplateProcessing(single=f"{begin} $A", special_tokens=[(begin, made.token_to_id(begin))])
        made.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return made


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    texts = documents()
    ids = {}
    for name, form in FORMS.items():
        made = tokenizer(form)
        (TARGET / f"{name}.json").write_text(json.dumps(json.loads(made.to_str()), ensure_ascii=False) + "\n")
        ids[name] = {}
        for what, as_text in [("text", True), ("specials", False)]:
            made.encode_special_tokens = as_text
            ids[name][what] = [made.encode(text, add_special_tokens=False).ids for text in texts]
    cases = json.dumps({"texts": texts, "ids": ids}, ensure_ascii=True, separators=(",", ":"))
    (TARGET / "cases.json").write_text(cases.replace('],"', '],\n"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
