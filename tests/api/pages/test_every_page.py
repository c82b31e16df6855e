"""What holds for every page: both languages whole, nothing inline or foreign, never cached, usable by keyboard."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api.pages import forms
from api.pages.texts import TEXTS
from tests.api.pages.browser import Browser, Page, let_in
from tests.factories import FOOD, Story, firm
from workflows.flow import packaged_flows
from workflows.light import Light
from workflows.material import Necessity
from workflows.messages.sending import MessageState
from workflows.party import IdKind
from workflows.payload import TYPES

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]

API = Path(__file__).resolve().parents[3] / "api"
TEMPLATES = sorted((API / "templates").glob("*.html"))
HAN = re.compile(r"[\u3400-\u9fff]")
CALL = re.compile(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""")
ATTRIBUTE = re.compile(r"""\b[a-z-]+="[^"]*"|\bautofocus\b""")
GROUP = re.compile(r"""\b(?:t|word)\(\s*["']([a-z_]+)\.?["']\s*(?:~|,)""")


def _sources() -> dict[str, str]:
    files = [*TEMPLATES, *(API / "pages").glob("*.py")]
    return {path.name: path.read_text("utf-8") for path in files if not path.name.startswith("texts")}


def test_every_text_is_there_in_both_languages() -> None:
    for msgid, (zh, en) in TEXTS.items():
        assert zh, msgid
        assert en, msgid
        assert set(re.findall(r"{[^}]*}", zh)) == set(re.findall(r"{[^}]*}", en)) or msgid.startswith("time."), msgid
        assert not HAN.search(en) or msgid == "nav.other_language", msgid
        assert HAN.search(zh) or not re.search("[A-Za-z]{2}", zh.replace("English", "")) or "{" in zh, msgid


def test_no_template_holds_words_of_its_own() -> None:
    for path in TEMPLATES:
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        for words in re.findall(r"(?:aria-label|title|alt|placeholder)=\"([^\"]*)\"", bare):
            assert not re.search(r"[A-Za-z\u3400-\u9fff]", words), (path.name, words)
        text = re.sub(r"<kbd>.</kbd>|<code[^>]*>.*?</code>|<[^>]*>", " ", bare)
        text = ATTRIBUTE.sub(" ", text)  # of macros that mark a field
        assert not re.search(r"[A-Za-z\u3400-\u9fff]", text), (path.name, text.split())


def test_every_text_that_is_asked_for_exists_and_every_text_is_asked_for() -> None:
    sources = "\n".join(_sources().values())
    asked = set(CALL.findall(sources))
    assert asked - set(TEXTS) == set()
    groups = set(GROUP.findall(sources))
    unused = {
        msgid
        for msgid in TEXTS
        if msgid not in asked and msgid.partition(".")[0] not in groups and f'"{msgid}"' not in sources
    }
    assert unused == set()


def test_closed_lists_have_words() -> None:
    asked = {f"id_kind.{kind}" for kind in IdKind} | {f"necessity.{one}" for one in Necessity}
    asked |= {f"light.{one}" for one in Light} | {f"message.{one}" for one in MessageState}
    for flow in packaged_flows().values():
        asked |= {f"holder.{state.holder}" for state in flow.states.values()}
        for step in flow.steps:
            asked |= {f"flag.{flag}" for flag in step.definition.flags.set}
            asked |= {f"choice.{choice}" for spec in step.definition.payload.values() for choice in spec.choices}
    assert asked - set(TEXTS) == set()


def test_every_payload_type_can_be_typed() -> None:
    assert set(forms.READERS) == {*TYPES, "choice"}


