"""Pages that try to run something in the report, or to break its layout."""

from __future__ import annotations

import json
from pathlib import Path

MARK = "window.__ran = (window.__ran || 0) + 1"

HOSTILE = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"--><script>{MARK}</script><!--",
    f'<img src=x onerror="{MARK}">',
    f'"><svg onload="{MARK}">',
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f'<a href="javascript:{MARK}">click here to win the pond</a>',
    '<style>*{display:none}</style><link rel=stylesheet href="//evil.example/x.css"><base href="//evil.example/">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{MARK}">',
    "</textarea></title></style></noscript></template>",
    "$report $pages ${script} {{constructor}} %s \\u003cscript\\u003e",
    "]]> <![CDATA[ & &lt;b&gt; &#60;script&#62;",
    "\u202eneddih si txet siht\u202c and \u2067this is isolated\u2069 but \u202dthis override never ends",
    "\u2028line\u2029separators\x0bvertical\x0cfeed and \x7f delete",
    "__proto__ constructor toString",
]
HUGE = "endless " * 20_000
ARTICLE = [
    "The otters arrived on Monday with three umbrellas and a clear plan for the pond, which nobody had asked them for.",
    "By Wednesday they had moved the benches to the north side, and the mayor thanked them for it in a long speech.",
]
HEBREW = [
    "הלוטרות הגיעו ביום שני עם שלוש מטריות ותוכנית ברורה לבריכה, שאיש לא ביקש מהן לעשות אותה במשך כל השנה הזאת.",
    "עד יום רביעי הן העבירו את הספסלים לצד הצפוני, וראש העיר הודה להן על כך בנאום ארוך מאוד מול כל תושבי העיירה.",
]


NAME = "all'\"&<b>.jsonl"  # of the file, which is shown, too


def write_pages(folder: Path) -> None:
    """One record for each attack, in its text, title and address; one with all of them and a huge line; one that reads
    from right to left.
    """
    folder.mkdir()
    records = [
        {
            "title": f"Headline {number} {attack}",
            "url": f"javascript:{MARK}//{attack}",
            "text": "\n".join([*ARTICLE, "", f"{ARTICLE[0]} {attack}", "", attack, "Send to a friend"]),
        }
        for number, attack in enumerate(HOSTILE)
    ]
    records.append({"title": "All at once", "text": "\n".join([*ARTICLE, *HOSTILE, HUGE, "Send to a friend"])})
    records.append({"title": "לוטרות בבריכה", "text": "\n".join([*HEBREW, "", "Send to a friend"])})
    (folder / NAME).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


ALL, RIGHT_TO_LEFT = len(HOSTILE), len(HOSTILE) + 1  # record numbers
