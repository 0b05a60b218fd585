"""Training loop of the line model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from ingest.models.overlap import BUCKETS
from scripts.line_model.net import Batch, Net
from scripts.line_model.prepared import ROLES, Prepared

VOCABULARY = 12_000
MIN_SITES = 6


F32 = npt.NDArray[np.float32]
Extra = Callable[[int, np.random.Generator], F32]


@dataclass
class Source:
    """One prepared variant of some pages: how often each document is drawn per epoch, and what else a draw shows.

    extra: float32[rows, n_extra] for a document, features beside those that the page itself has; they reach the net in
    its second step, unscaled. None for zeros.
    """

    data: Prepared
    rate: npt.NDArray[np.float64]
    extra: Extra | None = None


@dataclass
class Fitted:
    """A trained net with what its inputs need."""

    net: Net
    vocabulary: npt.NDArray[np.uint64]  # sorted
    mean: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]
    n_alone: int
    n_extra: int = 0


def vocabulary(sources: list[tuple[Prepared, npt.NDArray[np.int64]]], size: int = VOCABULARY) -> npt.NDArray[np.uint64]:
    """The tokens that stand on the most sites, sorted by hash. sources: (data, site number of each document
    or -1).
    """
    pairs = []
    for data, site in sources:
        for tokens, rows in ((data.head, data.head_row), (data.tail, data.tail_row)):
            doc = np.searchsorted(data.span, rows, side="right") - 1
            use = site[doc] >= 0
            both = np.empty(int(use.sum()), dtype=[("t", np.uint64), ("s", np.int64)])
            both["t"], both["s"] = tokens[use], site[doc][use]
            pairs.append(np.unique(both))
    merged = np.unique(np.concatenate(pairs))
    tokens, count = np.unique(merged["t"], return_counts=True)
    keep = (count >= MIN_SITES) & (tokens != 0)
    tokens, count = tokens[keep], count[keep]
    best = np.lexsort((tokens, -count))[:size]
    return np.sort(tokens[best])


def lookup(vocab: npt.NDArray[np.uint64], tokens: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """1-based numbers in the vocabulary, 0 for the rest."""
    at = np.searchsorted(vocab, tokens).clip(0, len(vocab) - 1)
    return np.where(vocab[at] == tokens, at + 1, 0)


@dataclass
class Encoded:
    """A source's tokens as vocabulary numbers."""

    head: npt.NDArray[np.int64]
    tail: npt.NDArray[np.int64]


def encode(data: Prepared, vocab: npt.NDArray[np.uint64]) -> Encoded:
    return Encoded(lookup(vocab, data.head), lookup(vocab, data.tail))


def batch_of(
    picks: list[tuple[Prepared, Encoded, int, F32]], mean: npt.NDArray[np.float32], scale: npt.NDArray[np.float32],
    rng: np.random.Generator | None = None,
) -> tuple[Batch, dict[str, Tensor]]:  # fmt: skip
    """Rows of the picked documents as one batch; `rng` hides words: each document loses another share of
    them, so that pages in languages of which the vocabulary holds little are nothing new.
    """
    parts: dict[str, list[npt.NDArray[np.generic]]] = {}

    def add(name: str, value: npt.NDArray[np.generic]) -> None:
        parts.setdefault(name, []).append(value)

    at = 0
    drop = (
        np.zeros(len(picks))
        if rng is None
        else np.where(rng.random(len(picks)) < 0.4, rng.random(len(picks)) * 1.2, 0.1)
    )
    for k, (data, codes, d, extra) in enumerate(picks):
        add("extra", extra)
        rows = slice(data.span[d], data.span[d + 1])
        n = rows.stop - rows.start
        for name in ("alone", "context", "size", "words", "kept", "role", "title"):
            add(name, getattr(data, name)[rows])
        for name in ("head", "tail"):
            span = getattr(data, f"{name}_span")
            tokens = slice(span[d], span[d + 1])
            ids = getattr(codes, name)[tokens]
            if rng is not None:
                ids = ids * (rng.random(len(ids)) >= drop[k])
            add(name, ids)
            add(f"{name}_row", getattr(data, f"{name}_row")[tokens] - data.span[d] + at)
        add("word", data.word[data.word_span[d] : data.word_span[d + 1]].astype(np.int64) + k * BUCKETS)
        add("word_row", np.repeat(np.arange(n) + at, data.n_words[rows]))
        add("doc", np.full(n, k))
        add("gold", data.gold[d : d + 1])
        at += n
    a = {key: np.concatenate(value) for key, value in parts.items()}
    x = np.concatenate([a.pop("alone"), a.pop("context"), a.pop("extra")], 1).astype(np.float32)
    x = (x - mean) / scale
    n_alone = picks[0][0].alone.shape[1]
    tensors = {key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in a.items()}
    tensors["alone"] = torch.from_numpy(np.ascontiguousarray(x[:, :n_alone]))
    tensors["context"] = torch.from_numpy(np.ascontiguousarray(x[:, n_alone:]))
    tensors["size"] = tensors["size"].float()
    targets = {key: tensors[key] for key in ("words", "kept", "role", "title", "gold")}
    return Batch(
        **{
            k: tensors[k]
            for k in ("alone", "context", "size", "doc", "head", "head_row", "tail", "tail_row", "word", "word_row")
        }
    ), targets


