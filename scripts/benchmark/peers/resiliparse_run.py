"""resiliparse over a JSONL corpus of HTML: main content as text, and nothing else.

python resiliparse_run.py CORPUS OUTPUT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text


def main() -> None:
    with Path(sys.argv[1]).open(encoding="utf-8") as source, Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        for line in source:
            record = json.loads(line)
            text = extract_plain_text(record["html"], main_content=True)
            out.write(json.dumps({"id": record["id"], "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
