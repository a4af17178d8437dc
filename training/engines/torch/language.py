"""A trained model that is asked, not trained: how likely tokens are and which come next, for training/model/language-model.ts.

On a GPU it computes in the type its weights are saved in, on a CPU in fp32. Logits are computed where they are asked for
only, in fp32. What the layers made of a row is kept, so that the row with more tokens behind it costs these alone.
"""

import base64

import torch
from safetensors import safe_open
from torch import Tensor

from model import Attention, NeoX, Shape, rotary_table
from process import told

# Tokens that go through the layers at once, with their padding, and logits at once.
TOKENS = {"cpu": 2**11, "cuda": 2**15}
LOGITS = {"cpu": 2**24, "cuda": 2**27}


class Language:
    def __init__(self, device: torch.device, shape: dict, context: int, files: list[str]) -> None:
        self.device = device
        with torch.device("meta"):
            self.model = NeoX(Shape(**shape), context)
        self.dtype = torch.float32 if device.type == "cpu" else saved_type(files)
        self.model.to_empty(device=device).to(self.dtype).eval()
        self.model.turn = rotary_table(self.model.turn.shape[-1] * 2, context).to(device)
        load(self.model, files)
        self.kept: tuple[list[int], list[tuple[Tensor, Tensor]]] = ([], [])

    @torch.inference_mode()
    def score(self, inputs: list[dict]) -> dict:
        """Of each input's asks the log-probability of the labels in nats, and whether each of them is the most likely."""
        scores: list = [None] * len(inputs)
        size = max(1, LOGITS[self.device.type] // self.model.embed_out.out_features)
        for members in batches([len(row["tokens"]) for row in inputs], TOKENS[self.device.type]):
            hidden = self.padded([inputs[i]["tokens"] for i in members])
            asks = [(at, ask["from"] - 1, ask["labels"]) for at, i in enumerate(members) for ask in inputs[i]["asks"]]
            places = torch.cat([hidden[at, first : first + len(labels)] for at, first, labels in asks])
            labels = torch.tensor([label for _, _, own in asks for label in own], device=self.device)
            parts = [self.judged(*part) for part in zip(places.split(size), labels.split(size))]
            lengths = [len(own) for _, _, own in asks]
            logprobs, best = (torch.cat(part).split(lengths) for part in zip(*parts))
            answers = iter([[told(own.double().sum().item()), bool(right.all())] for own, right in zip(logprobs, best)])
            for i in members:
                scores[i] = [next(answers) for _ in inputs[i]["asks"]]
        return {"scores": scores}

    def judged(self, hidden: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.model.logits(hidden).float()
        chosen = logits.gather(1, labels[:, None])[:, 0]
        return chosen - logits.logsumexp(1), logits.argmax(1) == labels

    @torch.inference_mode()
    def next(self, rows: list[list[int]]) -> dict:
        """The logits behind each row, as the base64 of fp32 numbers."""
        logits: list = [None] * len(rows)
        if len(rows) == 1:
            logits[0] = self.model.logits(self.continued(rows[0])[:, -1])[0]
        else:
            for members in batches([len(row) for row in rows], TOKENS[self.device.type]):
                hidden = self.padded([rows[i] for i in members])
                last = torch.stack([hidden[at, len(rows[i]) - 1] for at, i in enumerate(members)])
                for i, own in zip(members, self.model.logits(last)):
                    logits[i] = own
        return {"logits": [base64.b64encode(own.float().cpu().numpy().tobytes()).decode() for own in logits]}

    def padded(self, rows: list[list[int]]) -> Tensor:
        """What the layers make of rows: padding is on the right, where a causal model does not look."""
        longest = max(len(row) for row in rows)
        tokens = torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=self.device)
        return self.layers(tokens, 0, [None] * len(self.model.gpt_neox.layers))[0]

    def continued(self, row: list[int]) -> Tensor:
        """What the layers make of the end of a row, of which the beginning may be kept."""
        tokens, kept = self.kept
        if not tokens or len(tokens) >= len(row) or row[: len(tokens)] != tokens:
            tokens, kept = [], [None] * len(self.model.gpt_neox.layers)
        hidden, kept = self.layers(torch.tensor([row[len(tokens) :]], device=self.device), len(tokens), kept)
        self.kept = (list(row), kept)
        return hidden

    def layers(self, tokens: Tensor, start: int, before: list) -> tuple[Tensor, list]:
        """The stream behind the last layer of tokens at places from `start` on, and the keys and values of all of them."""
        length = tokens.shape[1]
        turn = self.model.turn[:, start : start + length]
        x = self.model.gpt_neox.embed_in(tokens)
        kept = []
        for layer, past in zip(self.model.gpt_neox.layers, before):
            attended, own = attention(layer.attention, layer.input_layernorm(x), turn, past)
            kept.append(own)
            seen = x + attended if layer.sequential else x
            x = x + attended + layer.mlp(layer.post_attention_layernorm(seen))
        return x, kept


def attention(layer: Attention, x: Tensor, turn: Tensor, past: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """With keys and values of earlier tokens before these; gives all of them, too."""
    query, key, value = layer.parts(x, turn)
    mask = None
    if past is not None:
        key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        # A token sees all that is kept, and those of its own that are not behind it.
        mask = torch.ones(x.shape[1], key.shape[2], dtype=torch.bool, device=x.device).tril(key.shape[2] - x.shape[1])
    return layer.mixed(query, key, value, mask), (key, value)


def batches(lengths: list[int], most: int) -> list[list[int]]:
    """Rows that go together, by their numbers: the longest first, so many as hold `most` tokens with their padding."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    groups: list[list[int]] = []
    for i in order:
        if groups and (len(groups[-1]) + 1) * lengths[groups[-1][0]] <= most:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def load(model: NeoX, files: list[str]) -> None:
    """Fills every parameter; files of others may call the last one as transformers 5 does, and have tables beside."""
    missing = dict(model.named_parameters())
    for path in files:
        with safe_open(path, "pt") as file:
            for name in file.keys():
                own = "embed_out.weight" if name == "lm_head.weight" else name
                parameter = missing.pop(own, None)
                if parameter is None:
                    continue
                values = file.get_tensor(name)
                if values.shape != parameter.shape:
                    raise ValueError(f"{path}: parameter {own} of shape {list(parameter.shape)} has the shape {list(values.shape)}")
                parameter.data.copy_(values)
    if missing:
        raise ValueError(f"{files[0]}: parameter {next(iter(missing))} is missing")


def saved_type(files: list[str]) -> torch.dtype:
    """Of the first embedding, which every model has."""
    for path in files:
        with safe_open(path, "pt") as file:
            if "gpt_neox.embed_in.weight" in file.keys():
                return file.get_tensor("gpt_neox.embed_in.weight").dtype
    return torch.float32
