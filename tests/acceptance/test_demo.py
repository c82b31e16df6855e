"""The demo, as a newcomer runs it: an instance of its own, real files, every story, a verification at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from engine.specimens import make_specimens


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``yichuang demo --json`` says, given a folder with files of somebody else's."""
    folder = tmp_path_factory.mktemp("scans")
    make_specimens(folder, 11)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.5\nnothing else")
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--json", "--scans", str(folder), "--data", str(folder / "none")],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def story(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["cases"] if one["story"] == name)
    return found


def test_every_story_is_told_with_its_trail_and_its_papers(told: dict[str, Any]) -> None:
    assert len(told["cases"]) >= 20
    for one in told["cases"]:
        assert [event["seq"] for event in one["events"]] == list(range(1, len(one["events"]) + 1))
        assert any(paper["code"] == "D01" for paper in one["documents"])
        assert one["scans"]
        assert all(len(scan["digest"]) == 64 for scan in one["scans"])


def test_one_is_of_a_firm_and_goes_from_consultation_to_the_archive(told: dict[str, Any]) -> None:
    one = story(told, "granted_to_a_firm")
    assert one["case"]["applicant"]["kind"] == "organisation"
    assert one["case"]["state"] == "ARCHIVED"
    actors = {event["role"] for event in one["events"]}
    assert {"clerk", "officer", "approver", "issuer"} <= actors
    assert len({event["actor"] for event in one["events"] if event["role"] in {"officer", "reviewer", "approver"}}) == 3


def test_one_is_corrected_after_a_single_notice(told: dict[str, Any]) -> None:
    one = story(told, "corrected_after_a_notice")
    names = [event["name"] for event in one["events"]]
    assert names.count("case:give_notice") == 1
    assert one["case"]["state"] == "DELIVERED"
    assert {"D03", "D04", "D05", "D15", "D17", "D18"} <= {paper["code"] for paper in one["documents"]}


def test_one_is_denied_and_served(told: dict[str, Any]) -> None:
    one = story(told, "denied")
    assert "case:deny" in [event["name"] for event in one["events"]]
    assert {"D16", "D18"} <= {paper["code"] for paper in one["documents"]}


def test_the_window_could_not_refuse_and_the_broken_file_was_not_kept(told: dict[str, Any]) -> None:
    assert "role_not_allowed" in {refusal["code"] for refusal in told["refusals"]}
    files = {scan["file_name"]: scan for scan in story(told, "scanned_again")["scans"]}
    assert files["broken.pdf"]["state"] == "refused"
    assert files["broken.pdf"]["verdict"] == "file_without_pages"
    assert {scan["state"] for scan in files.values()} == {"stored", "refused"}


@pytest.mark.parametrize(
    ("name", "state", "acts"),
    [
        ("tolerated", "DELIVERED", {"accept_with_tolerance", "meet_tolerance"}),
        ("granted_on_promise", "DELIVERED", {"grant_on_promise", "check_promise"}),
        ("tested_specially", "GRANTED", {"tell_special", "serve", "start_special", "finish_special"}),
        ("extended_and_heard", "REVIEW", {"extend", "tell_third_party", "request_hearing", "schedule_hearing"}),
        ("jointly", "GRANTED", {"dispatch", "submit_review", "grant"}),
        ("on_the_spot", "DELIVERED", {"accept", "grant"}),
        ("elderly_seller", "DELIVERED", {"mark_priority", "record_intention", "record_payment"}),
        ("in_one_package", "DELIVERED", {"accept", "deliver"}),
        ("posted_and_rated", "DELIVERED", {"sign_off_post", "rate", "open_rectification", "rectify"}),
        ("helped_out", "ACCEPTED", {"receive", "accept"}),
    ],
)
def test_one_is_of_each_thing_that_the_law_knows(told: dict[str, Any], name: str, state: str, acts: set[str]) -> None:
    one = story(told, name)
    assert one["case"]["state"] == state
    assert {f"case:{act}" for act in acts} <= {event["name"] for event in one["events"]}


def test_nothing_is_granted_while_something_is_owed_under_tolerance(told: dict[str, Any]) -> None:
    assert "tolerance_open" in {refusal["code"] for refusal in told["refusals"]}


def test_the_figures_are_those_of_what_happened(told: dict[str, Any]) -> None:
    totals = {figure["name"]: figure["total"] for figure in told["figures"]}
    names = [event["name"] for one in told["cases"] for event in one["events"]]
    assert totals["received"]["numerator"] >= 18
    assert totals["notice_on_time_rate"]["denominator"] == names.count("case:give_notice") > 0
    assert totals["offending_lines"]["numerator"] == 0
    assert totals["deemed_acceptances"]["numerator"] == 0
    assert 0 < totals["on_time_rate"]["denominator"] <= totals["closed"]["numerator"]
    assert totals["one_visit_rate"]["value"] is not None


def test_it_ends_with_a_whole_trail(told: dict[str, Any]) -> None:
    assert told["audit"]["whole"]
    assert told["audit"]["cases"] >= len(told["cases"])
    assert told["audit"]["events"] >= sum(len(one["events"]) for one in told["cases"])
