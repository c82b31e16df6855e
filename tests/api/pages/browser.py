"""A browser without scripts: follows redirects, keeps cookies, fills in the forms of a page and sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from tests.conftest import PASSWORD

VOID = {"meta", "link", "input", "br", "img"}


@dataclass
class Form:
    """A form as the page shows it: every field with the value that it would send."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def value(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")


class Page(HTMLParser):
    """A page: its elements with their attributes, its words, its forms."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.html = answer.text
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.labelled: set[str] = set()
        self._form: Form | None = None
        self._select: tuple[str, list[str]] | None = None
        self._textarea: str | None = None
        self._depth_label = 0
        self.feed(self.html)

    @property
    def text(self) -> str:
        """The words of the page, one blank between them."""
        return " ".join(" ".join(self.words).split())

    def form(self, ending: str) -> Form:
        """The form whose address ends so."""
        found = [form for form in self.forms if form.action.partition("#")[0].endswith(ending)]
        assert found, f"no form {ending} among {[form.action for form in self.forms]}"
        return found[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.append((tag, values))
        if tag == "form":
            self._form = Form(values.get("action", ""), values.get("method", "get"))
            self.forms.append(self._form)
        if tag == "label":
            self._depth_label += 1
            self.labelled.add(values.get("for", ""))
        if self._depth_label:
            values["inside-label"] = "yes"
        if self._form is not None:
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        assert self._form is not None
        name = values.get("name", "")
        if tag in {"input", "select", "textarea", "button"} and name:
            self._form.names.add(name)
        if tag == "input" and name:
            kind = values.get("type", "text")
            if kind not in {"checkbox", "radio", "file"} or "checked" in values:
                self._form.fields.append((name, values.get("value", "")))
        if tag == "select":
            self._select = (name, [])
        if tag == "option" and self._select and ("selected" in values or not self._select[1]):
            self._select[1][:] = [values.get("value", "")]
        if tag == "textarea":
            self._textarea = name
            self._form.fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "label":
            self._depth_label -= 1
        if tag == "textarea":
            self._textarea = None
        if tag == "select" and self._form is not None and self._select:
            self._form.fields += [(self._select[0], value) for value in self._select[1]]
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None and self._form is not None:
            name, value = self._form.fields[-1]
            self._form.fields[-1] = (name, value + data)
        self.words.append(data)


@dataclass
class Browser:
    """One person at one desk."""

    http: httpx.AsyncClient

    async def open(self, path: str) -> Page:
        return Page(await self.http.get(path, follow_redirects=True))

    async def send(self, form: Form, /, **typed: str | list[str]) -> Page:
        """Send a form with its own values and what is typed over them; ``__`` in a name stands for a dot."""
        typed = {name.replace("__", "."): value for name, value in typed.items()}
        data: dict[str, str | list[str]] = dict(form.fields)
        unknown = set(typed) - form.names
        assert not unknown, f"the form has no {unknown}: {form.names}"
        answer = await self.http.post(form.action.partition("#")[0], data=data | typed, follow_redirects=True)
        return Page(answer)

    async def sign_in(self, login: str, password: str = PASSWORD) -> Page:
        page = await self.open("/sign-in")
        return await self.send(page.form("/sign-in"), login=login, password=password)

    async def upload(self, form: Form, name: str, content: bytes) -> Page:
        answer = await self.http.post(
            form.action.partition("#")[0],
            data=dict(form.fields),
            files={"file": (name, content)},
            follow_redirects=True,
        )
        return Page(answer)


async def let_in(browser: Browser, code: str, last_four: str) -> Page:
    """The page of an applicant who scans the code of the receipt and shows who they are."""
    return await browser.send((await browser.open(f"/status/{code}")).form("/status"), last_four=last_four)


def shown(page: Page) -> str:
    """The secret that a page shows."""
    return page.html.partition('<code class="code">')[2].partition("</code>")[0]


async def do(browser: Browser, page: Page, name: str, /, **typed: str) -> Page:
    """Send the form of a page that carries this act."""
    form = next(form for form in page.forms if form.value("act") == name)
    return await browser.send(form, **typed)
