"""Reading rule files: versions, third-party packs, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest import plugins
from ingest.errors import RuleError
from ingest.rules import RuleSet, load
from ingest.rules._spec import find_files, read_file

GOOD = """[[rule]]
id = "x.y"
role = "share"
drop = ["Quux this"]
keep = ["a", "b"]
[rule.phrases]
en = ["Quux this"]
"""


def write(folder: Path, text: str, name: str = "more.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("role = ", "rolle = "), "rolle"),
        (('"share"', '"shared"'), "unknown role 'shared'"),
        (('"x.y"', '"X"'), "bad id"),
        (('drop = ["Quux this"]', ""), "no drop or no keep cases"),
        (("[rule.phrases]\n", '[rule.phrases]\nru = ["***"]\n'), "no letter or digit"),
        (("[rule.phrases]", '[rule.patterns]\nru = [".+"]\n[rule.phrases]'), "wildcard"),
        (("[rule.phrases]", '[rule.patterns]\nru = ["abc("]\n[rule.phrases]'), "missing )"),
        (("[rule.phrases]", '[rule.patterns]\nru = ["Abcd"]\n[rule.phrases]'), "no normalised line has: A"),
        (('role = "share"', 'role = "share"\nscore = 2'), "score 2"),
        (('role = "share"', 'role = "share"\nscope = "all"'), "all"),
        (("[[rule]]", "[[rule]"), "more.toml"),
    ],
)
def test_malformed_file_names_file_rule_and_remedy(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    """Each fault raises RuleError with the path, what is wrong, and a hint."""
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(RuleError) as caught:
        read_file(path)
    assert str(path) in caught.value.message
    assert says in caught.value.message
    assert caught.value.hint


def test_type_error_names_the_rule(tmp_path: Path) -> None:
    """A wrong type inside the second rule is reported with that rule's id, not only its position."""
    path = write(tmp_path, GOOD + GOOD.replace("x.y", "x.z").replace('"share"', "3"))
    with pytest.raises(RuleError, match=r"x\.z"):
        read_file(path)


WORDS = """language = "{}"
[phrases]
"{}" = ["Quux deze"]
[patterns]
"{}" = ['quux (?:deze|die) 0']
"""


def test_a_file_of_a_language_adds_words_to_any_rule(tmp_path: Path) -> None:
    """Phrases and patterns of one language may stand apart from their rule, a shipped one as well as an own one."""
    write(tmp_path, GOOD)
    write(tmp_path, WORDS.format("nl", "x.y", "x.y"), "nl.toml")
    write(
        tmp_path,
        WORDS.format("af", "share.print", "share.print").replace("Quux", "Quuux").replace("quux", "quuux"),
        "af.toml",
    )
    rules = load([tmp_path])
    assert [rules.matches(line) for line in ("Quux this", "» Quux DEZE", "Quux die 7", "Quuux deze")] == [
        ["x.y"], ["x.y"], ["x.y"], ["share.print"],
    ]  # fmt: skip
    assert rules.explain("x.y").phrases == {"en": ["Quux this"], "nl": ["Quux deze"]}
    assert rules.version != load([tmp_path / "more.toml"]).version


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WORDS.format("nl", "x.z", "x.z"), r"x\.z.*in no file"),
        (WORDS.format("", "x.y", "x.y"), "without a language"),
        (WORDS.format("nl", "x.y", "x.y").replace("Quux deze", "***"), r"x\.y.*no letter or digit"),
        (WORDS.format("nl", "x.y", "x.y").replace("quux (?:deze|die) 0", ".+"), r"x\.y.*wildcard"),
        (GOOD.replace('[rule.phrases]\nen = ["Quux this"]\n', "").replace("x.y", "x.z"), "neither"),
    ],
)
def test_faults_in_words_of_a_language_name_file_and_rule(tmp_path: Path, text: str, says: str) -> None:
    """Words of no rule, of no language or that match nothing are refused, and so is a rule that has none."""
    write(tmp_path, GOOD)
    path = write(tmp_path, text, "nl.toml")
    with pytest.raises(RuleError, match=says) as caught:
        load([tmp_path])
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_missing_file_is_a_rule_error(tmp_path: Path) -> None:
    """A path that is not there is named."""
    with pytest.raises(RuleError, match="nothing-here"):
        load([tmp_path / "nothing-here.toml"])


def test_same_id_twice_is_refused(tmp_path: Path) -> None:
    """Two rules of one id cannot be told apart in the removed table."""
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "other.toml")
    with pytest.raises(RuleError, match=r"x\.y"):
        load([tmp_path])


