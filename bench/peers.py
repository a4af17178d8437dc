"""The peers, each doing its job the way its documentation says: peers.py JOB ARGUMENTS. The last line is JSON.

The harness (run.ts) times the whole process; `seconds` is the job alone, without reading the input, where that
is the figure a peer publishes.
"""

import json
import os
import sys
import time

SPECIALS = ["<|endoftext|>", "<|padding|>"]


def texts(path):
    import orjson

    with open(path, "rb") as lines:
        return [orjson.loads(line)["text"] for line in lines]


def done(**figures):
    print(json.dumps(figures))


def train_hf(path, vocabulary, out):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    documents = texts(path)
    started = time.perf_counter()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=int(vocabulary),
        special_tokens=SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents, trainer, length=len(documents))
    tokenizer.save(out, pretty=True)
    done(seconds=time.perf_counter() - started)


def train_gigatoken(path, vocabulary, out):
    import gigatoken

    started = time.perf_counter()
    gigatoken.train_bpe(gigatoken.JsonlFileSource([path]), int(vocabulary), SPECIALS)
    done(seconds=time.perf_counter() - started)


def train_ffbpe(path, vocabulary, out):
    import ffbpe

    documents = texts(path)
    started = time.perf_counter()
    ffbpe.train_bpe(documents, vocab_size=int(vocabulary), special_tokens=SPECIALS)
    done(seconds=time.perf_counter() - started)


def encode_hf(path, tokenizer_json):
    from tokenizers import Tokenizer

    documents = texts(path)
    tokenizer = Tokenizer.from_file(tokenizer_json)
    tokenizer.encode_special_tokens = True
    started = time.perf_counter()
    tokens = 0
    for at in range(0, len(documents), 1000):
        tokens += sum(len(e.ids) for e in tokenizer.encode_batch_fast(documents[at : at + 1000]))
    done(seconds=time.perf_counter() - started, tokens=tokens)


def encode_gigatoken(path, tokenizer_json):
    import gigatoken

    tokenizer = gigatoken.Tokenizer(tokenizer_json)
    documents = [text.encode() for text in texts(path)]
    started = time.perf_counter()
    encoded = tokenizer.encode_batch(documents, parallel=os.environ.get("RAYON_NUM_THREADS") != "1")
    seconds = time.perf_counter() - started
    done(seconds=seconds, tokens=sum(len(ids) for ids in encoded))


def encode_fastokens(path, tokenizer_json):
    import fastokens

    tokenizer = fastokens.Tokenizer.from_file(tokenizer_json)
    documents = texts(path)
    started = time.perf_counter()
    tokens = 0
    for at in range(0, len(documents), 1000):
        tokens += sum(len(e.ids) for e in tokenizer.encode_batch(documents[at : at + 1000]))
    done(seconds=time.perf_counter() - started, tokens=tokens)


def clean_datatrove(folder, work):
    """The same job as kopipe's: length and Hangul filters, exact duplicates over everything, zst to zst."""
    import re
    import unicodedata

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import ExactDedupFilter, ExactDedupSignature, ExactFindDedups
    from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig
    from datatrove.pipeline.filters import LambdaFilter
    from datatrove.pipeline.formatters.base import BaseFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.logging import logger

    logger.remove()
    hangul = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")

    class Nfc(BaseFormatter):
        name = "NFC"

        def format(self, text):
            return unicodedata.normalize("NFC", text)

    def korean(document):
        visible = len(re.sub(r"\s", "", document.text))
        return len(document.text) >= 10 and len(hangul.findall(document.text)) >= 0.25 * visible

    started = time.perf_counter()
    os.makedirs(work, exist_ok=True)
    kept, signatures, duplicates, out = (os.path.join(work, name) for name in ("kept", "sigs", "dups", "out"))
    config = ExactDedupConfig(content_getter=lambda document: document.text)
    reader = lambda where: JsonlReader(where, compression="zstd", glob_pattern="*.zst")
    writer = lambda where: JsonlWriter(where, output_filename="${rank}.jsonl.zst", compression="zstd")
    run = lambda *steps: LocalPipelineExecutor(pipeline=list(steps), tasks=1, logging_dir=os.path.join(work, "logs", str(len(os.listdir(work)))), skip_completed=False).run()
    run(reader(folder), Nfc(), LambdaFilter(korean), writer(kept))
    run(reader(kept), ExactDedupSignature(signatures, config))
    run(ExactFindDedups(signatures, duplicates, config))
    run(reader(kept), ExactDedupFilter(duplicates, config), writer(out))
    done(seconds=time.perf_counter() - started)


