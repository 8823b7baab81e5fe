"""From a question to an answer of the city, and back to everybody: two people, two browsers."""

import re

import pytest
from playwright.async_api import expect

from flows import accounts
from flows.accounts import Role
from flows.commitments import read_plan
from flows.wording import Lang
from tests.browser.visitor import Come
from tests.city import PASSWORD, City

pytestmark = pytest.mark.browser

STAFF = "haneul@example.org"
QUESTION = {"ko": "광주는 언제 탄소중립을 이루나요?", "en": "When will Gwangju be carbon neutral?"}
SUGGESTION = {"ko": "버스 정류장에 그늘막을 늘려 주세요", "en": "Please add more shade at the bus stops"}
ANSWER = {"ko": "내년에 정류장 30곳에 설치합니다.", "en": "Thirty stops will get one next year."}
UPDATE = {"ko": "시민 원탁회의를 열었습니다.", "en": "The citizens' round table was held."}


async def test_a_question_a_suggestion_its_answer_and_an_update(city: City, site: str, come: Come, lang: Lang) -> None:
    city.rasa.means(QUESTION[lang], "ask_net_zero_goal")
    async with city.damso.db.transaction() as tx:
        await accounts.add(tx, STAFF, Role.EDITOR, PASSWORD, at=city.clock())
    plan = read_plan()[0]

    # Mina asks, and sees where the answer comes from.
    mina = await come(site, lang)
    await mina.open("/")
    await mina.ask(QUESTION[lang])
    await expect(mina.answer).to_contain_text("2045")
    sources = mina.answer.get_by_role("listitem")
    await expect(sources.first).to_be_hidden()
    await mina.answer.locator("summary").click()
    await expect(sources.first).to_be_visible()
    await expect(sources.first.get_by_role("link")).to_have_attribute("href", re.compile("^https?://"))

    # She makes a suggestion and follows a commitment.
    receipt = await mina.suggest(SUGGESTION[lang])
    await mina.page.get_by_role("link", name=mina.read("Commitments"), exact=True).click()
    await mina.content.get_by_role("link", name=plan.title.of(lang)).click()
    await mina.link("Follow this commitment").click()
    await mina.press("Follow: {title}", title=plan.short.of(lang))
    assert await city.scalar("SELECT count(*) FROM follows") == 1

    # Haneul finds the suggestion among others and answers it.
    await city.citizen("en").suggest("Please plant more trees along the river")
    haneul = await come(site, lang)
    await haneul.sign_in(STAFF)
    rows = haneul.content.get_by_role("rowheader")
    await expect(rows).to_have_count(2)
    await haneul.field("Words or receipt number").fill(SUGGESTION[lang].split()[-1])
    await haneul.button("Filter").click()
    await expect(rows.get_by_role("link")).to_have_text([receipt])
    await rows.get_by_role("link").click()
    await expect(haneul.content.get_by_role("blockquote").filter(has_text=SUGGESTION[lang])).to_be_visible()
    await haneul.content.get_by_role("radio", name=haneul.read("Accepted"), exact=True).check()
    await haneul.field("Answer in Korean").fill(ANSWER["ko"])
    await haneul.field("Answer in English").fill(ANSWER["en"])
    await haneul.button("Save the decision").click()
    await expect(haneul.content.get_by_role("status").filter(has_text=haneul.read("Accepted"))).to_be_visible()

    # The answer reaches Mina where she wrote.
    await city.work_until_idle()
    await expect(mina.alerts).to_have_count(0)
    await mina.look_again()
    await expect(mina.alerts).to_have_count(1)
    await expect(mina.alerts.last).to_contain_text(receipt)
    await expect(mina.alerts.last).to_contain_text(ANSWER[lang])

    # Haneul publishes an update; Mina, who follows, is told.
    await haneul.page.get_by_role("link", name=haneul.read("Progress updates"), exact=True).click()
    await haneul.field("Commitment").select_option(plan.code)
    await haneul.field("Text in Korean").fill(UPDATE["ko"])
    await haneul.field("Text in English").fill(UPDATE["en"])
    await haneul.button("Save and preview").click()
    await haneul.button("Save and go on to sending").click()
    await haneul.button("Publish it now").click()
    await expect(haneul.content.get_by_role("status")).to_be_visible()
    await city.work_until_idle()
    await mina.look_again()
    await expect(mina.alerts).to_have_count(2)
    await expect(mina.alerts.last).to_contain_text(UPDATE[lang])

    # Anybody can read all of it.
    jun = await come(site, lang)
    await jun.open("/suggestions")
    await expect(jun.content.get_by_role("listitem").filter(has_text=receipt)).to_contain_text(SUGGESTION[lang])
    await expect(jun.content.get_by_role("listitem").filter(has_text=receipt)).to_contain_text(ANSWER[lang])
    await expect(jun.content).not_to_contain_text("Please plant more trees")
    await jun.open("/updates")
    await expect(jun.content).to_contain_text(UPDATE[lang])
