"""What pages of a site share: counted by page, kept apart from what copies share, the same in any order."""

from __future__ import annotations

import random
from hashlib import sha1

import numpy as np
import pyarrow as pa
import pytest

from ingest import rules
from ingest.decide import probability_with, usual_thresholds
from ingest.document import Batch, Document, Lines, Record, Votes
from ingest.roles import Evidence, Role
from ingest.sites import Profiles, freeze, learn, prediction
from ingest.sites.contributions import from_bytes, table, to_bytes
from ingest.stages.measure import measure
from ingest.stages.predict import judge
from ingest.votes import template

RULES = rules.load()
NOTHING_GENERIC = np.empty(0, np.uint64)
MENU = ["Home", "Ponds", "Rivers", "About the gazette of ponds and rivers"]
TITLE = 6  # words
FOOTER = ["Printed on reeds by the gazette of ponds", "Write to the keeper of the gazette"]


def sentence(rng: random.Random, words: int = 25) -> str:
    letters = "abcdefghiklmnoprstuvw"
    return " ".join("".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(words)).capitalize() + "."


def page(rng: random.Random, *, menu: list[str] = MENU, footer: list[str] = FOOTER) -> list[str]:
    return [*menu, "", sentence(rng, TITLE)[:-1], "", *(sentence(rng) for _ in range(5)), "", *footer]


def batch(pages: list[list[str]], site: str | None = "pond.example") -> Batch:
    documents = []
    for number, lines in enumerate(pages):
        text = "\n".join(lines)
        document = Document(f"id{number}", Record("dump", number, text, "text"), page=sha1(text.encode()).hexdigest())
        document.site = site
        documents.append(document)
    offsets = np.cumsum([0, *map(len, pages)], dtype=np.int64)
    return judge(measure(Batch(documents, Lines([line for lines in pages for line in lines], offsets))), RULES)


def profiles(*batches: Batch) -> Profiles:
    return freeze([table([learn(b, {"dump": "digest"})]) for b in batches], NOTHING_GENERIC)


def against(b: Batch, known: Profiles, level: float = 0.75) -> set[str]:
    votes = votes_of(b, known)
    assert votes.voter.evidence is Evidence.SITE
    assert {Role(int(r)) for r in votes.role} <= {Role.UNKNOWN, Role.OTHER_BOILERPLATE, Role.BODY}
    gone = (votes.role == Role.OTHER_BOILERPLATE) & (votes.score >= level)
    return {b.lines.texts[row] for row in np.flatnonzero(gone).tolist()}


def votes_of(b: Batch, known: Profiles) -> Votes:
    told = prediction.predict(b, prediction.known(b, known))
    return template.vote(told, b.lines, usual_thresholds(b, "balanced"))


def dropped(b: Batch, known: Profiles) -> set[str]:
    """Lines that line model and site together take out, but for titles: they are no part of a text."""
    content = probability_with(votes_of(b, known), b.lines.judged.content)
    return {
        text
        for text, p, level in zip(b.lines.texts, content, usual_thresholds(b, "balanced"), strict=True)
        if text and p < level and not is_title(text)
    }


def is_title(text: str) -> bool:
    return text.count(" ") == TITLE - 1 and text not in {*MENU, *FOOTER}


def test_menu_and_footer_go_and_articles_stay() -> None:
    """Lines on most pages of a site are boilerplate, lines of one page are not."""
    rng = random.Random(1)
    b = batch([page(rng) for _ in range(6)])
    assert dropped(b, profiles(b)) == {*MENU, *FOOTER}


def test_one_page_proves_nothing() -> None:
    """A site with a single page gets no votes."""
    b = batch([page(random.Random(1))])
    assert against(b, profiles(b), 0.01) == set()


def test_copies_of_one_article_do_not_make_it_boilerplate() -> None:
    """An article scraped five times, with a changed date line, keeps all its paragraphs."""
    rng = random.Random(2)
    article = [sentence(rng) for _ in range(5)]
    b = batch(
        [[*MENU, "", f"{day} May 2021", *article, f"Updated version number {day}", *FOOTER] for day in range(1, 6)]
    )
    assert not against(b, profiles(b)) & set(article)


