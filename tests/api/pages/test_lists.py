"""The lists: whose turn it is, how pressing it is, one page after another; names of people masked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from api.pages.lists import PAGE_SIZE
from tests.api.hall import Clock
from tests.api.pages.browser import Browser
from tests.factories import FOOD, START, Story, firm, person

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]


async def test_each_sees_what_it_is_their_turn_to_do(at_desk: At, case_in: Bring) -> None:
    story = await case_in("DISPATCHED")
    assert story.number in (await (await at_desk("officer")).open("/")).text
    page = await (await at_desk("issuer")).open("/")
    assert story.number not in page.text
    assert "没有轮到您办理的办件" in page.text


async def test_a_list_shows_light_due_date_and_masked_names(at_desk: At, case_in: Bring, clock: Clock) -> None:
    await case_in("RECEIVED", who=person(7))
    browser = await at_desk("clerk")
    page = await browser.open("/")
    assert "正常" in page.text
    assert "2026年3月9日 17:30" in page.text
    assert "示例7" not in page.text
    assert "示*7" in page.text
    clock.now = START + timedelta(days=7)
    assert "黄牌" in (await (await at_desk("clerk")).open("/")).text
    clock.now = START + timedelta(days=8)
    assert "红牌" in (await (await at_desk("clerk")).open("/")).text


async def test_a_state_is_called_what_its_own_flow_calls_it(at_desk: At, case_in: Bring) -> None:
    await case_in("GRANTED")
    page = await (await at_desk("officer")).open("/cases")
    row = page.html[page.html.index("<tbody>") :]
    assert "准予许可" in row
    assert "已登簿" not in row
    assert "准予办理 / 准予登记" in page.text  # the filter names all that it means


async def test_the_board_calls_a_state_what_its_own_flow_calls_it(at_desk: At, case_in: Bring, clock: Clock) -> None:
    await case_in("GRANTED")
    clock.now = START + timedelta(days=60)
    page = await (await at_desk("hall_manager")).open("/board/cases?level=red")
    row = page.html[page.html.index("<tbody>") :]
    assert "准予许可" in row
    assert "已登簿" not in row


async def test_an_english_reader_sees_english_names(at_desk: At, case_in: Bring) -> None:
    story = await case_in("RECEIVED")
    browser = await at_desk("clerk")
    await browser.open("/language/en")
    for address, words in (
        ("/", (FOOD.name_en, "Sample City Market Regulation Bureau")),
        ("/cases", (FOOD.name_en, "Sample City Market Regulation Bureau")),
        ("/cases/new", (FOOD.name_en, "Sample City Market Regulation Bureau")),
        (f"/cases/{story.number}", (FOOD.name_en, "Sample City Market Regulation Bureau", "Sample City Service Hall")),
    ):
        page = await browser.open(address)
        for word in words:
            assert word in page.text, (address, word)
        assert "市场监督管理局" not in page.text, address


async def test_the_most_urgent_comes_first_and_every_page_follows(at_desk: At, case_in: Bring) -> None:
    later = await case_in("RECEIVED", at=START + timedelta(days=1))
    sooner = await case_in("RECEIVED")
    numbers = [sooner.number, later.number]
    numbers += [(await case_in("NEW", who=firm(n))).number for n in range(PAGE_SIZE)]
    browser = await at_desk("clerk")
    page, seen = await browser.open("/cases"), []
    while True:
        links = [values["href"] for tag, values in page.elements if tag == "a" and "href" in values]
        seen += [link.removeprefix("/cases/") for link in links if link.startswith("/cases/4")]
        following = [values["href"] for tag, values in page.elements if values.get("rel") == "next"]
        if not following:
            break
        page = await browser.open(following[0])
    assert seen[:2] == numbers[:2]
    assert sorted(seen) == sorted(numbers)


async def test_cases_are_filtered(at_desk: At, case_in: Bring) -> None:
    new, received = await case_in("NEW"), await case_in("RECEIVED")
    browser = await at_desk("clerk")
    page = await browser.open("/cases?state=RECEIVED")
    assert received.number in page.text
    assert new.number not in page.text
    assert received.number in (await browser.open("/cases?due_before=2026-03-10")).text
    assert received.number not in (await browser.open("/cases?due_before=2026-03-09")).text
    assert received.number in (await browser.open(f"/cases?item={FOOD.code}")).text
    assert "没有符合条件的办件" in (await browser.open("/cases?item=no-such-item")).text


async def test_a_number_opens_its_case(at_desk: At, case_in: Bring) -> None:
    story = await case_in("NEW")
    browser = await at_desk("clerk")
    assert (await browser.open(f"/cases?number=%20{story.number}")).answer.url.path == f"/cases/{story.number}"
    assert (await browser.open("/cases?number=460100000000000000")).answer.status_code == 404


async def test_wrong_filters_are_refused_in_words(at_desk: At) -> None:
    browser = await at_desk("clerk")
    assert "翻页标记无效" in (await browser.open("/?cursor=nonsense")).text
    assert "日期格式" in (await browser.open("/cases?due_before=soon")).text
