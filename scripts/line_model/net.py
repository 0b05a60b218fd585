"""The line model's network in torch, for training. `ingest.models.line_model` runs the same in NumPy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ingest.models.overlap import BUCKETS, N_OVERLAP, RARE
from ingest.models.pages import LETTERS, LIMIT, MASS, N_MASS, UNIT

DIM = 16  # of a word's vector
DROPOUT = 0.25
HIDDEN = 64
TOP = LIMIT / UNIT  # of activations in inference
DILATIONS = (1, 2, 4, 8, 16)
REACH = 16  # channels that tell each line of the page's lines above it, and as many of those below, at any distance


class Net(nn.Module):
    """Two steps: the line alone, then the line among its neighbours and its page."""

    def __init__(self, n_alone: int, n_context: int, n_words: int, n_roles: int) -> None:
        super().__init__()
        self.words = nn.Embedding(n_words + 1, DIM, padding_idx=0)  # row 0: a word that is not in the vocabulary
        nn.init.normal_(self.words.weight, std=0.05)
        with torch.no_grad():
            self.words.weight[0] = 0
        self.alone1 = nn.Linear(n_alone + 2 * DIM + 2, HIDDEN)
        self.alone2 = nn.Linear(HIDDEN, HIDDEN)
        self.alone_out = nn.Linear(HIDDEN, 1)
        self.context = nn.Linear(HIDDEN + n_context + N_MASS, HIDDEN)
        self.page1 = nn.Linear(3 * HIDDEN, HIDDEN)
        self.convs = nn.ModuleList(nn.Linear(3 * HIDDEN, HIDDEN) for _ in DILATIONS)
        self.reach = nn.Linear(HIDDEN, 2 * REACH)
        self.reached = nn.Linear(HIDDEN + 2 * REACH, HIDDEN)
        self.middle_out = nn.Linear(HIDDEN, 1)
        self.page2 = nn.Linear(3 * HIDDEN, HIDDEN)
        self.final = nn.Linear(HIDDEN + N_MASS + N_OVERLAP, HIDDEN)
        self.content_out = nn.Linear(HIDDEN, 1)
        self.roles = nn.Linear(2 * HIDDEN + N_MASS + N_OVERLAP, HIDDEN)
        self.roles_out = nn.Linear(HIDDEN, n_roles)
        self.dropout = nn.Dropout(DROPOUT)

    def thin(self, b: Batch, h: Tensor) -> Tensor:
        """Dropout of whole channels per document: cheaper than per line, and neighbours cannot fill in."""
        return h * self.dropout(torch.ones(b.n_docs, h.shape[1]))[b.doc] if self.training else h

    def bag(self, ids: Tensor, rows: Tensor, n: int) -> tuple[Tensor, Tensor]:
        """Mean vector of the words of each row, unknown ones counting as zero, and the share of words that
        are known.
        """
        known = (ids > 0).float()
        total = torch.zeros(n, DIM).index_add_(0, rows, self.words(ids))
        count = torch.zeros(n).index_add_(0, rows, known)
        every = torch.zeros(n).index_add_(0, rows, torch.ones_like(known))
        return total / every.clamp(min=1)[:, None], (count / every.clamp(min=1))[:, None]

    def inputs(self, b: Batch) -> Tensor:
        """[n, k]: what a line shows by itself."""
        n = len(b.alone)
        head, head_known = self.bag(b.head, b.head_row, n)
        tail, tail_known = self.bag(b.tail, b.tail_row, n)
        return torch.cat([b.alone, head, tail, head_known, tail_known], 1)

    def forward(self, b: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits (alone, middle, content), each [n], and roles [n, n_roles]."""
        x = torch.relu(self.alone1(self.inputs(b)))
        x = torch.relu(self.alone2(self.dropout(x)))
        alone = self.alone_out(x)[:, 0]
        h = torch.relu(self.context(torch.cat([x, b.context, self.mass(b, alone)], 1)))
        h = (h + self.page(self.page1, b, h)).clamp(max=TOP)
        for dilation, conv in zip(DILATIONS, self.convs, strict=True):
            g = self.thin(b, h)
            both = torch.cat([shift(g, b.doc, dilation), g, shift(g, b.doc, -dilation)], 1)
            h = (h + torch.relu(conv(both))).clamp(max=TOP)
        both = torch.cat([h, self.extremes(b, torch.relu(self.reach(self.thin(b, h))).clamp(max=TOP))], 1)
        h = (h + torch.relu(self.reached(both))).clamp(max=TOP)
        middle = self.middle_out(h)[:, 0]
        h = (h + self.page(self.page2, b, h)).clamp(max=TOP)
        mass = torch.cat([self.mass(b, middle), self.overlap(b, middle)], 1)
        z = self.dropout(torch.relu(self.final(torch.cat([h, mass], 1))))
        r = self.dropout(torch.relu(self.roles(torch.cat([h, mass, x], 1))))
        return alone, middle, self.content_out(z)[:, 0], self.roles_out(r)

    @staticmethod
    def mass(b: Batch, logit: Tensor) -> Tensor:
        """Where each line stands among the page's probable text: the shares of it above and below, its share of the
        page, and how much improbable text lies between the line and the middle of the probable.
        """
        p = torch.sigmoid(logit)
        weight = p * b.size
        run = torch.cumsum(weight.double(), 0)
        total = torch.zeros(b.n_docs, dtype=torch.float64).index_add_(0, b.doc, weight.double())
        begin = torch.cumsum(total, 0) - total
        above = (run - weight - begin[b.doc]) / total[b.doc].clamp(min=1)
        sizes = torch.zeros(b.n_docs).index_add_(0, b.doc, b.size)
        of_page = total / sizes.clamp(min=1)
        below = 1 - above - weight / total[b.doc].clamp(min=1)
        shares = MASS * torch.stack([above, below, of_page[b.doc]], 1).float()
        with torch.no_grad():
            first = torch.cumsum(b.count, 0).long() - b.count.long()
            middle = torch.searchsorted(run, begin + total / 2)
            middle = torch.minimum(torch.maximum(middle, first), first + b.count.long() - 1)[b.doc]
            far = []
            for rest, per in (((1 - p) * b.size, LETTERS), (1 - p, 1.0)):
                between = torch.cumsum(rest.double(), 0) - rest / 2
                d = between - between[middle]
                far.append(torch.sign(d) * torch.log1p(d.abs() / per))
        return torch.cat([shares, torch.stack(far, 1).float()], 1)

    @staticmethod
    @torch.no_grad()
    def overlap(b: Batch, logit: Tensor) -> Tensor:
        """See `ingest.models.overlap`."""
        p, n = torch.sigmoid(logit).double(), len(logit)
        mine, size = p[b.word_row], b.n_docs * BUCKETS
        body = torch.zeros(size, dtype=torch.float64).index_add_(0, b.word, mine)[b.word] - mine
        every = torch.bincount(b.word, minlength=size)[b.word] - 1
        rare = every < RARE
        inside = body.clamp(max=1)
        n_words = torch.bincount(b.word_row, minlength=n).clamp(min=1)
        values = torch.stack([inside, inside * rare, (every - body).clamp(max=1) * rare], 1)
        sums = torch.zeros(n, N_OVERLAP, dtype=torch.float64).index_add_(0, b.word_row, values)
        return (MASS * sums / n_words[:, None]).float()

    @staticmethod
    def extremes(b: Batch, h: Tensor) -> Tensor:
        """The greatest value from the page's first line to each line, of the first `REACH` channels, and from each line
        to the page's last, of the others.
        """
        lift = b.doc.double()[:, None] * (2 * TOP)  # so that no document reaches into the next
        above = torch.cummax(h[:, :REACH].double() + lift, 0).values - lift
        turned = (h[:, REACH:].double() + lift.flip(0)[:1] - lift).flip(0)
        below = torch.cummax(turned, 0).values.flip(0) - (lift.flip(0)[:1] - lift)
        return torch.cat([above, below], 1).float()

    @staticmethod
    def page(layer: nn.Module, b: Batch, h: Tensor) -> Tensor:
        """What the page says as a whole, for each of its lines: mean, mean by size, and maximum of `h`."""
        n, width = b.n_docs, h.shape[1]
        mean = torch.zeros(n, width).index_add_(0, b.doc, h) / b.count[:, None]
        sizes = torch.zeros(n).index_add_(0, b.doc, b.size)
        by_size = torch.zeros(n, width).index_add_(0, b.doc, h * b.size[:, None]) / sizes.clamp(min=1)[:, None]
        top = torch.zeros(n, width).scatter_reduce(0, b.doc[:, None].expand(-1, width), h, "amax", include_self=False)
        out: Tensor = torch.relu(layer(torch.cat([mean, by_size, top], 1)))[b.doc]
        return out


class Batch:
    """Tensors of some documents' rows; rows of one document are adjacent."""

    def __init__(self, **arrays: Tensor) -> None:
        self.alone, self.context, self.size = arrays["alone"], arrays["context"], arrays["size"]
        self.doc, self.head, self.head_row = arrays["doc"], arrays["head"], arrays["head_row"]
        self.tail, self.tail_row = arrays["tail"], arrays["tail_row"]
        self.word, self.word_row = arrays["word"], arrays["word_row"]  # buckets of words, and their rows
        self.n_docs = int(self.doc[-1]) + 1
        self.count = torch.bincount(self.doc, minlength=self.n_docs).float()


def shift(h: Tensor, doc: Tensor, by: int) -> Tensor:
    """Row i takes row i - by, zero where that is another document's."""
    if abs(by) >= len(h):
        return torch.zeros_like(h)
    empty = torch.zeros(abs(by), h.shape[1])
    if by > 0:
        same = (doc[by:] == doc[:-by])[:, None]
        return torch.cat([empty, h[:-by] * same])
    same = (doc[:by] == doc[-by:])[:, None]
    return torch.cat([h[-by:] * same, empty])
