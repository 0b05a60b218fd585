"""Pages that nothing surrounds come through whole; pages with furniture lose it."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.config import Settings
from ingest.document import Record
from ingest.pipeline import Chain
from ingest.stages.assemble import Stamp

CLEAN = [
    "The harbour authority moved the lamp.\n\nNobody was hurt on the quay that night, it added.\n\nThe lamp will be "
    "shown from June, between the ship models and the room of knots, the museum said.\n\nJane Doe was one of them.",
    "Паром через Тихую речку с понедельника ходит каждые полчаса.\n\nБилеты в первую неделю раздают бесплатно, "
    "добавили в порту.\n\nМост обещают открыть к осени.\n\nПодробности в порту не раскрывают.",
    "Көл жағасында үш жыл салынған жаңа көпір ашылды, деді ауыл әкімі.\n\nЕскі ағаш көпір тар болғандықтан, ел күн "
    "сайын кезекте тұратын.\n\nКелесі кезең Таразда өтеді.",
    "Kól jaǵasynda úsh jyl salynǵan jańa kópir ashyldy, dedi aýyl ákimi.\n\nEski aǵash kópir tar bolǵandyqtan, el kún "
    "saıyn kezekte turatyn.\n\nKelesi konsert mausymda ótedi.",
    "كول جاعاسىندا ءۇش جىل سالىنعان جاڭا كوپىر اشىلدى، دەدى اۋىل اكىمى.\n\nەسكى اعاش كوپىر تار بولعاندىقتان، ەل كۇن "
    "سايىن كەزەكتە تۇراتىن.\n\nكەلەسى كەزەڭ تارازدا وتەدى.",
    "河湾市政府周二宣布，河湾大桥因更换旧缆绳将封闭三周，期间有免费渡船。\n\n工程师表示，桥面木板已经拆除，在横梁上行走对行人十分危险。\n\n市民可以绕行新桥。",
    "港町は１０日、古い橋のロープを取り替えるため、三週間の通行止めにすると発表した。\n\n期間中は無料の渡し船が出る。\n\n自転車も乗せられる。",
    "أعلنت بلدية المدينة أن جسر الميناء القديم سيغلق ثلاثة أسابيع لاستبدال الحبال.\n\nوقال المهندس المشرف إن الألواح "
    "رفعت بالفعل أمس.\n\nويمكن للسكان استخدام العبارة المجانية.",
    "Die Hafenverwaltung hat die alte Lampe am Dienstag ins Museum gebracht.\n\nVerletzt wurde niemand, teilte sie "
    "mit.\n\nErika Muster sah alles mit an.\n\nDas Museum zeigt die Lampe ab Juni.",
]

ROPES = (
    "The ropes of the ferry were changed in spring, and the mayor of the town had asked for longer ones since the pond "
    "was measured again by the surveyors of the county, who found it to be wider than the old map says."
)


def texts(page: str) -> list[str]:
    record = Record("page.jsonl", 0, page.encode(), "text")
    [rows] = Chain(Settings()).process([record], Stamp("test", "hash", datetime(2026, 1, 1)))
    found: list[str] = rows.articles.column("text").to_pylist()
    return found


@pytest.mark.parametrize("page", CLEAN, ids=lambda page: page[:20])
def test_clean_text_comes_through_whole(page: str) -> None:
    """Text without anything around it is kept to the last line, and once more when it is fed again."""
    assert texts(page) == [page]
    assert texts(texts(page)[0]) == [page]


def test_furniture_still_goes() -> None:
    """A page with menus and prompts loses them, be they few beside the text."""
    menu = "Home\nNews\nSport\nWeather\nSign in\nSubscribe\nShare\nSend to a friend"
    foot = "Related articles\nFollow us on Facebook\nSign up for our newsletter\nTerms of use\nPrivacy policy"
    [text] = texts(f"{menu}\n\n{CLEAN[0]}\n\n{foot}")
    assert "Nobody was hurt" in text
    assert not any(line in text.split("\n\n") for line in (menu + "\n" + foot).split("\n"))


def test_lines_need_not_be_parted_alike() -> None:
    """Where lines touch and others are set apart, clean text comes through whole, a refrain in it included."""
    refrain = "Take the bag with the ropes and the map of the port."
    paragraphs = [paragraph for page in CLEAN[:1] for paragraph in page.split("\n\n")[:3]]
    long = [f"{paragraph} {ROPES}" for paragraph in paragraphs]
    page = "\n\n".join(f"{paragraph}\n{refrain}" for paragraph in long)
    assert texts(page) == [page.replace(f"\n{refrain}", f"\n\n{refrain}")]
