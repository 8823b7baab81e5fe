"""Staff see how many ratings say that an answer helped: those of the text as it is now, and of those before."""

import re
from html import unescape

from flows.accounts import Role
from flows.answering import read_topics
from flows.answering.reviews import fingerprint
from flows.wording import Lang
from tests.city import City, StaffBrowser

EARLIER = "0123456789ab"


async def rates(city: City, topic: str, said: str, *, lang: Lang = "ko", version: str | None = None) -> None:
    """Somebody new rates the answer as it is in `lang`, or an older `version` of it."""
    version = version or fingerprint(read_topics()[topic], lang)
    await city.citizen(lang).press(f"rate:{topic}:{version}:{said}")


async def sections(staff: StaffBrowser, lang: Lang = "en") -> dict[str, str]:
    """The parts of the list of answers, by heading."""
    parts = (await staff.get("/staff/content", lang=lang)).text.split("<h2>")[1:]
    return dict(unescape(part).split("</h2>") for part in parts)


def cell(section: str, topic: str, label: str = "Helpful") -> str:
    """What stands in one column of an answer's row."""
    row = next(row for row in section.split("<tr") if f"/staff/content/{topic}" in row)
    found = re.search(rf'data-label="{label}">\s*(.*?)\s*</td>', row)
    assert found, row
    return found[1]


async def test_the_list_counts_both_languages_of_the_present_texts(city: City) -> None:
    for said in ("yes", "yes", "no"):
        await rates(city, "ogp", said)
    await rates(city, "ogp", "yes", lang="en")
    await rates(city, "ogp", "no", version=EARLIER)
    haneul = await city.staff(Role.REVIEWER)
    everything = (await sections(haneul))["All answers"]
    assert cell(everything, "ogp") == "3 of 4"
    assert cell(everything, "contact") == "–"
    everything = (await sections(haneul, "ko"))["모든 답변"]
    assert cell(everything, "ogp", "도움 됨") == "4건 중 3건"


async def test_what_most_ratings_find_unhelpful_is_listed_first_the_worst_before_the_others(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    heading = "Rated as not helpful by most"
    await rates(city, "contact", "no")
    await rates(city, "contact", "yes")
    assert heading not in await sections(haneul), "as many for as against"

    await rates(city, "contact", "no", lang="en")
    for _ in range(2):
        await rates(city, "ogp", "no")
        await rates(city, "heat", "yes")
    await rates(city, "heat", "no")
    for _ in range(3):
        await rates(city, "ogp", "no", version=EARLIER)
        await rates(city, "transport", "no")
    against = (await sections(haneul))[heading]
    listed = re.findall(r"/staff/content/(\w+)", against)
    assert listed[0] == "transport"
    assert {*listed[1:]} == {"ogp", "contact"}
    assert cell(against, "transport") == "0 of 3"


async def test_the_page_of_an_answer_counts_by_language_and_earlier_texts_in_one_line(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    for said in ("yes", "yes", "no"):
        await rates(city, "ogp", said)
    await rates(city, "ogp", "no", lang="en")
    counts = await facts(haneul, "ogp")
    assert (counts["Korean"], counts["English"]) == ("2 of 3", "0 of 1")
    assert "Earlier versions" not in counts

    await rates(city, "ogp", "yes", version=EARLIER)
    await rates(city, "ogp", "no", lang="en", version=EARLIER[::-1])
    counts = await facts(haneul, "ogp")
    assert (counts["Korean"], counts["English"], counts["Earlier versions"]) == ("2 of 3", "0 of 1", "1 of 2")
    assert (await facts(haneul, "contact"))["Korean"] == "–"


async def facts(staff: StaffBrowser, topic: str) -> dict[str, str]:
    page = (await staff.get(f"/staff/content/{topic}", lang="en")).text
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>\s*([^<]*?)\s*</dd>", page))


async def test_whoever_is_erased_takes_their_ratings_along(city: City) -> None:
    mina = city.citizen()
    await mina.press(f"rate:ogp:{fingerprint(read_topics()['ogp'], 'ko')}:no")
    haneul = await city.staff(Role.REVIEWER)
    assert cell((await sections(haneul))["All answers"], "ogp") == "0 of 1"
    await mina.press("forget_me:confirm")
    assert cell((await sections(haneul))["All answers"], "ogp") == "–"
