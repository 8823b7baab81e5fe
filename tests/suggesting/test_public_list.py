"""The public list and the page of one suggestion: what anybody may read, filter and search, and no more."""

import re

import pytest

from flows import reviewing, suggesting
from flows.city import Both
from flows.city import city as content
from flows.store.keeping import TELEGRAM_LINK, keep
from flows.suggesting import Status
from tests.city import City
from tests.suggesting.conftest import Office

SHADE = "버스 정류장에 그늘막을 설치해 주세요"
SOLAR = "Please put solar panels on the roofs of schools"
REASON = Both(ko="다른 사람의 이름이 있어 가렸습니다", en="It names another person")


async def change(city: City, receipt: str, **values: object) -> None:
    async with city.damso.db.transaction() as tx:
        await suggesting.change(tx, receipt, at=city.clock(), **values)


async def page(city: City, path: str = "/suggestions", **query: str) -> str:
    response = await city.http.get(path, params={"lang": "en", **query})
    assert response.status_code == 200, response.text
    return response.text


async def api(city: City, **query: str) -> list[str]:
    response = await city.http.get("/api/suggestions", params=query)
    assert response.status_code == 200, response.text
    return [item["text"] for item in response.json()["items"]]


async def test_nothing_appears_before_staff_publish_it(city: City, office: Office) -> None:
    receipt = await city.citizen().suggest(SHADE)
    assert SHADE not in await page(city)
    assert await api(city) == []
    await office.publish(receipt)
    assert SHADE in await page(city)
    assert await api(city) == [SHADE]


async def test_the_list_is_searched_in_both_languages_and_filtered(city: City, office: Office) -> None:
    shade = await office.published(city.citizen(), SHADE)
    solar = await office.published(city.citizen("en"), SOLAR)
    await change(city, shade, theme="transport", district="seogu")
    await change(city, solar, commitment="KRGNJ0001")
    await office.decide(solar, Status.ACCEPTED)
    for query, text in (
        ({"q": "shade"}, SHADE),
        ({"q": "태양광"}, SOLAR),
        ({"theme": "transport"}, SHADE),
        ({"district": "seogu"}, SHADE),
        ({"commitment": "KRGNJ0001"}, SOLAR),
        ({"status": "accepted"}, SOLAR),
        ({"status": "received", "theme": "transport", "q": "버스"}, SHADE),
    ):
        assert await api(city, **query) == [text], query
        shown = await page(city, **query)
        assert ("1 suggestion<" in shown) and (text in shown), query
    nothing = await page(city, q="도서관")
    assert "No suggestion fits." in nothing
    assert await api(city, q="도서관") == []


async def test_it_is_sorted_and_paged_by_links(city: City, office: Office) -> None:
    receipts = [await office.published(city.citizen(), f"{SHADE} {number}") for number in range(23)]
    for receipt in receipts[:2]:
        await city.citizen().press(f"support:{receipt}")
    assert [text.split()[-1] for text in await api(city, sort="support")][:2] == ["1", "0"]
    assert (await api(city, sort="waiting"))[0].endswith(" 0")
    first = await page(city, sort="waiting")
    assert "23 suggestions" in first
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older
    second = (await city.http.get(older[1].replace("&amp;", "&"))).text
    assert re.findall(r"GJ-\w{4}-\w{4}", second)[0] == receipts[20]
    assert 'rel="next"' not in second
    answer = (await city.http.get("/api/suggestions", params={"sort": "support"})).json()
    rest = (await city.http.get(answer["next"])).json()
    assert len(answer["items"]) + len(rest["items"]) == 23
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "gone"),
        ("theme", "cats"),
        ("district", "mars"),
        ("commitment", "X1"),
        ("sort", "random"),
        ("page", "0"),
        ("page", "x"),
        ("q", "가" * 201),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused_by_the_api_and_left_out_by_the_page(
    city: City, office: Office, field: str, value: str
) -> None:
    await office.published(city.citizen(), SHADE)
    refused = await city.http.get("/api/suggestions", params={field: value})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["field"] == field
    if field != "q":
        assert SHADE in await page(city, **{field if field != "page" else "after": value})


