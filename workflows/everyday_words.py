"""What people call what they come for, and the words by which the catalogue names it (群众语言 and 事项名称)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

_NAMED: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "食品经营": ("饭店", "饭馆", "餐馆", "餐厅", "餐饮", "小吃", "早餐", "奶茶", "食堂", "卖吃的", "卖菜", "超市",
                     "便利店", "小卖部", "restaurant", "shop", "snack"),
        "个体工商户": ("营业执照", "做生意", "做买卖", "开店", "个体户", "摆摊", "business licence", "shop"),
        "公司设立": ("营业执照", "开公司", "办公司", "注册公司", "成立公司", "business licence", "open a company"),
        "劳务派遣": ("派遣工", "外包工", "派遣公司"),
        "人力资源服务": ("招工", "中介", "猎头", "职业介绍", "找工作"),
        "社会保险登记": ("社保开户", "单位社保", "给员工上社保", "五险"),
        "社会保障卡": ("社保卡", "医保卡", "社会保险卡", "medical card"),
        "工伤": ("上班受伤", "干活受伤", "工作受伤", "accident at work"),
        "居住证": ("暂住证", "外地人", "流动人口"),
        "出生登记": ("上户口", "落户", "报户口", "新生儿", "生孩子", "小孩户口", "宝宝", "baby", "child"),
        "居民身份证": ("身份证丢了", "身份证遗失", "补身份证", "丢身份证", "id card"),
        "护照": ("出国", "出境", "travel abroad"),
        "建筑工程施工": ("盖楼", "盖房", "工地", "开工", "施工证"),
        "商品房预售": ("卖楼", "卖新房", "楼盘", "预售证"),
        "道路挖掘": ("挖路", "破路", "挖马路", "刨路", "埋管"),
        "公共场所卫生": ("理发", "美容", "美发", "宾馆", "旅馆", "酒店", "民宿", "洗浴", "浴室", "游泳", "卫生许可",
                         "hotel", "hairdresser", "swimming"),
        "医师": ("医生", "大夫", "doctor"),
        "护士": ("护理", "护士证"),
        "医疗机构": ("诊所", "门诊", "医院", "卫生室", "clinic", "hospital"),
        "结婚": ("领证", "结婚证", "登记结婚", "wedding", "married"),
        "最低生活保障": ("低保", "困难补助", "生活困难", "没有收入", "social assistance"),
        "转移登记": ("过户", "买房", "卖房", "二手房", "房产证", "房本", "不动产证", "buy a home", "sell a home"),
        "抵押权": ("房贷", "贷款", "抵押", "loan"),
        "契税": ("交税", "买房税", "房税", "缴税"),
        "货运": ("拉货", "货车", "跑运输", "卡车", "运输证", "truck"),
        "教师资格": ("教师证", "教师资格证", "当老师", "老师", "teacher"),
        "娱乐场所": ("KTV", "卡拉OK", "歌厅", "舞厅", "游戏厅", "酒吧", "bar"),
        "农药": ("卖药", "除草剂", "杀虫"),
        "烟花爆竹": ("鞭炮", "放炮", "花炮", "firecracker"),
        "异地就医": ("外地看病", "异地看病", "转院", "外地医保", "异地医保", "外地住院"),
    }
)  # fmt: skip
"""By a part of the item's official name. Whoever knows that finds it without this list."""
_CALLED: Final = tuple(
    (unicodedata.normalize("NFKC", word).casefold(), named) for named, words in _NAMED.items() for word in words
)
_SHORTEST: Final = 2
"""How many characters are held against the beginning of a longer word; one would begin too many."""


def is_called(name: str, text: str) -> bool:
    """Whether an item of this name is what somebody means by their own words, alone or in a sentence.

    :param name: the item's, in Chinese. :param text: as :func:`workflows.item_search.rank` reads it, in small letters.
    """
    return any(named in name and _means(text, word) for word, named in _CALLED)


def _means(text: str, word: str) -> bool:
    if word.isascii():  # a short English word stands in many longer ones
        return f" {word} " in f" {text} "
    return word in text or (len(text) >= _SHORTEST and word.startswith(text))
