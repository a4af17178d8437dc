"""lm-evaluation-harness itself, with its own task files, prompts, sampling and scoring, on local data; JSON on stdout:
  lm_eval_peer.py MODEL DATA TASKS LIMIT SHOTS [TEXT]
MODEL is a folder that transformers loads, DATA holds NAME.jsonl(.zst) with a split in each row, TASKS and SHOTS have commas
between; TEXT is a file of JSON lines with a text, which is scored as a loglikelihood_rolling task.

The KoBEST tasks are the package's: only where their rows come from is overridden, and rows that have the columns of the
published tables get those of skt/kobest_v1. KLUE, which the package lacks, stands here as the task file one would write.
"""

import contextlib
import json
import os
import pathlib
import sys
import tempfile

os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_EVALUATE_OFFLINE="1")
os.environ.setdefault("LMEVAL_LOG_LEVEL", "ERROR")

import torch
import zstandard

torch.set_num_threads(1)


def rows_of(path):
    plain = pathlib.Path(path)
    if plain.exists():
        lines = plain.read_text()
    else:
        with open(f"{path}.zst", "rb") as file:
            lines = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read().decode()
    return [json.loads(line) for line in lines.split("\n") if line.strip()]


def truth(value):
    return {"true": 1, "false": 0}[value.lower()]


# Published table → the columns of skt/kobest_v1.
COLUMNS = {
    "kobest_boolq": lambda r: {"paragraph": r["Text"], "question": r["Question"], "label": truth(r["Answer"])},
    "kobest_copa": lambda r: {
        "premise": r["sentence"],
        "question": r["question"],
        "alternative_1": r["1"],
        "alternative_2": r["2"],
        "label": int(r["Answer"]) - 1,
    },
    "kobest_hellaswag": lambda r: {
        "context": r["context"],
        **{f"ending_{i}": r[f"choice{i}"] for i in (1, 2, 3, 4)},
        "label": int(r["label"]),
    },
    "kobest_sentineg": lambda r: {"sentence": r["Text"], "label": int(r["Label"])},
    "kobest_wic": lambda r: {
        "word": r["Target"],
        "context_1": r["SENTENCE1"],
        "context_2": r["SENTENCE2"],
        "label": truth(r["ANSWER"]),
    },
    "klue_nli": lambda r: {
        "guid": r["guid"],
        "premise": r["premise"],
        "hypothesis": r["hypothesis"],
        "label": ["entailment", "neutral", "contradiction"].index(r["gold_label"]),
    },
    "klue_sts": lambda r: {"guid": r["guid"], "sentence1": r["sentence1"], "sentence2": r["sentence2"], "label": r["labels"]["binary-label"]},
}


def macro_f1(items):
    from sklearn.metrics import f1_score

    return f1_score([gold for gold, _ in items], [predicted for _, predicted in items], average="macro")


def binary_f1(items):
    from sklearn.metrics import f1_score

    return f1_score([gold for gold, _ in items], [predicted for _, predicted in items])


def klue(f1, text, choices):
    return {
        "output_type": "multiple_choice",
        "validation_split": "validation",
        "doc_to_text": text,
        "doc_to_target": "{{label}}",
        "doc_to_choice": choices,
        "metric_list": [
            {"metric": "acc", "aggregation": "mean", "higher_is_better": True},
            {"metric": "f1", "aggregation": f1, "higher_is_better": True},
        ],
    }


KLUE = {
    "klue_nli": klue(macro_f1, "{{premise}}:{{hypothesis|trim}}", ["(참)", "(중립)", "(모순)"]),
    "klue_sts": klue(binary_f1, "문장1: {{sentence1}}\n문장2: {{sentence2}}\n정답:", ["다름", "같음"]),
}


def local(name, data, into):
    files = {}
    for row in rows_of(os.path.join(data, f"{name}.jsonl")):
        split = row.pop("split")
        files.setdefault(split, []).append(row if "label" in row and name != "kobest_hellaswag" else COLUMNS[name](row))
    for split, rows in files.items():
        path = os.path.join(into, f"{name}.{split}.jsonl")
        pathlib.Path(path).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        files[split] = path
    return {**(KLUE.get(name) or packaged(name)), "task": name, "dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": files}}


def packaged(name):
    """The task as the package's own file has it."""
    import lm_eval.tasks
    from lm_eval.tasks._yaml_loader import load_yaml

    return load_yaml(pathlib.Path(lm_eval.tasks.__file__).parent / "kobest" / f"{name}.yaml", resolve_func=True)


def rolling(text):
    return {
        "task": "text",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": text}},
        "output_type": "loglikelihood_rolling",
        "test_split": "test",
        "doc_to_text": "",
        "doc_to_target": "{{text}}",
        "metric_list": [{"metric": "bits_per_byte"}],
    }


def main(model, data, tasks, limit, shots, text=None):
    import datasets
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    # All tasks stand here: reading the package's 13,000 files for their names takes longer than the rest.
    manager = TaskManager(include_defaults=False)
    datasets.disable_progress_bars()
    lm = HFLM(pretrained=model, dtype="float32", device="cpu", batch_size=8)
    with tempfile.TemporaryDirectory() as folder:
        datasets.config.HF_DATASETS_CACHE = pathlib.Path(folder) / "cache"
        chosen = [local(name, data, folder) for name in tasks.split(",") if name] + ([rolling(text)] if text else [])
        runs = {
            number: found(
                lm_eval.simple_evaluate(
                    model=lm,
                    tasks=chosen,
                    num_fewshot=int(number),
                    limit=int(limit) or None,
                    log_samples=True,
                    bootstrap_iters=1000,
                    task_manager=manager,
                )
            )
            for number in shots.split(",")
        }
    return {"version": lm_eval.__version__, "runs": runs}


def found(results):
    samples = {
        name: [
            {
                "doc": sample["doc_id"],
                "prompt": sample["arguments"][0][0],
                "gold": sample["target"],
                "results": [
                    [float(answer[0]), bool(answer[1])] if isinstance(answer, (list, tuple)) else float(answer)
                    for answer in sample["filtered_resps"]
                ],
                **{key: sample[key] for key in ("acc", "acc_norm") if key in sample},
            }
            for sample in own
        ]
        for name, own in results["samples"].items()
    }
    scores = {
        name: {key.split(",")[0]: value for key, value in own.items() if isinstance(value, (int, float))}
        for name, own in results["results"].items()
    }
    return {"results": scores, "samples": samples}


if __name__ == "__main__":
    # The harness prints.
    with contextlib.redirect_stdout(sys.stderr):
        everything = main(*sys.argv[1:])
    json.dump(everything, sys.stdout)
