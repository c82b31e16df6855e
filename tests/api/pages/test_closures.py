"""Days on which the hall is closed, on a page: declared by its manager, seen by those who work there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.api.pages.browser import Browser

At = Callable[..., Awaitable[Browser]]


async def test_a_manager_closes_the_hall_for_a_day_and_everybody_sees_it(at_desk: At) -> None:
    manager, clerk = await at_desk("hall_manager"), await at_desk("clerk")
    page = await manager.open("/closures")
    assert "没有声明停止办公的日子" in page.text
    for wrong, code, words in (("soon", 422, ""), ("2026-02-02", 409, "该日已过")):
        refused = await manager.send(page.form("/closures"), day=wrong, reason="台风停止办公")
        assert refused.answer.status_code == code
        assert refused.form("/closures").value("reason") == "台风停止办公"
        assert words in refused.text
        assert any(values.get("id") == "day" and "aria-invalid" in values for _, values in refused.elements)
    page = await manager.send(page.form("/closures"), day="2026-03-05", reason="台风停止办公")
    assert "已声明 2026年3月5日 停止办公；0 个预约将改期" in page.text
    again = await manager.send(page.form("/closures"), day="2026-03-05", reason="台风停止办公")
    assert again.answer.status_code == 409
    seen = await clerk.open("/closures")
    assert "2026年3月5日" in seen.text
    assert "台风停止办公" in seen.text
    assert not [form for form in seen.forms if form.action == "/closures" and form.method == "post"]
    assert "2026年3月5日" not in (await clerk.open("/closures?from=2026-03-06")).text
