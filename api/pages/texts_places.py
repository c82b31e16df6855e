"""Words of the pages of places: regions, halls, departments, windows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PLACES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "nav.places": ("机构与窗口", "Places"),
        "places.title": ("机构与窗口", "Places and windows"),
        "places.lead": (
            "行政区划之下设大厅和部门，大厅之下设窗口。机构只增不减：办件和文号都记着它的编码。",
            "Halls and departments lie in a region, windows in a hall. Nothing is ever taken out: cases and document"
            " numbers name its code.",
        ),
        "places.search": ("按名称或编码查找", "Find by name or code"),
        "places.none": ("没有符合条件的机构。", "No place fits these conditions."),
        "places.place": ("机构", "The place"),
        "places.name": ("名称", "Name"),
        "places.name_zh": ("中文名称", "Chinese name"),
        "places.name_en": ("英文名称", "English name"),
        "places.code": ("编码", "Code"),
        "places.code_hint": (
            "小写字母、数字和连字符，定后不能更改。",
            "Small letters, digits and dashes; it cannot be changed later.",
        ),
        "places.kind": ("类别", "Kind"),
        "places.parent": ("上级", "Lies in"),
        "places.below": ("设在", "Below"),
        "places.region": ("区划代码", "Region code"),
        "places.region_hint": ("不填即与上级相同：{code}", "Left empty, that of the place above: {code}"),
        "places.agency_word": ("机关代字", "Agency word"),
        "places.agency_word_hint": (
            "大厅和部门必填，用于文号，定后不能更改。",
            "Needed for halls and departments; documents are numbered under it. It cannot be changed later.",
        ),
        "places.uscc": ("统一社会信用代码", "Social credit code"),
        "places.uscc_hint": ("部门必填，18位。", "Needed for departments, 18 characters."),
        "places.phone": ("电话", "Telephone"),
        "places.hours": ("办公时间", "Hours"),
        "places.hours_hint": (
            "大厅必填，如 08:30-12:00 14:30-17:30；期限到下班时届满，大厅有办件后不能更改。",
            "Needed for halls, such as 08:30-12:00 14:30-17:30. Limits end when the hall closes; once it has cases its"
            " hours cannot be changed.",
        ),
        "places.add": ("在其下新增", "Add one below"),
        "places.add_submit": ("新增", "Add"),
        "places.add_hint": (
            "新增后由安全管理员授予岗位，由事项管理员发布事项。",
            "Then a security administrator gives people roles there, and stewards publish items.",
        ),
        "places.not_added": ("没有新增", "Not added"),
        "places.change": ("更改", "Change"),
        "places.save": ("保存", "Save"),
        "places.not_changed": ("没有更改", "Not changed"),
        "places_done.add": ("机构已新增。", "The place was added."),
        "places_done.change": ("已保存。", "Saved."),
        "place_kind.region": ("行政区划", "Region"),
        "place_kind.hall": ("大厅", "Hall"),
        "place_kind.window": ("窗口", "Window"),
        "place_kind.department": ("部门", "Department"),
    }
)
