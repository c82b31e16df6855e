"""The sample hall and its thirty items: enough to try everything, and lawful in itself."""

from __future__ import annotations

from collections import Counter
from importlib import resources

import pytest

from workflows.actor import ADMINISTRATORS, Actor, Grant, Role, check_exclusive
from workflows.clock import Unit
from workflows.errors import Conflict, DefinitionError
from workflows.item import ItemVersion, load_catalogue
from workflows.numbers import parse_item_code
from workflows.party import validate_uscc
from workflows.sample_hall import load_hall, parse_hall

HALL = load_hall()
ITEMS = load_catalogue()
PLACES = {place.code: place for place in HALL.places}
TEXT = (resources.files("workflows") / "catalogue" / "hall.toml").read_text(encoding="utf-8")


def held(kind: str) -> list[str]:
    return [place.code for place in HALL.places if place.kind == kind]


def test_thirty_items_each_with_its_own_valid_code() -> None:
    assert len(ITEMS) == 30
    assert len({item.code for item in ITEMS}) == 30
    for item in ITEMS:
        assert len(item.code) == 31
        assert parse_item_code(item.code).authority == PLACES[item.department].uscc


def test_every_item_has_a_department_with_people_for_each_step() -> None:
    for item in ITEMS:
        at = [grant.role for person in HALL.people for grant in person.grants if grant.at == item.department]
        assert {Role.officer, Role.reviewer, Role.approver} <= set(at), item.name


@pytest.mark.parametrize(
    ("name", "law", "statutory", "promise"),
    [
        ("食品经营许可（新办）", "PERMIT", (10, Unit.working_days), 5),
        ("个体工商户设立登记", "MARKET_ENTITY", (3, Unit.working_days), 0),
        ("工伤认定", "GENERIC", (60, Unit.natural_days), 30),
        ("医疗机构执业登记", "PERMIT", (45, Unit.working_days), 20),
        ("存量房转移登记", "REAL_ESTATE", (30, Unit.working_days), 3),
        ("契税申报", "GENERIC", None, 0),
        ("农药经营许可", "PERMIT", (20, Unit.working_days), 10),
    ],
)
def test_items_carry_the_limits_of_their_law(
    name: str, law: str, statutory: tuple[int, Unit] | None, promise: int
) -> None:
    item = by_name(name)
    limit = item.statutory_limit
    assert item.procedure_law == law
    assert (limit and (limit.n, limit.unit)) == statutory
    assert item.promise_limit.n == promise


def by_name(name: str) -> ItemVersion:
    return next(item for item in ITEMS if item.name == name)


def test_special_rules_of_single_items_are_there() -> None:
    assert by_name("娱乐场所设立审批").hearing == "mandatory"
    assert by_name("烟花爆竹零售许可").quantity_limited
    assert by_name("公共场所卫生许可").promise_permit
    assert by_name("异地就医备案").cross_province
    assert [step.kind for step in by_name("医疗机构执业登记").special_procedures if step.excluded] == ["expert_review"]
    elder = next(line for line in by_name("存量房转移登记").materials if line.condition == "elder")
    assert elder.name == "老年人真实意思询问笔录"


def test_every_item_says_where_each_material_comes_from() -> None:
    for item in ITEMS:
        assert 3 <= len(item.materials) <= 9, item.name
        assert all(line.how_to_obtain and line.how_to_obtain_en and line.source for line in item.materials)


def test_there_is_somebody_for_every_role_and_nobody_holds_an_excluded_pair() -> None:
    roles = Counter(grant.role for person in HALL.people for grant in person.grants)
    assert set(Role) - set(roles) == {Role.applicant, Role.system}
    assert all(roles[role] >= 2 for role in (Role.clerk, Role.officer, Role.reviewer, Role.approver))
    logins = {person.login for person in HALL.people}
    assert {role.value for role in roles} <= logins
    assert len(logins) == len({person.name for person in HALL.people}) == len(HALL.people)


def test_the_tree_goes_from_the_province_to_the_village() -> None:
    assert HALL.path("village-point") == "460000/460100/460107/460107101/460107101201/village-point"
    assert [len(PLACES[code].region) for code in held("region")] == [6, 6, 6, 9, 12]
    assert len([code for code in held("window") if PLACES[code].parent == "hall"]) >= 6
    hours = PLACES["hall"].hours
    assert hours is not None
    assert [[moment.isoformat("minutes") for moment in span] for span in hours.sessions] == [
        ["08:30", "12:00"],
        ["14:30", "17:30"],
    ]


def test_every_department_has_a_valid_code_and_a_word_for_its_documents() -> None:
    departments = [PLACES[code] for code in held("department")]
    assert len({validate_uscc(place.uscc or "") for place in departments}) == len(departments)
    assert len({place.agency_word for place in departments}) == len(departments)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('parent = "460000"', 'parent = "470000"', "470000 does not come before it"),
        ('code = "w02"', 'code = "w01"', "places w01: used twice"),
        ('agency_word = "示市监"\n', "", "places amr.agency_word: missing"),
        ('login = "clerk2"', 'login = "clerk"', "people clerk: used twice"),
        ('role = "agent", at = "hall"', 'role = "agent", at = "moon"', "no place moon"),
        ('role = "agent", at = "hall"', 'role = "king", at = "hall"', "Invalid enum value 'king'"),
        ('region = "460107101201"', 'region = "460108101201"', "outside 460107101"),
        (
            '{ role = "auditor"',
            '{ role = "clerk", at = "hall" }, { role = "auditor"',
            "people auditor: One person",
        ),
    ],
)
def test_a_wrong_hall_file_is_refused_with_its_reason(old: str, new: str, problem: str) -> None:
    assert old in TEXT
    with pytest.raises(DefinitionError) as caught:
        parse_hall(TEXT.replace(old, new, 1))
    assert problem in caught.value.en


@pytest.mark.parametrize("administrator", sorted(ADMINISTRATORS))
def test_an_administrator_holds_no_other_role(administrator: Role) -> None:
    check_exclusive([administrator])
    for other in set(Role) - {administrator}:
        with pytest.raises(Conflict, match="roles_exclusive"):
            check_exclusive([administrator, other])


def test_nobody_scores_their_own_work() -> None:
    check_exclusive([Role.clerk, Role.issuer])
    with pytest.raises(Conflict, match="roles_exclusive"):
        check_exclusive([Role.assessor, Role.clerk])


def test_a_grant_reaches_down_the_tree_and_not_sideways() -> None:
    district, person = PLACES["460107"], "00000000-0000-7000-8000-000000000001"
    grant = Grant(Role.clerk, person, HALL.path(district.code))
    actor = Actor(person, "王海宁", (grant,))
    assert actor.may(Role.clerk)
    assert actor.may(Role.clerk, HALL.path("town-hall"))
    assert not actor.may(Role.clerk, HALL.path("hall"))
    assert not actor.may(Role.clerk, grant.path + "9/hall")
    assert not actor.may(Role.officer)
    assert all(role.zh and role.en for role in Role)
