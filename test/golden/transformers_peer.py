"""transformers itself on a model folder, as JSON on stdout:
  logits FOLDER        logits of the token rows on stdin ([[id]]), of every place
  tokens FOLDER        ids of the texts on stdin, and what they decode to
  generate FOLDER N    greedy continuations of the token rows on stdin, N tokens at most
  make FOLDER JSON     the same of a GPTNeoXForCausalLM of random weights with this configuration, which is saved there;
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


def logits(folder):
    model = load(folder)
    rows = json.load(sys.stdin)
    with torch.no_grad():
        return {
            "class": type(model).__name__,
            "parameters": sum(p.numel() for p in model.parameters()),
            "logits": [model(torch.tensor([row])).logits[0].tolist() for row in rows],
        }


def tokens(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [tokenizer(text)["input_ids"] for text in json.load(sys.stdin)]
    special = {"bos": tokenizer.bos_token_id, "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}
    return {"ids": ids, "decoded": [tokenizer.decode(row) for row in ids], "special": special, "longest": tokenizer.model_max_length}


def generate(folder, count):
    model = load(folder)
    rows = json.load(sys.stdin)
    with torch.no_grad():
        return {
            "rows": [
                model.generate(torch.tensor([row]), max_new_tokens=int(count), do_sample=False)[0, len(row) :].tolist()
                for row in rows
            ]
        }


def make(folder, configuration):
    configuration = json.loads(configuration)
    shard, dtype = configuration.pop("shard", None), configuration.pop("dtype", "float32")
    torch.manual_seed(1)
    model = GPTNeoXForCausalLM(GPTNeoXConfig(**configuration))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.to(getattr(torch, dtype)).save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    return {"files": sorted(os.listdir(folder)), **logits(folder)}


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    json.dump({"logits": logits, "tokens": tokens, "generate": generate, "make": make}[command](*arguments), sys.stdout)
