"""Every act of every flow has a form that can be filled in, sent and understood, in both languages, without scripts."""

from __future__ import annotations

import httpx
import pytest

from api.pages.forms import Typed, payload_of, wrong_fields
from api.pages.rendering import _ENVIRONMENT
from api.pages.sections import CLOSED_OFFERS
from api.pages.wording import Wording
from tests.api.pages.browser import Form, Page
from workflows.errors import Malformed
from workflows.events import Act
from workflows.flow import Step, packaged_flows
from workflows.party import IdKind
from workflows.payload import read_payload

LINES = [
    {
        "line": code,
        "name": "材料",
        "name_en": "Material",
        "asked": {"originals": 1, "copies": 0},
        "received": {"originals": None, "copies": None, "pages": None, "exempt": None},
    }
    for code in ("M01", "M02")
]
NOTICE = {"lines": [{"line": 1, "material": "M01", "defect": "未提交", "met_at": None}]}
OFFERS = {
    "to": [("officer2", "谢建章")],
    "login": [("officer2", "谢建章")],
    "party": [("示例业主", "示例业主")],
    "card": [("460100-5", "红牌")],
    "document": [("示市监受〔2026〕1号", "受理通知书")],
    "kind": [("testing", "检测")],
}
PAGE = (
    '{% import "fields.html" as fields with context %}<form action="/act" method="post">'
    "{% for name, spec in declared.items() %}{{ fields.field(name, spec, typed, 'act', name in wrong) }}{% endfor %}"
    "</form>"
)
STEPS = [
    pytest.param(step, id=f"{flow.name}-{step.definition.action.value}-{'-'.join(step.definition.sources)[:40]}")
    for flow in packaged_flows().values()
    for step in flow.steps
    if step.definition.payload
]
TYPED = {"date": "2026-03-09", "number": "3"}


def shown(step: Step, typed: Typed, language: str = "zh", wrong: frozenset[str] = frozenset()) -> Page:
    """The form of a step as a page shows it."""
    words = Wording("en" if language == "en" else "zh")
    html = _ENVIRONMENT.from_string(PAGE).render(
        w=words,
        t=words.t,
        declared=declared(step),
        typed=typed,
        wrong=wrong,
        lines=LINES,
        line_names={"M01": "材料"},
        notice=NOTICE,
        offers=OFFERS,
        closed_offers=CLOSED_OFFERS,
        id_kinds=[kind.value for kind in IdKind],
    )
    return Page(httpx.Response(200, text=html))


def declared(step: Step) -> dict[str, dict[str, object]]:
    return {
        name: {
            "type": spec.type,
            "title": spec.title,
            "title_en": spec.title_en,
            "required": spec.required,
            "choices": spec.choices,
        }
        for name, spec in step.definition.payload.items()
    }


def filled(page: Page) -> list[tuple[str, str]]:
    """What somebody sends who fills in everything in the first row."""
    (form,) = page.forms
    pairs = dict(form.fields)
    for tag, values in page.elements:
        name = values.get("name", "")
        if not name or name == "more" or tag not in {"input", "textarea", "select"} or ".2." in name or ".3." in name:
            continue
        if tag == "select":
            pairs[name] = _chosen(page, name, form)
        elif values.get("type") in {"checkbox", "radio"}:
            pairs[name] = values["value"]
        else:
            pairs[name] = TYPED.get(values.get("type", "")) or _text_for(name)
    return list(pairs.items())


def _text_for(name: str) -> str:
    """Sign-in names and the numbers of parcels are codes; the rest is words."""
    return "officer2" if name.rpartition(".")[2] in {"login", "to", "host", "waybill"} else "示例文字"


def _chosen(page: Page, name: str, form: Form) -> str:
    """The last thing that a list offers."""
    inside, found = False, form.value(name)
    for tag, values in page.elements:
        if tag == "select":
            inside = values.get("name") == name
        elif tag == "option" and inside:
            found = values.get("value", "")
    return found


@pytest.mark.parametrize("step", STEPS)
def test_an_act_can_be_typed_and_understood(step: Step) -> None:
    fields = declared(step)
    page = shown(step, Typed())
    names = {name.partition(".")[0] for name in page.forms[0].names}
    assert set(fields) <= names
    payload = payload_of(fields, Typed.of(filled(page)))
    assert set(payload) == set(fields)
    read_payload(step.payload, payload)


@pytest.mark.parametrize("step", STEPS)
def test_what_was_typed_stays_in_the_form(step: Step) -> None:
    pairs = filled(shown(step, Typed()))
    again = filled(shown(step, Typed.of(pairs)))
    assert dict(again) == dict(pairs)
    kept = dict(shown(step, Typed.of(pairs)).forms[0].fields)
    assert {name: value for name, value in pairs if value} == {name: value for name, value in kept.items() if value}


@pytest.mark.parametrize("step", STEPS)
def test_a_form_that_lacks_something_says_where(step: Step) -> None:
    fields = declared(step)
    needed = {name for name, spec in fields.items() if spec["required"] and spec["type"] != "flag"}
    if not needed:
        read_payload(step.payload, payload_of(fields, Typed()))
        return
    with pytest.raises(Malformed) as refusal:
        read_payload(step.payload, payload_of(fields, Typed()))
    wrong = frozenset(wrong_fields(fields, Typed(), refusal.value))
    assert wrong == needed
    for language, words in (("zh", "请更正此项"), ("en", "Put this right")):
        page = shown(step, Typed(), language, wrong)
        assert page.text.count(words) == len(needed)
        marked = {values["id"] for _, values in page.elements if values.get("id", "").endswith("-wrong")}
        described = {values["aria-describedby"] for _, values in page.elements if "aria-describedby" in values}
        assert described == marked


def test_a_value_that_is_wrong_deep_inside_marks_its_field() -> None:
    step = next(step for step in packaged_flows()["PERMIT"].steps if step.definition.action is Act.GIVE_NOTICE)
    typed = Typed.of([("lines.1.material", "M01"), ("lines.1.defect", "未提交")])
    with pytest.raises(Malformed) as refusal:
        read_payload(step.payload, payload_of(declared(step), typed))
    assert wrong_fields(declared(step), typed, refusal.value) == {"lines"}