@dataclass
class Kit:
    """What a net with other inputs brings along: itself, its tokens as numbers, and its batches."""

    net: Callable[[int, int, int, int], Net]
    encode: Callable[..., Encoded]
    batch: Callable[..., tuple[Batch, dict[str, Tensor]]]


ROLE_LOSS = 0.4
TITLE_WEIGHT = 0.2  # a title may or may not be in the gold text; it is given its role and kept apart from the text


def loss_of(
    b: Batch, t: dict[str, Tensor], out: tuple[Tensor, Tensor, Tensor, Tensor], soft: float, rarity: Tensor
) -> Tensor:
    """Cross entropy by words, each page alike, plus one minus the page's soft word F1, plus the roles."""
    alone, middle, content, roles = out
    words = t["words"].float()
    kept = torch.where(t["title"], torch.zeros_like(words), t["kept"].float())
    target = kept / words.clamp(min=1)
    weight = (words + 3) ** 0.75 * torch.where(t["title"], TITLE_WEIGHT, 1.0) * (words > 0)
    of_page = torch.zeros(b.n_docs).index_add_(0, b.doc, weight)
    weight = weight / of_page.clamp(min=1)[b.doc] / b.n_docs

    def entropy(logit: Tensor) -> Tensor:
        return (F.binary_cross_entropy_with_logits(logit, target, reduction="none") * weight).sum()

    p = torch.sigmoid(content)
    free = torch.where(t["title"], torch.zeros_like(words), words)
    hit = torch.zeros(b.n_docs).index_add_(0, b.doc, p * kept)
    said = torch.zeros(b.n_docs).index_add_(0, b.doc, p * free)
    gold = torch.zeros(b.n_docs).index_add_(0, b.doc, kept).clamp(min=1)
    f1 = 1 - (2 * hit / (said + gold)).mean()
    known = (t["role"] >= 0).float()
    role = F.cross_entropy(roles, t["role"].clamp(min=0), reduction="none")
    role_weight = known * rarity[t["role"].clamp(min=0)]
    role_loss = (role * role_weight).sum() / role_weight.sum().clamp(min=1)
    return entropy(content) + 0.3 * entropy(middle) + 0.3 * entropy(alone) + soft * f1 + ROLE_LOSS * role_loss


