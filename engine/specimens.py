"""Sample scans for demonstrations: materials of invented people and firms, drawn and coded as scanners do.

The same seed gives the same bytes. Identity numbers and company codes are invented and carry valid check
characters (GB 11643, GB 32100).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import gmtime

from PIL import Image

from engine.specimen_paper import Sheet
from workflows.party import resident_id_check_character, uscc_check_character

_ORIENTATION = 0x0112
_LYING = 8  # Exif 2.32 §4.6.4: to be turned a quarter to the left to stand upright
_FAMILY_NAMES = "林王陈黄符吴李周郑何"
_GIVEN_NAMES = ("海宁", "若溪", "文博", "思远", "佳禾", "明谦", "雨桐", "景行")
_RULE = "从业人员健康管理与进货查验记录制度应当落实到岗到人并定期检查"
_TRADES = ("椰风小馆", "清补凉铺", "晨光面点", "南渡书屋", "云帆便利店")


@dataclass(frozen=True, slots=True)
class _Applicant:
    name: str
    number: str
    firm: str
    code: str
    address: str
    mobile: str


def make_specimens(directory: Path, seed: int, font: Path | None = None) -> list[Path]:
    """Draw a set of materials into ``directory`` and return their files in the order of a filing.

    An application form (colour JPEG, 300 dpi), a business licence (PDF), a layout plan (bitonal TIFF of two
    frames, G4), an identity card (grey PNG), house rules (PDF of four pages) and a photo of the shop taken
    with a telephone held sideways (JPEG, upright by its EXIF tag).

    :param directory: existing directory; files of the same names are replaced.
    :param seed: decides names, numbers, skew and grain.
    :param font: face for Chinese; without it characters are drawn as stroke patterns.
    """
    chance = Random(seed)  # noqa: S311 - samples must come out the same again
    who = _applicant(chance)
    makers: tuple[Callable[[Path, Random, _Applicant, Path | None], Path], ...] = (
        _application_form,
        _business_licence,
        _layout_plan,
        _identity_card,
        _house_rules,
        _shop_photo,
    )
    return [make(directory, chance, who, font) for make in makers]


def _applicant(chance: Random) -> _Applicant:
    born = f"{chance.randint(1965, 2003)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    number = f"460100{born}{chance.randrange(0, 1000, 2):03}"
    code = "92460100MA5" + "".join(chance.choices("0123456789ABCDEFGH", k=6))
    return _Applicant(
        chance.choice(_FAMILY_NAMES) + chance.choice(_GIVEN_NAMES),
        number + resident_id_check_character(number),
        "海口" + chance.choice(_TRADES),
        code + uscc_check_character(code),
        f"海口市样例区一窗路{chance.randint(1, 199)}号",
        f"1380000{chance.randrange(10000):04}",
    )


def _application_form(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    sheet = Sheet(300, font)
    sheet.write(62, 22, "食品经营许可申请书", 9)
    rows = (
        ("申请人", who.firm),
        ("统一社会信用代码", who.code),
        ("经营者", who.name),
        ("身份证件号码", who.number),
        ("联系电话", who.mobile),
        ("经营场所", who.address),
        ("经营项目", "热食类食品制售 冷食类食品制售"),
        ("申请日期", "2026年11月20日"),
    )
    for line, (label, value) in enumerate(rows):
        top = 45 + line * 14
        sheet.box(22, top, 70, top + 14)
        sheet.box(70, top, 188, top + 14)
        sheet.write(25, top + 4.5, label)
        sheet.write(74, top + 4.5, value)
    sheet.box(22, 157, 188, 230)
    for line in range(6):
        sheet.write(26, 162 + line * 8, "本人承诺所填内容和所附材料真实有效，愿意承担相应法律责任。", 4)
    sheet.write(110, 215, "申请人（签章）：" + who.name, 4.5)
    sheet.seal(150, 205)
    path = directory / "1-application-form.jpg"
    sheet.scanned(chance, skew=chance.uniform(-1.5, 1.5)).save(path, quality=85, dpi=(300, 300))
    return path


def _business_licence(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    sheet = Sheet(200, font)
    sheet.box(12, 12, 198, 285, 1.6)
    sheet.box(16, 16, 194, 281, 0.5)
    sheet.write(70, 45, "营业执照", 17)
    sheet.write(72, 66, "（副本 复印件）", 6)
    for line, text in enumerate(
        (
            "统一社会信用代码 " + who.code,
            "名称　" + who.firm,
            "类型　个体工商户",
            "经营者　" + who.name,
            "经营场所　" + who.address,
            "注册日期　2024年03月18日",
        )
    ):
        sheet.write(32, 95 + line * 15, text, 6)
    sheet.write(105, 235, "登记机关　样例市场监督管理局", 5)
    sheet.seal(150, 240, 22)
    return _save_pdf(directory / "2-business-licence.pdf", [sheet.scanned(chance, skew=chance.uniform(-1, 1))], 200)


def _layout_plan(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    frames = []
    for floor in (1, 2):
        sheet = Sheet(300, font)
        sheet.write(60, 20, f"经营场所平面布局图 {floor}F", 7)
        sheet.write(30, 32, who.firm, 5)
        sheet.box(25, 45, 185, 250, 1.2)
        across = chance.randint(80, 130)
        for left, top, right, bottom, name in (
            (25, 45, across, 140, "烹饪区"),
            (across, 45, 185, 110, "备餐间"),
            (across, 110, 185, 140, "更衣室"),
            (25, 140, 185, 250, "就餐区"),
        ):
            sheet.box(left, top, right, bottom, 0.8)
            sheet.write((left + right) / 2 - 9, (top + bottom) / 2, name, 6)
        for table in range(6):
            x, y = 45 + table % 3 * 48, 165 + table // 3 * 40
            sheet.box(x, y, x + 18, y + 18, 0.4)
        grey = sheet.scanned(chance, colour=False, skew=chance.uniform(-2, 2))
        frames.append(grey.point(lambda value: 255 if value > 150 else 0).convert("1"))
    path = directory / "3-layout-plan.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="group4", dpi=(300, 300))
    return path


def _identity_card(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    sheet = Sheet(200, font)
    sheet.box(62, 50, 148, 104, 0.5)
    for line, text in enumerate(("姓名　" + who.name, "性别　女　民族　汉", "住址　" + who.address[:8])):
        sheet.write(67, 58 + line * 9, text, 3.6)
    sheet.write(67, 94, "公民身份号码　" + who.number, 3.6)
    sheet.oval(125, 60, 139, 77, 170)
    sheet.oval(119, 76, 145, 90, 150)
    sheet.box(62, 125, 148, 179, 0.5)
    sheet.write(85, 138, "居民身份证", 6)
    sheet.write(72, 162, "有效期限　2020.05.06-2040.05.06", 3.6)
    sheet.write(70, 205, "复印件 仅用于办理本次申请", 5)
    path = directory / "4-identity-card.png"
    sheet.scanned(chance, colour=False, skew=chance.uniform(-2, 2)).save(path, dpi=(200, 200), compress_level=3)
    return path


def _house_rules(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    pages = []
    for number in range(1, 5):
        sheet = Sheet(200, font)
        sheet.write(55, 20, "食品安全管理制度", 8)
        sheet.write(25, 36, who.firm, 5)
        for line in range(26):
            indent = 33 if line % 5 == 0 else 25
            start = chance.randrange(len(_RULE))
            sheet.write(indent, 48 + line * 8, _RULE[start:] + _RULE[:start], 4.6)
        sheet.write(100, 278, f"- {number} -", 4)
        pages.append(sheet.scanned(chance, colour=False, skew=chance.uniform(-1, 1)))
    return _save_pdf(directory / "5-house-rules.pdf", pages, 200)


def _shop_photo(directory: Path, chance: Random, who: _Applicant, font: Path | None) -> Path:
    sheet = Sheet(150, font)
    sheet.box(15, 90, 195, 230, 1.5)
    sheet.box(15, 65, 195, 90, 1.5)
    sheet.write(45, 69, who.firm, 16)
    sheet.box(85, 140, 125, 230, 1)
    for left in (25, 135):
        sheet.box(left, 130, left + 50, 190, 1)
    tag = Image.Exif()
    tag[_ORIENTATION] = _LYING
    path = directory / "6-shop-photo.jpg"
    picture = sheet.scanned(chance, skew=chance.uniform(-3, 3)).transpose(Image.Transpose.ROTATE_270)
    picture.save(path, quality=80, exif=tag)
    return path


def _save_pdf(path: Path, pages: list[Image.Image], dpi: int) -> Path:
    same = gmtime(0)  # a date of today would make the bytes differ
    pages[0].save(
        path,
        save_all=True,
        append_images=pages[1:],
        resolution=dpi,
        quality=80,
        creationDate=same,
        modDate=same,
    )
    return path