def test_extra_rules_work_and_change_the_version(tmp_path: Path) -> None:
    """A file given beside the shipped rules takes part, and the version tells."""
    more = load([write(tmp_path, GOOD)])
    assert more.matches("» QUUX this") == ["x.y"]
    assert load().matches("» QUUX this") == []
    assert more.version != load().version
    assert load() is load()
    assert RuleSet([read_file(path) for path in find_files(())]).version == load().version


def test_entry_point_names_a_folder_or_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed packs are found by their entry point; one that names something else is refused."""
    write(tmp_path, GOOD)

    monkeypatch.setattr(plugins, "names", lambda kind: ["pack"])
    monkeypatch.setattr(plugins, "load", lambda kind, name: str(tmp_path))
    assert tmp_path / "more.toml" in find_files(())
    monkeypatch.setattr(plugins, "load", lambda kind, name: 3)
    with pytest.raises(RuleError, match="pack"):
        find_files(())


def test_site_rules_run_only_on_their_site(tmp_path: Path) -> None:
    """A site pack is found by host, parent domain or signature, and its rules touch no other site."""
    write(
        tmp_path,
        '[site]\nname = "The Quux"\nhosts = ["quux.example"]\n'
        '[[site.signatures]]\nline = "Quux Daily Logo"\nweight = 0.6\n'
        '[[site.signatures]]\ncontains = "(Quux)"\nweight = 0.4\n' + GOOD,
    )
    rules = load([tmp_path])

    def site_of(texts: list[str], host: str | None = None) -> str | None:
        return rules.sites_of(texts, np.array([0, len(texts)]), [host])[0]

    page = ["Quux this", "Quux Daily Logo", "Town (Quux) - A man said so."]
    assert site_of(page) == "The Quux"
    assert site_of(page[1:2]) is None
    assert site_of(page[2:]) is None
    assert site_of([], "www.quux.example") == "The Quux"
    assert site_of([], "notquux.example") is None
    offsets = np.array([0, 3, 6])
    assert rules.sites_of(page * 2, offsets, [None, "other.example"]) == ["The Quux", "The Quux"]
    assert rules.apply(page * 2, offsets, ["The Quux", None]).rule == ["x.y", None, None, None, None, None]


@pytest.mark.parametrize(
    "line",
    [
        "Quux Daily Logo",
        "• QUUX  DAILY\u00a0LOGO |",
        "Qu\u00adux Dai\u200bly Logo",
        "Quux Daily Edition, 12.5.2021",
        "«quux daily» edition 7",
    ],
)
def test_a_signature_is_known_however_it_is_printed(tmp_path: Path, line: str) -> None:
    """Capitals, blanks, quotes, numbers and marks without width hide no signature from the search of the whole page."""
    write(
        tmp_path,
        '[site]\nname = "The Quux"\n[[site.signatures]]\nline = "Quux Daily logo"\n'
        "[[site.signatures]]\npattern = 'quux daily\"? edition.{0,40}'\n" + GOOD,
    )
    page = ["Pond measured", line, "Ёлка стоит у пруда."]
    assert load([tmp_path]).sites_of(page, np.array([0, 3]), [None]) == ["The Quux"]


def test_explain_shows_where_a_rule_stands() -> None:
    """`explain` gives file, phrases and role; an unknown id is an error with a hint."""
    told = load().explain("comments.form")
    assert told.file.name == "comments.toml"
    assert "Пікір қалдыру" in told.phrases["kk"]
    assert told.role == "comments"
    with pytest.raises(RuleError, match="no rule"):
        load().explain("no.such")


def test_no_phrase_stands_in_two_generic_rules() -> None:
    """Which rule a phrase belongs to is never left to the order of files."""
    seen: dict[str, str] = {}
    from ingest.rules._normal import normalise

    for rule in load().rules:
        for phrase in {normalise(p) for group in rule.phrases.values() for p in group}:
            assert seen.setdefault(phrase, rule.id) == rule.id or rule.id.split(".")[0] in (
                "asianews", "new-arab", "eurasianet", "rferl",
            ), phrase  # fmt: skip


@pytest.mark.parametrize("path", find_files([]), ids=lambda path: path.name)
def test_shipped_files_are_sound(path: Path) -> None:
    """Files of the package pass the checks that a run spares itself."""
    spec = read_file(path).spec
    assert spec.rule or spec.phrases
    assert spec.language == (path.stem if path.parent.name == "phrases" else None)


def test_rules_of_others_are_checked_when_they_are_loaded(tmp_path: Path) -> None:
    """A pattern that is none stops a run before it has begun."""
    write(tmp_path, GOOD.replace("[rule.phrases]", '[rule.patterns]\nru = ["abc("]\n[rule.phrases]'))
    with pytest.raises(RuleError, match="missing"):
        load([tmp_path])
