"""The charset decision: who is believed, and what becomes of content that is no text."""

from __future__ import annotations

import codecs
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import Outcome
from ingest.encoding import decode
from ingest.encoding.charsets import charsets, codec_of, lookup, normalise
from ingest.encoding.prescan import declared_charset

RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n"
KAZAKH = "Қазақстан Республикасының Президенті бүгін өңірлік әкімдермен кездесті, ұлттық ғылым үшін.\n"


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    ],
)
def test_byte_order_mark_beats_all(mark: bytes, codec: str, name: str) -> None:
    """A BOM decides against any claim, and does not stay in the text."""
    decoded = decode(mark + KAZAKH.encode(codec), transport="windows-1251")
    assert (decoded.text, decoded.encoding, decoded.source) == (KAZAKH, name, "bom")
    assert decoded.declared == "windows-1251"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_charsets_are_found_without_mark(codec: str) -> None:
    """UTF-16 and UTF-32 without BOM are told by their zero bytes and by what they read."""
    decoded = decode(KAZAKH.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.source) == (KAZAKH, codec, "detected")


def test_transport_beats_the_page() -> None:
    """The HTTP header is believed before the page, as the standard says."""
    page = b'<meta charset="windows-1252">' + RUSSIAN.encode("cp1251")
    decoded = decode(page, transport="windows-1251", html=True)
    assert (decoded.encoding, decoded.source, decoded.declared) == ("windows-1251", "transport", "windows-1251")
    assert RUSSIAN in decoded.text


def test_page_declares_its_charset() -> None:
    """A `<meta>` is believed where nothing speaks against it; latin-1 means windows-1252."""
    decoded = decode(b"<meta charset=latin-1><p>caf\xe9 \x80 5", html=True)
    assert (decoded.text, decoded.encoding, decoded.source) == (
        "<meta charset=latin-1><p>café € 5",
        "windows-1252",
        "meta",
    )
    assert decoded.declared == "latin-1"


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        ("windows-1251", "utf-8"),
        ("iso-8859-1", "windows-1251"),
        ("utf-8", "windows-1251"),
        ("gbk", "koi8-r"),
        ("windows-1251", "koi8-r"),
        ("koi8-r", "windows-1251"),
        ("utf-16", "utf-8"),
    ],
)
def test_wrong_declaration_loses_to_the_evidence(declared: str, real: str) -> None:
    """A charset that plainly does not fit the bytes is stored as declared and not used."""
    decoded = decode(f"<meta charset={declared}>{RUSSIAN}".encode(codec_of(real)), html=True)
    assert decoded.encoding == real
    assert decoded.declared == declared
    assert decoded.text.endswith(RUSSIAN)


@pytest.mark.parametrize("name", ["windows-1251", "koi8-r", "ibm866", "mac-cyrillic", "iso-8859-5", "utf-8"])
def test_russian_is_detected(name: str) -> None:
    """Undeclared Russian is decoded from each Cyrillic charset."""
    decoded = decode(RUSSIAN.encode(codec_of(name)))
    assert (decoded.text, decoded.encoding, decoded.source) == (RUSSIAN, name, "detected")


@pytest.mark.parametrize("name", ["kz1048", "ptcp154", "utf-8"])
def test_kazakh_charsets_are_told_apart(name: str) -> None:
    """KZ-1048, PT154 and UTF-8 are told apart by what Kazakh letters they give."""
    decoded = decode(KAZAKH.encode(name))
    assert (decoded.text, decoded.encoding) == (KAZAKH, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("今日は天気がいいので、東京の公園まで散歩に行きました。\n", "shift_jis"),
        ("今日は天気がいいので、東京の公園まで散歩に行きました。\n", "euc-jp"),
        ("我们今天在北京的图书馆里学习中文，天气很好。\n", "gb18030"),
        ("오늘은 날씨가 좋아서 서울에 있는 공원까지 산책을 갔습니다.\n", "euc-kr"),
        ("Bugün hava çok güzel, İstanbul'da şehir içinde yürüyüşe çıktık.\n", "windows-1254"),
        ("ذهبت اليوم إلى المدرسة مع أصدقائي في المدينة القديمة\n", "windows-1256"),
    ],
)
def test_other_scripts_are_detected(text: str, name: str) -> None:
    """One sentence is enough for the common charsets of other scripts."""
    decoded = decode(text.encode(codec_of(name)))
    assert (decoded.text, decoded.encoding) == (text, name)


def test_lines_in_two_charsets_are_decoded_line_by_line() -> None:
    """UTF-8 with some lines in windows-1251 comes out whole, and says which."""
    content = (KAZAKH * 3).encode() + (RUSSIAN * 2).encode("cp1251") + KAZAKH.encode()
    decoded = decode(content)
    assert decoded.text == KAZAKH * 3 + RUSSIAN * 2 + KAZAKH
    assert (decoded.encoding, decoded.mixed, decoded.replaced) == ("utf-8", {"windows-1251": 2}, 0)