async def test_the_page_of_one_says_all_that_is_public(city: City, office: Office) -> None:
    async with city.damso.db.transaction() as tx:
        await keep(tx, TELEGRAM_LINK, "https://t.me/damso_bot")
    receipt = await office.published(city.citizen(), "버스 정류장에 그늘막을. 김아무개가 안 합니다")
    await change(
        city,
        receipt,
        shown_text=SHADE,
        translation="Please put shades at bus stops",
        shown_name="무등산 다람쥐",
        district="seogu",
    )
    shown = await page(city, f"/suggestions/{receipt}")
    for words in (
        SHADE,
        "Translation by staff",
        "Please put shades at bus stops",
        "무등산 다람쥐",
        "Seo-gu",
        "0 people support this.",
        "When 50 people support it within 30 days, the city promises an answer within 10 working days.",
        f"/?choice=support:{receipt}",
        f"https://t.me/damso_bot?start=support-{receipt}",
        "It was received.",
        "Staff published it.",
    ):
        assert words in shown, words
    assert "김아무개" not in shown
    item = (await city.http.get(f"/api/suggestions/{receipt}", params={"lang": "en"})).json()
    assert item["text"] == SHADE
    assert (item["translation"], item["language"]) == ("Please put shades at bus stops", "ko")
    assert (item["name"], item["district"], item["supporters"]) == ("무등산 다람쥐", "seogu", 0)
    assert "김아무개" not in str(item)


async def test_a_promise_and_an_answer_stand_on_the_page(city: City, office: Office) -> None:
    receipt = await office.published(city.citizen(), SHADE)
    promise = content().suggestions.promise
    assert promise
    for _ in range(promise.supporters):
        await city.citizen().press(f"support:{receipt}")
    shown = await page(city, f"/suggestions/{receipt}")
    assert "50 people support this." in shown
    assert "Answer promised by" in shown
    assert "So many people support it that the city promises an answer by" in shown
    assert (await city.http.get(f"/api/suggestions/{receipt}")).json()["answer_promised_by"]
    await office.decide(receipt, Status.ACCEPTED)
    answered = await page(city, f"/suggestions/{receipt}")
    assert "Answer promised by" not in answered
    assert "The city accepted it." in answered
    assert answered.count("The answer of the city") == 2, "as the answer, and in the history"


async def test_merged_ones_lead_to_one_another(city: City, office: Office) -> None:
    old = await office.published(city.citizen(), SHADE)
    new = await office.published(city.citizen(), SHADE + "!")
    async with city.damso.db.transaction() as tx:
        await reviewing.merge(tx, old, into=new, by=office.staff, at=city.clock())
    assert f'href="/suggestions/{new}"' in await page(city, f"/suggestions/{old}")
    going_on = await page(city, f"/suggestions/{new}")
    assert f'href="/suggestions/{old}"' in going_on
    assert "Another suggestion was merged with it." in going_on
    assert (await city.http.get(f"/api/suggestions/{old}")).json()["merged_into"] == new


async def test_what_is_not_public_shows_its_status_and_nothing_more(city: City, office: Office) -> None:
    mina = city.citizen()
    unread, hidden, withdrawn = [await mina.suggest(f"{SHADE} {number}") for number in range(3)]
    await office.publish(withdrawn)
    await mina.press(f"withdraw_suggestion:{withdrawn}:confirm")
    async with city.damso.db.transaction() as tx:
        await suggesting.move(
            tx, hidden, Status.RECEIVED, Status.HIDDEN, actor=suggesting.Actor.STAFF, public=REASON, at=city.clock()
        )
    for receipt, words in (
        (unread, "Only the status is shown here."),
        (hidden, REASON.en),
        (withdrawn, "Its author took it back. The text is not shown."),
    ):
        shown = await page(city, f"/suggestions/{receipt}")
        assert words in shown
        assert SHADE not in shown
        assert "What happened so far" not in shown
        item = (await city.http.get(f"/api/suggestions/{receipt}", params={"lang": "en"})).json()
        assert item["text"] is None and item["name"] is None and item["supporters"] is None
        assert item["hidden_because"] == (REASON.en if receipt == hidden else None)
    assert await api(city) == []


async def test_scripts_in_words_are_shown_as_text(city: City, office: Office) -> None:
    script = '<script>alert("x")</script>'
    receipt = await office.published(city.citizen(), f"{SHADE} {script}")
    await change(city, receipt, shown_name="<b>b</b>", translation=script)
    for shown in (await page(city), await page(city, f"/suggestions/{receipt}"), await page(city, q=f'"{script}')):
        assert script not in shown
        assert "<b>b</b>" not in shown
