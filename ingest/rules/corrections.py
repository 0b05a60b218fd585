"""Corrections by people: «this line should stay, that one should go», as rules of their site with their test cases.

A correction is an ordinary rule with score 1, which no other voter outweighs. It stands in the user's rules folder,
in `corrections/<site>.toml`, may be edited by hand, and is checked by `ingest rules test` like all others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from ingest.errors import RuleError
from ingest.rules._cases import Case
from ingest.rules._normal import normalise
from ingest.rules._spec import DECISIVE, RuleSpec, Signature, SiteSpec, read_file
from ingest.rules.ruleset import RuleSet, load_anew

FOLDER = "corrections"
EVERYWHERE = "everywhere"  # file of the lines whose page belongs to no site that is known
LOOK_ALIKES = 3  # lines near the corrected one that become cases of the other kind
HEAD = "# Made by `ingest rules add`. Change it by hand as you like; `ingest rules test` checks it.\n\n"

_SITE = msgspec.to_builtins(SiteSpec(name=""))
_SIGNATURE = msgspec.to_builtins(Signature())
_RULE = {k: v for k, v in msgspec.to_builtins(RuleSpec(id="", role="")).items() if k not in ("drop", "keep", "phrases")}

_SAFE = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Correction:
    """A line and where it belongs. `near` are lines of the same page on which the opposite is right.

    `signatures` are lines by which pages of the site are known, where nothing else names it. `role` is for lines that
    go.
    """

    text: str
    should: Literal["stay", "go"]
    site: str | None
    role: str = "other-boilerplate"
    near: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a correction: the file and the rule that holds it; `is_new` is False where it stood there."""

    correction: Correction
    file: Path
    rule: str
    is_new: bool


def add(folder: Path, corrections: Iterable[Correction], others: Sequence[Path] = ()) -> tuple[list[Added], int]:
    """Write corrections to the rules in `folder`; returns what was added, and the number of cases that hold.

    All cases of all rules are run with the new ones: shipped rules, `others` (files or folders) and those of the
    folder. If one fails, nothing is changed.

    Raises:
        RuleError: a line that no rule can know, a case that fails, or a file that cannot be read or written.
    """
    before: dict[Path, bytes | None] = {}
    paths = [*others] if any(_same(folder, other) for other in others) else [*others, folder]
    try:
        added = [_add(folder, correction, before) for correction in corrections]
        rules = load_anew(paths)
        if failures := rules.failures():
            raise RuleError(
                "the correction contradicts other cases:\n" + "\n".join(f"    {_words(case)}" for case in failures),
                hint="nothing was changed; correct those lines, too, or the cases in these files",
            )
    except BaseException:
        for path, content in before.items():
            _restore(path, content)
        load_anew([path for path in paths if path.exists()])  # the folder may be new; what went wrong is told below
        raise
    return added, len(rules.cases())


def _add(folder: Path, correction: Correction, before: dict[Path, bytes | None]) -> Added:
    key = normalise(correction.text)
    if not key:
        raise RuleError(
            f"no rule can know the line {correction.text.strip()!r}", hint="a line needs a letter or a digit"
        )
    slug = _slug(correction.site)
    path = folder / FOLDER / f"{slug}.toml"
    if path not in before:
        before[path] = path.read_bytes() if path.exists() else None
    file = _read(path, correction)
    name = "stay" if correction.should == "stay" else f"go-{correction.role}"
    rule_id = f"corrections.{slug}.{name}"
    is_new = _put(file["rule"], rule_id, correction, key)
    _write(path, file)
    return Added(correction, path, rule_id, is_new)


def _put(rules: list[dict[str, Any]], rule_id: str, correction: Correction, key: str) -> bool:
    """Enter the line in its rule, and take it out of all others: a person's last word counts."""
    line = correction.text.strip()
    saves = correction.should == "stay"
    own, other = ("keep", "drop") if saves else ("drop", "keep")
    rule = next((rule for rule in rules if rule["id"] == rule_id), None)
    if rule is None:
        role = "body" if saves else correction.role
        rule = {"id": rule_id, "role": role, "phrases": {"und": []}, "drop": [], "keep": [], "score": DECISIVE}
        rules.append(rule)
    phrases = rule["phrases"].setdefault("und", [])
    is_new = not any(normalise(phrase) == key for phrase in phrases)
    for entry in rules:
        for lines in (entry["drop"], entry["keep"], *entry["phrases"].values()):
            lines[:] = [text for text in lines if normalise(text) != key]
    phrases.append(line)
    rule[own].append(line)
    taken = {normalise(text) for entry in rules for text in entry["phrases"].get("und", ())}
    alike = [text for text in correction.near if normalise(text) not in taken]
    rule[other] = list(dict.fromkeys([*rule[other], *alike[:LOOK_ALIKES]]))
    rules[:] = [entry for entry in rules if any(entry["phrases"].values()) or entry.get("patterns")]
    return is_new


def _read(path: Path, correction: Correction) -> dict[str, Any]:
    """The file as plain values, fit for writing; what a new file begins with where there is none."""
    if path.exists():
        spec: dict[str, Any] = msgspec.to_builtins(read_file(path).spec)
        rules = [_written(rule, _RULE) for rule in spec["rule"]]
        return {"site": _written(spec.pop("site"), _SITE), **spec, "rule": rules}
    if correction.site is None:
        return {"site": None, "rule": []}
    site: dict[str, Any] = {"name": correction.site}
    if correction.signatures:
        weight = 1.0 if len(correction.signatures) == 1 else 0.5  # two of several lines are proof
        site["without_address"] = True
        site["signatures"] = [{"line": line, "weight": weight} for line in correction.signatures]
    return {"site": site, "rule": []}


def _written(values: dict[str, Any] | None, defaults: dict[str, Any]) -> dict[str, Any] | None:
    """Without what is left to its default, so that the file says what a person would write."""
    if values is None:
        return None
    told = {key: value for key, value in values.items() if key not in defaults or value != defaults[key]}
    if "signatures" in told:
        told["signatures"] = [_written(signature, _SIGNATURE) for signature in told["signatures"]]
    return told


def _write(path: Path, file: dict[str, Any]) -> None:
    import tomli_w

    body = {key: value for key, value in file.items() if value}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(HEAD + tomli_w.dumps(body), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise RuleError(
            f"{path}: cannot be written: {error.strerror}", source=path, hint="give another folder with --rules"
        ) from None


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)


def _slug(site: str | None) -> str:
    """A file name for a site: its name if that is plain, else what is plain of it and a hash."""
    if site is None:
        return EVERYWHERE
    if _SAFE.fullmatch(site) and site != EVERYWHERE and ".." not in site and len(site) <= 100:
        return site.rstrip(".")
    plain = re.sub(r"[^a-z0-9]+", "-", site.casefold()).strip("-")[:40] or "site"
    return f"{plain}-{hashlib.blake2b(site.encode(), digest_size=4).hexdigest()}"


def _same(a: Path, b: Path) -> bool:
    return a.resolve() == b.resolve()


def _words(case: Case) -> str:
    return f"{case.rule} must {case.expect} {case.text!r} ({case.file})"


def clear_of_rules(rules: RuleSet, lines: Iterable[str], site: str | None) -> list[str]:
    """Those of the lines that no rule meets, fit to be cases that must be kept."""
    return [line.strip() for line in lines if normalise(line) and not rules.matches(line, site=site)]