def fit(
    sources: list[Source], vocab: npt.NDArray[np.uint64], *, epochs: int, seed: int, n_extra: int = 0,
    docs_per_batch: int = 16, rate: float = 2e-3, soft: float = 0.3, decay: float = 0.2, log: bool = True,
    kit: Kit | None = None,
) -> Fitted:  # fmt: skip
    """Train a net; `kit` is for nets with more inputs. Deterministic for a given torch build on one thread."""
    kit = kit or Kit(Net, encode, batch_of)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    x = np.concatenate([np.concatenate([s.data.alone[::17], s.data.context[::17]], 1) for s in sources])
    mean = np.append(x.astype(np.float32).mean(0), np.zeros(n_extra, np.float32))
    scale = np.append(np.maximum(x.astype(np.float32).std(0), 0.05), np.ones(n_extra, np.float32)).astype(np.float32)
    codes = [kit.encode(s.data, vocab) for s in sources]
    n_alone = sources[0].data.alone.shape[1]
    net = kit.net(n_alone, sources[0].data.context.shape[1] + n_extra, len(vocab), len(ROLES))
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    expected = sum(s.rate.sum() for s in sources) * epochs / docs_per_batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=int(expected * 1.2) + 10, pct_start=0.1)
    found = np.zeros(len(ROLES))
    for source in sources:
        found += np.bincount(source.data.role[source.data.role >= 0], minlength=len(ROLES))
    rarity = torch.from_numpy((found.max() / np.maximum(found, 100)) ** 0.5).float()
    average = {k: v.clone() for k, v in net.state_dict().items()}
    step = 0

    def shown(k: int, d: int) -> F32:
        extra = sources[k].extra
        return nothing(sources[k].data, d, n_extra) if extra is None else extra(d, rng)

    for epoch in range(epochs):
        picks = [
            (k, d)
            for k, s in enumerate(sources)
            for d in np.flatnonzero(rng.random(len(s.rate)) < s.rate).tolist()
            if s.data.span[d + 1] > s.data.span[d] and s.data.span[d + 1] - s.data.span[d] < 6000
        ]
        order = rng.permutation(len(picks))
        total = 0.0
        net.train()
        for first in range(0, len(order), docs_per_batch):
            some = [picks[i] for i in order[first : first + docs_per_batch]]
            b, t = kit.batch([(sources[k].data, codes[k], d, shown(k, d)) for k, d in some], mean, scale, rng)
            loss = loss_of(b, t, net(b), soft, rarity)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            if step < expected * 1.2:
                schedule.step()
            step += 1
            total += loss.item() * len(some)
            if step > 0.6 * expected:  # the average of the last weights is steadier than the last
                keep = 0.995
                for key, value in net.state_dict().items():
                    average[key].mul_(keep).add_(value, alpha=1 - keep)
            else:
                average = {k: v.clone() for k, v in net.state_dict().items()}
        if log:
            print(f"epoch {epoch} loss {total / len(order):.4f} steps {step}", flush=True)
    net.load_state_dict(average)
    net.eval()
    return Fitted(net, vocab, mean, scale, n_alone, n_extra)


def nothing(data: Prepared, d: int, n_extra: int) -> F32:
    """Extra features of a document of which nothing more is known."""
    return np.zeros((int(data.span[d + 1] - data.span[d]), n_extra), np.float32)


def predict(
    f: Fitted, data: Prepared, docs: npt.NDArray[np.int64], codes: Encoded | None = None, kit: Kit | None = None,
    extra: Callable[[int], F32] | None = None,
) -> dict[int, F32]:  # fmt: skip
    """Per document float32[rows, 2 + roles]: logits of content and alone, then log probabilities of roles."""
    shown = extra or (lambda d: nothing(data, d, f.n_extra))
    kit = kit or Kit(Net, encode, batch_of)
    codes = codes or kit.encode(data, f.vocabulary)
    out: dict[int, npt.NDArray[np.float32]] = {}
    usable = [d for d in docs.tolist() if data.span[d + 1] > data.span[d]]
    with torch.no_grad():
        for first in range(0, len(usable), 32):
            some = usable[first : first + 32]
            b, _ = kit.batch([(data, codes, d, shown(d)) for d in some], f.mean, f.scale)
            alone, _, content, roles = f.net(b)
            both = torch.cat([content[:, None], alone[:, None], torch.log_softmax(roles, 1)], 1).numpy()
            for k, part in enumerate(np.split(both, np.cumsum(b.count.long().numpy())[:-1])):
                out[some[k]] = part
    return out
