"""Best label sequence of many short word sequences at once (Viterbi 1967, with one switch cost for each sequence)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def best_paths(gain: Floats, first: Ints, enter: Floats, switch: float) -> Ints:
    """Most likely state of each word.

    Args:
        gain: float32[w, k], evidence of each word for each state, nats.
        first: int64[s + 1]; words of sequence i are first[i]:first[i + 1], at least one each.
        enter: float32[s, k], log-prior of each state in each sequence, added at the start and at each switch into the
            state.
        switch: cost of a change of state, nats.

    Returns:
        int64[w], states 0..k-1. Ties go to the lower state, and to staying rather than switching.
    """
    length = np.diff(first)
    order = np.argsort(-length, kind="stable")  # longest first: the running ones are always a prefix
    begin, length, enter = first[:-1][order], length[order], enter[order]
    longest = int(length[0]) if len(length) else 0
    running = np.searchsorted(-length, -np.arange(longest), side="left")  # sequences longer than t
    score = enter + gain[begin]
    came_from = np.empty(gain.shape, np.int16)  # row t of a sequence: best state before its word t
    own = np.arange(gain.shape[1])
    for t in range(1, longest):
        n = int(running[t])
        past = score[:n]
        leader = past.argmax(1)
        change = past[np.arange(n), leader][:, None] - np.float32(switch) + enter[:n]
        stay = past >= change
        came_from[begin[:n] + t] = np.where(stay, own, leader[:, None])
        score[:n] = np.where(stay, past, change) + gain[begin[:n] + t]
    states = np.empty(len(gain), np.int64)
    state = score.argmax(1)
    for t in range(longest - 1, -1, -1):
        n = int(running[t])
        at = begin[:n] + t
        states[at] = state[:n]
        if t:
            state[:n] = came_from[at, state[:n]]
    return states