def columns_datatrove(path, work):
    """Parquet in, Parquet out."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.writers import ParquetWriter
    from datatrove.utils.logging import logger

    logger.remove()
    started = time.perf_counter()
    steps = [ParquetReader(os.path.dirname(path), glob_pattern=os.path.basename(path)), ParquetWriter(os.path.join(work, "out"), compression="zstd")]
    LocalPipelineExecutor(pipeline=steps, tasks=1, logging_dir=os.path.join(work, "logs"), skip_completed=False).run()
    done(seconds=time.perf_counter() - started)


def filters_datatrove(folder, work):
    """Gopher's and FineWeb's filters and the PII formatter, zst to zst. Words are cut at white space: its Korean
    analyser would be slower still."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
    from datatrove.pipeline.filters import fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter
    from datatrove.pipeline.formatters import PIIFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.logging import logger

    logger.remove()
    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        module.split_into_words = lambda text, _language=None: text.split()
    started = time.perf_counter()
    steps = [
        JsonlReader(folder, compression="zstd", glob_pattern="*.zst"),
        GopherRepetitionFilter(),
        GopherQualityFilter(min_doc_words=1, min_avg_word_length=2, min_stop_words=0),
        FineWebQualityFilter(),
        PIIFormatter(),
        JsonlWriter(os.path.join(work, "out"), output_filename="${rank}.jsonl.zst", compression="zstd"),
    ]
    LocalPipelineExecutor(pipeline=steps, tasks=1, logging_dir=os.path.join(work, "logs"), skip_completed=False).run()
    done(seconds=time.perf_counter() - started)


def near_datatrove(folder, out):
    """Its MinHash pipeline, one worker: signatures, buckets, clusters, and the survivors written, zst to zst. Words are cut
    at white space: its Korean analyser would be slower still."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.logging import logger
    from datatrove.utils.word_tokenizers import WordTokenizer

    class Whitespace(WordTokenizer):
        def word_tokenize(self, text):
            return text.split()

        sent_tokenize = span_tokenize = None

    logger.remove()
    started = time.perf_counter()
    signatures, buckets, clusters, survivors = (os.path.join(out, name) for name in ("signatures", "buckets", "clusters", "out"))
    reader = lambda: JsonlReader(folder, compression="zstd", glob_pattern="*.zst")
    writer = JsonlWriter(survivors, output_filename="${rank}.jsonl.zst", compression="zstd")

    def run(name, *steps, tasks=1):
        logs = os.path.join(out, "logs", name)
        LocalPipelineExecutor(pipeline=list(steps), tasks=tasks, workers=1, logging_dir=logs, skip_completed=False).run()

    run("signatures", reader(), MinhashDedupSignature(signatures, language=Whitespace()))
    run("buckets", MinhashDedupBuckets(signatures, buckets), tasks=MinhashConfig().num_buckets)
    run("clusters", MinhashDedupCluster(buckets, clusters))
    run("filter", reader(), MinhashDedupFilter(clusters), writer)
    done(seconds=time.perf_counter() - started)


def signatures_rensa(path):
    """Signatures alone: shingles of five words, 112 permutations."""
    from rensa import RMinHash

    documents = texts(path)
    started = time.perf_counter()
    signed = 0
    for text in documents:
        words = text.split()
        if len(words) < 5:
            continue
        minhash = RMinHash(num_perm=112, seed=1)
        minhash.update([" ".join(words[at : at + 5]) for at in range(len(words) - 4)])
        signed += len(minhash.digest()) == 112
    done(seconds=time.perf_counter() - started, documents=signed)


def warc_trafilatura(path):
    """The main text of a WARC's pages, each given to trafilatura as it is in memory; nothing is written."""
    from trafilatura import extract
    from warcio.archiveiterator import ArchiveIterator

    with open(path, "rb") as file:
        pages = [record.content_stream().read() for record in ArchiveIterator(file) if record.rec_type == "response"]
    started = time.perf_counter()
    found = sum(bool(extract(page)) for page in pages)
    done(seconds=time.perf_counter() - started, documents=found)


JOBS = {
    "columns-datatrove": columns_datatrove,
    "filters-datatrove": filters_datatrove,
    "near-datatrove": near_datatrove,
    "signatures-rensa": signatures_rensa,
    "warc-trafilatura": warc_trafilatura,
    "train-hf": train_hf,
    "train-gigatoken": train_gigatoken,
    "train-ffbpe": train_ffbpe,
    "encode-hf": encode_hf,
    "encode-gigatoken": encode_gigatoken,
    "encode-fastokens": encode_fastokens,
    "clean-datatrove": clean_datatrove,
}

JOBS[sys.argv[1]](*sys.argv[2:])