def test_updated_article_keeps_its_text() -> None:
    """Versions of an article that differ in one paragraph do not speak against what they share."""
    rng = random.Random(3)
    shared = [sentence(rng) for _ in range(5)]
    b = batch([[*MENU, *shared, sentence(rng), *FOOTER] for _ in range(4)])
    assert not against(b, profiles(b)) & set(shared)


def test_background_paragraph_in_some_articles_proves_nothing() -> None:
    """A paragraph that a few articles of many repeat in their midst is left to the other voters."""
    rng = random.Random(4)
    background = sentence(rng, 40)
    pages = [page(rng) for _ in range(20)]
    for lines in pages[:3]:
        lines.insert(8, background)
    b = batch(pages)
    assert background not in dropped(b, profiles(b)) - dropped(b, Profiles())


@pytest.mark.parametrize(("opens", "closes"), [("", "."), ("“", ".”"), ("«", ".»"), ("“", "。”")])
def test_paragraph_of_two_articles_stays(opens: str, closes: str) -> None:
    """Where only two pages are known, a sentence that both have may be quoted by both, however it is closed."""
    rng = random.Random(8)
    shared = [f"{opens}{sentence(rng)[:-1]}{closes}" for _ in range(2)]
    b = batch([[*MENU, sentence(rng), *shared, sentence(rng), *FOOTER] for _ in range(2)])
    assert not against(b, profiles(b), 0.01) & set(shared)


def test_legal_notice_at_the_end_of_each_page_goes() -> None:
    """A long paragraph below the article on most pages is boilerplate although it reads like text."""
    rng = random.Random(5)
    notice = sentence(rng, 40)
    b = batch([[*page(rng), notice] for _ in range(5)])
    assert notice in against(b, profiles(b))


def test_label_among_paragraphs_stays() -> None:
    """A short label that stands between the page's own lines may belong to the body, however often it repeats."""
    rng = random.Random(6)
    pages = [page(rng) for _ in range(8)]
    for lines in pages:
        lines.insert(8, "Telephone:")
    b = batch(pages)
    assert "Telephone:" not in dropped(b, profiles(b)) - dropped(b, Profiles())


def test_title_that_others_link_to_is_not_boilerplate() -> None:
    """A line counts by its place: standing in the lists below other articles does not speak against a title."""
    rng = random.Random(7)
    pages = [page(rng) for _ in range(6)]
    title = pages[0][5]
    for lines in pages[1:4]:
        lines.append(title)
    b = batch(pages)
    assert title not in dropped(b, profiles(b)) - dropped(b, Profiles())


def test_digits_do_not_make_lines_differ() -> None:
    """«3 comments» and «12 comments» are the same line of a template."""
    rng = random.Random(8)
    b = batch([page(rng, footer=[*FOOTER, f"{n} comments so far"]) for n in range(5)])
    assert {f"{n} comments so far" for n in range(5)} <= against(b, profiles(b))


@pytest.mark.parametrize("seed", range(3))
def test_profiles_do_not_depend_on_order_or_sharding(seed: int) -> None:
    """Any order and any split of the pages gives the same profiles, byte for byte."""
    rng = random.Random(9)
    pages = [page(rng) for _ in range(9)] + [
        page(rng, menu=["Start", "Fog", "The other site of fog"]) for _ in range(5)
    ]
    whole = profiles(batch(pages, None))
    random.Random(seed).shuffle(pages)
    shards = profiles(batch(pages[:4], None), batch(pages[4:5], None), batch(pages[5:], None))
    assert whole.version == shards.version
    assert whole.unnamed == shards.unnamed


