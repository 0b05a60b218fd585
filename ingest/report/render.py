"""The report's content as one HTML file that runs nothing but the scripts it was made with.

Text of pages is data, guarded thrice: it stands in the file as compressed base64 or as JSON without `<`, `>` and `&`;
the scripts put it into the page as text nodes only (trusted types forbid anything else); and the content security
policy names the scripts and the style sheet by their hashes and allows nothing to be loaded from anywhere.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
from importlib.resources import files
from string import Template

import msgspec

from ingest.report.content import Page, Report

_ASSETS = files("ingest.report") / "assets"
_STYLES = ("report.css",)
_LIBRARY = ("vendor/chart.umd.min.js",)
_SCRIPTS = ("base.js", "charts.js", "overview.js", "sites.js", "lines.js", "browser.js", "corrections.js", "app.js")
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def render(report: Report) -> str:
    """The whole file. The same content gives the same file with the same version of zlib."""
    style = _joined(_STYLES)
    library, script = _joined(_LIBRARY), _joined(_SCRIPTS)
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    return Template(_text("report.html")).substitute(
        policy=html.escape(policy, quote=True),
        title=html.escape(f"{report.dataset} – ingest report"),
        style=style,
        report=as_json(msgspec.structs.replace(report, pages=[])),
        pages=packed(report.pages),
        library=library,
        script=script,
    )


def as_json(value: object) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element or open a comment."""
    return msgspec.json.encode(value).decode().translate(_ESCAPES)


def packed(pages: list[Page]) -> str:
    """Pages as JSON, gzip, base64: a third of the size, and no letter of theirs can be taken for markup."""
    return base64.b64encode(gzip.compress(msgspec.json.encode(pages), 9, mtime=0)).decode()


def _joined(names: tuple[str, ...]) -> str:
    text = "\n".join(_text(name) for name in names)
    # a source map would be asked for when somebody opens the browser's tools
    return "\n" + "\n".join(line for line in text.split("\n") if not line.startswith("//# sourceMappingURL")) + "\n"


def _text(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
