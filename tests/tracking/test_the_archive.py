"""The public archive: all that was sent, for everybody, for ever, and nothing that was personal."""

import re

from flows import announcing, delivering
from flows.city import Both
from tests.city import City
from tests.reviewing.desk import act

CODE, OTHER = "KRGNJ0001", "KRGNJ0002"


async def sent(city: City) -> None:
    """Two updates, the digest that gathers them, an emergency notice, and news on a suggestion that was answered."""
    await city.citizen().press("subscribe:all:weekly")
    city.clock.set("2026-03-05 10:00")
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.publish(CODE, "원탁회의를 열었습니다.", "The round table was held.")
    await city.publish(OTHER, "시험 화면을 열었습니다.", "A trial version is open.")
    await city.work_until_idle()
    city.clock.set("2026-03-09 09:01")
    await city.work_until_idle()
    city.clock.set("2026-03-10 12:00")
    async with city.damso.db.transaction() as tx:
        words = Both(ko="하천에서 나와 주세요.", en="Leave the river.")
        await announcing.start(tx, words, at=city.clock())
    receipt = await city.citizen().suggest("그늘막을 늘려 주세요")
    await (await city.staff()).decide(receipt, "accepted", ko="답변입니다.", en="An answer.")


async def listed(city: City, query: str = "") -> list[str]:
    page = (await city.http.get(f"/updates?lang=en&{query}")).text
    return re.findall(r'<p><a href="/updates/([^"]+)">', page)


async def test_everything_that_was_sent_is_kept_under_its_own_address(city: City) -> None:
    await sent(city)
    refs = await listed(city)
    assert refs[1:] == ["announcement/1", "weekly/2026-03-09", f"{OTHER}/1", f"{CODE}/1"]
    for ref, words in zip(refs, ("그늘막을", "하천에서", "원탁회의", "시험 화면", "원탁회의"), strict=True):
        page = await city.http.get(f"/updates/{ref}", params={"lang": "ko"})
        assert page.status_code == 200 and words in page.text, ref
    whole = (await city.http.get("/updates?lang=en")).text
    assert "An answer." not in whole, "the page of the suggestion has it, as it stands"
    digest = (await city.http.get("/updates/weekly/2026-03-09", params={"lang": "en"})).text
    assert f'href="/updates/{CODE}/1"' in digest and f'href="/updates/{OTHER}/1"' in digest


async def test_news_on_a_suggestion_is_there_as_long_as_anybody_may_read_it(city: City) -> None:
    author, staff = city.citizen(), await city.staff()
    receipt = await author.suggest("그늘막을 늘려 주세요")
    await act(city, staff, receipt, "publish")
    await staff.decide(receipt, "accepted", ko="늘리겠습니다", en="We will")
    (ref,) = await listed(city, "kind=suggestion")
    assert ref in await listed(city) and await listed(city, f"commitment={CODE}") == []
    for address in (f"/updates/{ref}", "/updates"):
        page = (await city.http.get(address, params={"lang": "ko"})).text
        assert f'href="/suggestions/{receipt}"' in page and "그늘막을 늘려 주세요" in page
        assert re.search(r'<span class="badge[^>]+>[^<]*수용', page), address
    await act(city, staff, receipt, "hide", reason_ko="광고입니다.", reason_en="This is advertising.")
    assert await listed(city) == []
    assert (await city.http.get(f"/updates/{ref}")).status_code == 404


async def test_a_filter_leaves_the_rest_out_and_nonsense_is_no_filter(city: City) -> None:
    await sent(city)
    for query, refs in {
        f"commitment={CODE}": [f"{CODE}/1"],
        "kind=digest": ["weekly/2026-03-09"],
        "kind=announcement": ["announcement/1"],
        f"kind=digest&commitment={CODE}": [],
        "plan=GWANGJU_2021": [f"{OTHER}/1", f"{CODE}/1"],
        "kind=nonsense&commitment=NOPE&plan=NOPE&before=digest-x": await listed(city),
    }.items():
        assert await listed(city, query) == refs, query


async def test_the_list_goes_on_where_its_page_ended(city: City) -> None:
    """Also where many were sent at the same moment."""
    for number in range(45):
        await city.publish(CODE, f"소식 {number}", f"News {number}")
    await city.work_until_idle()
    seen: list[str] = []
    address: str | None = f"/updates?commitment={CODE}"
    while address:
        page = (await city.http.get(address)).text
        seen += re.findall(r'<p><a href="/updates/([^"]+)">', page)
        older = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == len({*seen}) == 45


async def test_what_was_never_sent_is_not_there(city: City) -> None:
    for ref in (f"{CODE}/9", "weekly/2020-01-01", "announcement/7", "%00/%00", "가/나"):
        page = await city.http.get(f"/updates/{ref}", params={"lang": "en"})
        assert page.status_code == 404 and "Nothing was sent under this address." in page.text, ref


async def test_what_is_still_to_be_sent_is_not_public_yet(city: City) -> None:
    await city.publish(CODE, "내일", "Tomorrow", at=city.clock().replace(hour=23))
    await city.work_until_idle()
    assert await listed(city) == []
    assert (await city.http.get(f"/updates/{CODE}/1")).status_code == 404


async def test_a_correction_leaves_both_versions_open_to_everybody(city: City) -> None:
    await city.publish(CODE, "60명이 왔습니다.", "60 people came.")
    await city.work_until_idle()
    city.clock.forward(hours=2)
    wrong = await city.scalar("SELECT id FROM updates")
    async with city.damso.db.transaction() as tx:
        words = Both(ko="16명이 왔습니다.", en="16 people came.")
        await delivering.correct(tx, wrong, words, now=city.clock())
    await city.work_until_idle()
    assert await listed(city) == [f"{CODE}/2", f"{CODE}/1"]
    for ref, said, link in ((f"{CODE}/1", "this no longer holds", "/2"), (f"{CODE}/2", "What we had written", "/1")):
        page = (await city.http.get(f"/updates/{ref}", params={"lang": "en"})).text
        assert "60 people came." in page and "16 people came." in page, ref
        assert said in page and f'href="/updates/{CODE}{link}"' in page, ref
    page = (await city.http.get(f"/commitments/{CODE}", params={"lang": "en"})).text
    assert "this no longer holds" in page and f'href="/updates/{CODE}/2"' in page