def test_profiles_are_the_same_by_way_of_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few lines are counted at once, the profiles are the same, byte for byte."""
    rng = random.Random(15)
    batches = [batch([page(rng) for _ in range(4)], f"{name}.example") for name in ("pond", "fog", "bell", "reed")]
    loner, nameless = batch([page(rng)], "loner.example"), batch([page(rng) for _ in range(3)], None)
    whole = profiles(*batches, loner, nameless)
    monkeypatch.setattr("ingest.sites.shares.LINES", 50)
    in_shares = profiles(nameless, *batches[::-1], loner)
    assert len(whole.sites) == 6
    assert in_shares.version == whole.version
    assert in_shares.unnamed == whole.unnamed


def test_a_large_site_is_known_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a site's distinct pages no more than a fixed number is counted: the same ones in any order."""
    monkeypatch.setattr("ingest.sites.freezing.SAMPLE", 6)
    rng = random.Random(16)
    pages = [page(rng) for _ in range(12)]
    whole = profiles(batch([*pages, *pages]))
    assert whole.sites["pond.example"].pages == 6
    assert profiles(batch(pages[7:]), batch(pages[:7][::-1])).version == whole.version
    assert dropped(batch(pages), whole) == {*MENU, *FOOTER}


def test_pages_without_url_are_clustered_by_shared_lines() -> None:
    """Two sites in one folder of bare texts come apart; a page that shares nothing stays alone."""
    rng = random.Random(10)
    ponds = [page(rng) for _ in range(5)]
    fogs = [
        page(rng, menu=["Start", "Bells", "All about the fog of the coast"], footer=["Fog office, second bell"])
        for _ in range(4)
    ]
    loner = [sentence(rng) for _ in range(4)]
    b = batch([*ponds, *fogs, loner], None)
    names = [profiles(b).unnamed.get(document.page) for document in b.documents]
    assert len(set(names[:5])) == len(set(names[5:9])) == 1
    assert names[0] != names[5]
    assert names[9] is None


def test_generic_phrases_do_not_join_sites() -> None:
    """Two sites whose pages share only phrases that the whole web has stay two sites."""
    from ingest.lines.fingerprints import fingerprints

    phrases = ["Subscribe to our newsletter today", "Share this article on Facebook", "Leave a comment on this page"]
    generic = np.unique(fingerprints(phrases) & ~np.uint64(3))
    rng = random.Random(11)
    own = {name: [f"{name} {sentence(rng, 4)[:-1]}" for _ in range(6)] for name in ("Ponds", "Fogs")}
    b = batch([page(rng, menu=own[name], footer=phrases) for name in ("Ponds", "Fogs") for _ in range(4)], None)
    names = [freeze([table([learn(b, {"dump": "d"})])], generic).unnamed.get(d.page) for d in b.documents]
    assert len(set(names[:4])) == len(set(names[4:])) == 1
    assert names[0] != names[4]


def test_date_order_is_learned_from_the_heads_of_pages() -> None:
    """Unambiguous dates above the articles are counted, those in lists below are not."""
    rng = random.Random(12)
    pages = [["06/27/2022", *page(rng), "27/06/2022"], ["12/10/2021", *page(rng), "28/06/2022"]]
    b = batch(pages)
    profile = profiles(b).sites["pond.example"]
    assert (profile.day_first, profile.month_first) == (0, 1)


def test_contributions_survive_storage() -> None:
    """What is read back is what was stored, and anything else is refused."""
    part = learn(batch([page(random.Random(13))]), {"dump": "digest"})
    assert from_bytes(to_bytes([part])).to_pylist() == part.to_pylist()
    with pytest.raises(pa.ArrowInvalid):
        from_bytes(b"not an Arrow file")


def test_a_sentence_of_all_three_pages_is_the_sites() -> None:
    """A legal notice on each of three pages goes; a sentence that only two of them have may be an article's copy."""
    rng = random.Random(11)
    notice, shared = "Pond water is sold by the bucket and is never taken back, whatever it holds.", sentence(rng, 12)
    pages = [[*page(rng), notice] for _ in range(3)]
    for some in pages[:2]:
        some.insert(-6, shared)
    b = batch(pages)
    gone = against(b, profiles(b), level=0.5)
    assert notice in gone
    assert shared not in gone
