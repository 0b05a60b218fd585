"""Rules together with what the files of languages say for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ingest.errors import RuleError
from ingest.rules._spec import FileSpec, RuleFile, RuleSpec

# Where patterns of several languages know a line, the first names its language: the likelier ones stand first.
_FIRST = ("und", "en", "ru", "kk", "uz", "de", "es")
_Said = tuple[str, list[str]]  # language, phrases or patterns


def with_words(files: Sequence[RuleFile]) -> list[RuleFile]:
    """The files in their order, each rule with the phrases and patterns of all files.

    Raises `RuleError` for words without a language or of a rule that is in no file, and for a rule without any.
    """
    ids = {rule.id for file in files for rule in file.spec.rule}
    phrases: defaultdict[str, list[_Said]] = defaultdict(list)
    patterns: defaultdict[str, list[_Said]] = defaultdict(list)
    for file in sorted(files, key=_order):
        spec = file.spec
        if spec.phrases or spec.patterns:
            language = _language(file, ids)
            for rule_id, said in spec.phrases.items():
                phrases[rule_id].append((language, said))
            for rule_id, said in spec.patterns.items():
                patterns[rule_id].append((language, said))

    def complete(file: RuleFile, rule: RuleSpec) -> RuleSpec:
        of_rule, patterns_of_rule = phrases.get(rule.id, ()), patterns.get(rule.id, ())
        if of_rule or patterns_of_rule:
            return replace(
                rule, phrases=_joined(rule.phrases, of_rule), patterns=_joined(rule.patterns, patterns_of_rule)
            )
        if not rule.phrases and not rule.patterns:
            raise RuleError(
                f"{file.path}: rule {rule.id!r}: neither phrases nor patterns",
                source=file.path,
                hint="a rule needs something to match, here or in a file of a language",
            )
        return rule

    def completed(file: RuleFile) -> FileSpec:
        return replace(file.spec, rule=[complete(file, rule) for rule in file.spec.rule])

    return [replace(file, spec=completed(file)) for file in files]


def _language(file: RuleFile, ids: set[str]) -> str:
    if not file.spec.language:
        raise RuleError(
            f"{file.path}: phrases or patterns without a language",
            source=file.path,
            hint='give one for the file: language = "kk"',
        )
    for rule_id in (*file.spec.phrases, *file.spec.patterns):
        if rule_id not in ids:
            raise RuleError(
                f"{file.path}: phrases or patterns of the rule {rule_id!r}, which is in no file",
                source=file.path,
                hint="`ingest rules list` names all rules",
            )
    return file.spec.language


def _order(file: RuleFile) -> int:
    return _FIRST.index(file.spec.language) if file.spec.language in _FIRST else len(_FIRST)


def _joined(own: dict[str, list[str]], said: Iterable[_Said]) -> dict[str, list[str]]:
    joined = dict(own)
    for language, more in said:
        joined[language] = [*joined[language], *more] if language in joined else more
    return joined