@pytest.fixture
async def pages(at_desk: At, case_in: Bring) -> dict[str, Page]:
    """Every page there is, in both languages, with and without a refusal on it."""
    delivered = (await (await case_in("DELIVERED")).row())["query_code"]
    story = await case_in("CORRECTION")
    code = (await story.row())["query_code"]
    browser, watcher, applicant = await at_desk("clerk"), await at_desk("supervisor"), await at_desk()
    issuer, officer = await at_desk("issuer"), await at_desk("officer")
    await let_in(applicant, code, firm().id_number[-4:])
    found: dict[str, Page] = {}
    for language in ("zh", "en"):
        for one in (browser, watcher, applicant, issuer, officer):
            await one.open(f"/language/{language}")
        for address in ("/department", "/opinion-templates", "/inbox", "/inbox?show=all", "/delegations"):
            found[f"{language} officer {address}"] = await officer.open(address)
        for address in ("", "/making", "/waiting", "/parcels", f"/at/{story.number}"):
            found[f"{language} counter {address}"] = await issuer.open(f"/counter{address}")
        for address in ("/cards", "/cases", f"/bulk?action=urge&case={story.number}@1", f"/cases/{story.number}",
                        f"/cases/{story.number}/desk"):  # fmt: skip
            found[f"{language} supervisor {address}"] = await watcher.open(address)
        for address in ("/ratings", "/ratings?show=all", "/closures"):
            found[f"{language} supervisor {address}"] = await watcher.open(address)
        for address in ("/figures", "/figures/received?over=day", "/figures/received/cases", "/reports", "/wall"):
            found[f"{language} supervisor {address}"] = await watcher.open(address)
        found[f"{language} rating"] = await applicant.open(f"/status/{delivered}/rating")
        found[f"{language} status"] = await applicant.open(f"/status/{code}")
        found[f"{language} guide"] = await applicant.open("/guide/items")
        found[f"{language} guide of an item"] = await applicant.open(f"/guide/items/{FOOD.code}")
        addresses = ["/", "/cases", f"/cases/{story.number}", "/cases/new", f"/cases/new?item={FOOD.code}", "/sign-in",
                     f"/cases/{story.number}/received", "/consultations", f"/consultations/new?item={FOOD.code}",
                     "/status", f"/status/{code}", "/status/AAAA", "/cases/0", "/nowhere"]  # fmt: skip
        for address in addresses:
            found[f"{language} {address}"] = await browser.open(address)
        form = found[f"{language} /cases/{story.number}"].form("/actions/withdraw")
        found[f"{language} refused"] = await browser.send(form, reason="不再经营")
    return found


async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for tag, values in page.elements:
            assert tag != "style", name
            data = values.get("type") == "application/json"
            assert tag != "script" or data or values.get("src", "").startswith("/static/"), name
            assert not [key for key in values if key == "style" or key.startswith("on")], (name, tag, values)
            for key in ("src", "href", "action"):
                assert values.get(key, "/").startswith(("/", "#", "tel:")), (name, values)
                assert not values.get(key, "/").startswith("//"), (name, values)
        assert page.answer.headers["Cache-Control"] == "no-store", name
        policy = page.answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_every_page_can_be_used_by_keyboard_and_reader(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        tags = [tag for tag, _ in page.elements]
        assert tags.count("h1") == 1, name
        links = [values for tag, values in page.elements if tag == "a"]
        assert links[0]["href"] == "#content", name
        keys = [values["accesskey"] for _, values in page.elements if "accesskey" in values]
        assert len(keys) == len(set(keys)), name
        ids = [values["id"] for _, values in page.elements if "id" in values]
        assert len(ids) == len(set(ids)), name
        for tag, values in page.elements:
            if tag not in {"input", "select", "textarea"} or values.get("type") == "hidden":
                continue
            labelled = values.get("id") in page.labelled or "inside-label" in values or values.get("aria-label")
            assert labelled, (name, values)


async def test_both_languages_are_whole(pages: dict[str, Page]) -> None:
    own = {zh for zh, _ in TEXTS.values() if len(HAN.findall(zh)) > 3}
    for name, page in pages.items():
        if name.startswith("en"):
            left = [text for text in own if text in page.text]
            assert left == [], (name, left)


async def test_assets_may_be_kept_because_their_address_changes_with_them(pages: dict[str, Page], at_desk: At) -> None:
    browser, sizes = await at_desk(), dict[str, int]()
    for name, page in pages.items():
        own = {
            values.get("src") or values["href"]
            for tag, values in page.elements
            if tag in {"script", "link"} and values.get("type") != "application/json"
        }
        for address in own - set(sizes):
            answer = await browser.http.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            sizes[address] = answer.num_bytes_downloaded
        total = len(page.html.encode()) + sum(sizes[address] for address in own)
        assert total < 150_000, name  # on the first visit; afterwards only the page itself
    sheet = (API / "static" / "app.css").read_text("utf-8")
    assert "url(" not in sheet
    assert "@import" not in sheet


def _luminance(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_stands_out_from_its_ground() -> None:
    sheet = (API / "static" / "app.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", sheet))
    words, grounds = ("ink", "soft", "accent"), ("paper", "ground", "accent-soft")
    pairs = [(word, ground) for word in words for ground in grounds]
    pairs += [(light, ground) for light in ("green", "amber") for ground in ("paper", "accent-soft")]
    pairs += [
        ("yellow", "yellow-ground"),
        ("paper", "red"),
        ("red", "red-ground"),
        ("red", "paper"),
        ("paper", "accent"),
    ]
    for word, ground in pairs:
        light, dark = sorted((_luminance(colours[word]), _luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (word, ground)