def test_damaged_utf8_is_replaced_and_counted() -> None:
    """A lost byte costs one character, not the document's charset."""
    decoded = decode(KAZAKH.encode().replace("е".encode(), b"\xd0", 1))
    assert decoded.encoding == "utf-8"
    assert decoded.replaced == decoded.text.count("\ufffd") == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"%PDF-1.7\n%\xe2\xe3",
        b"SQLite format 3\x00\x10\x00",
        b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
        b"\x1f\x8b\x08\x00\x00\x00",
        bytes(range(256)) * 20,
    ],
)
def test_binary_content_is_refused(content: bytes) -> None:
    """Binary formats end as binary, with a reason and a remedy, whatever the transport claims."""
    decoded = decode(content, transport="utf-8")
    assert decoded.outcome is Outcome.BINARY
    assert decoded.text == ""
    assert decoded.reason
    assert decoded.remedy


@pytest.mark.parametrize(
    "text", ["BM25 is a ranking function", "MZ is a label", "GIF89a is a format", "ID3 tags", "PAR1"]
)
def test_text_that_starts_like_a_format_is_text(text: str) -> None:
    """Printable first bytes of a format do not make a text binary."""
    assert decode(text.encode()).text == text


def test_bytes_that_fit_nothing_are_undecodable() -> None:
    """High bytes without sense end as undecodable, not as a page of nonsense."""
    rng = random.Random(1)
    noise = bytes(rng.randrange(0x80, 0x100) for _ in range(5000))
    assert decode(noise).outcome is Outcome.UNDECODABLE


def test_empty_content_is_empty_text() -> None:
    """Nothing is a text without characters, not a failure."""
    assert (decode(b"").text, decode(b"").outcome) == ("", None)


def test_text_is_normalised() -> None:
    """Line ends become newlines and letters NFC; scattered zero bytes do not make a text binary."""
    assert decode("и\u0306\r\nё\rx\u2028y\x0cz".encode()).text == "й\nё\nx\ny\nz"
    assert decode(b"one\x00two\n" * 50).text == "one\x00two\n" * 50


@pytest.mark.parametrize("before", ["a", "и", "か", "가"])
def test_whatever_may_combine_is_combined(before: str) -> None:
    """Each character of Unicode comes out in NFC behind one that it may combine with."""
    for code in (code for code in range(0xA0, 0x20000) if not 0xD800 <= code < 0xE000):
        if (pair := before + chr(code)) != (combined := unicodedata.normalize("NFC", pair)):
            assert normalise(pair) == combined


def test_every_charset_of_the_table_decodes() -> None:
    """Each name stored is a name that Python knows, and each label finds its charset."""
    for name, charset in charsets().items():
        codecs.lookup(name)
        codecs.lookup(codec_of(name))
        assert {lookup(label.upper()) for label in charset.labels} == {name}


def test_late_meta_is_found_but_not_in_scripts() -> None:
    """Past the first 1024 bytes a `<meta>` still counts, and a string in a script does not."""
    late = b"<html>" + b"<!-- x -->" * 200 + b"<script>'<meta charset=koi8-r>'</script><meta charset=windows-1251>"
    assert declared_charset(late) == "windows-1251"


@pytest.mark.parametrize(
    "content",
    [b"<html>" + b"<script" * 50_000, b"<meta " * 50_000, b"<" * 500_000, b"\x1b$B" * 50_000, b"a" * 3_000_000],
    ids=["scripts", "metas", "angles", "escapes", "line"],
)
def test_hostile_content_is_no_trap(content: bytes) -> None:
    """Content made to be slow is decoded in linear time."""
    assert decode(content, html=True).outcome is None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.binary(max_size=300), st.sampled_from([None, "utf-8", "windows-1251", "utf-16", "gbk", "no such charset", ""])
)
def test_decode_never_raises(content: bytes, transport: str | None) -> None:
    """Any bytes with any claim end in a text or a named outcome, the same each time."""
    decoded = decode(content, transport=transport, html=True)
    assert decoded == decode(content, transport=transport, html=True)
    assert (decoded.outcome is None) or (decoded.text == "" and decoded.reason != "")
    assert "\r" not in decoded.text
    codecs.lookup(decoded.encoding)


@pytest.mark.parametrize("name", ["tests1.dat", "tests2.dat", "test-yahoo-jp.dat"])
def test_html5lib_sniffing(shared: Path, name: str) -> None:
    """The sniffing tests of html5lib pass: BOM, `<meta>` in all its forms, windows-1252 where nothing is said."""
    raw = (shared / "data/encodings/html5lib" / name).read_bytes()
    wrong = []
    for case in re.split(rb"(?:^|\n)#data\n", raw)[1:]:
        data, expected = case.split(b"\n#encoding\n")
        wanted = lookup(expected.strip().split(b"\n")[0].decode())
        label = "utf-8" if data.startswith(codecs.BOM_UTF8) else declared_charset(data)
        got = lookup(label) if label else "windows-1252"
        if got is not None and got.startswith("utf-16"):
            got = "utf-8"
        if got != wanted:
            wrong.append((data[:80], got, wanted))
    assert wrong == []
