"""transformers itself on model folders. On stdin a JSON list of [COMMAND, FOLDER, INPUT], on stdout the list of what each gave:
  logits      of the token rows of INPUT ([[id]]), of every place
  tokens      ids of the texts of INPUT, and what they decode to
  generate    greedy continuations of "rows", "tokens" at the most
  make        logits of "rows" by a GPTNeoXForCausalLM of random weights with the configuration "config", which is saved there;
              "shard" and "dtype" say how
"""

import json
import os
import sys

os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GPTNeoXConfig, GPTNeoXForCausalLM

torch.set_num_threads(1)


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def logits(folder, rows):
    model = load(folder)
    with torch.no_grad():
        return {
            "class": type(model).__name__,
            "parameters": sum(p.numel() for p in model.parameters()),
            "logits": [model(torch.tensor([row])).logits[0].tolist() for row in rows],
        }


def tokens(folder, texts):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer(text)["input_ids"] for text in texts]
    special = {"bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}
    return {"ids": ids, "decoded": [tokenizer.decode(row) for row in ids], "special": special, "longest": tokenizer.model_max_length}


def generate(folder, wanted):
    model = load(folder)
    with torch.no_grad():
        return {
            "rows": [
                model.generate(torch.tensor([row]), max_new_tokens=wanted["tokens"], do_sample=False)[0, len(row) :].tolist()
                for row in wanted["rows"]
            ]
        }


def make(folder, wanted):
    torch.manual_seed(1)
    model = GPTNeoXForCausalLM(GPTNeoXConfig(**wanted["config"]))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    shards = {"max_shard_size": wanted["shard"]} if "shard" in wanted else {}
    model.to(getattr(torch, wanted.get("dtype", "float32"))).save_pretrained(folder, **shards)
    return {"files": sorted(os.listdir(folder)), **logits(folder, wanted["rows"])}


if __name__ == "__main__":
    commands = {"logits": logits, "tokens": tokens, "generate": generate, "make": make}
    json.dump([commands[command](folder, given) for command, folder, given in json.load(sys.stdin)], sys.stdout)
