"""The supervisor keeps its children alive, and never outlives or orphans them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from storage.embedded import Child, Supervisor
from storage.embedded.processes import LOG_LIMIT
from storage.embedded.supervisor import Step
from tests.storage.steps import WAIT, Steps
from workflows.errors import Conflict, Unavailable

# A stand-in for ``make up``: supervises one child and says which process it is.
INSTANCE = """
import sys
from pathlib import Path
from storage.embedded import Child, Supervisor
data = Path(sys.argv[1])
with Supervisor(data, lambda name, step: print(name, step, flush=True)) as supervisor:
    supervisor.start(Child("worker", ("/bin/sleep", "600")))
    supervisor.announce("http://127.0.0.1:8000")
    print("pid", supervisor.pids["worker"], flush=True)
    supervisor.run_until_stopped()
"""


def sleeper(name: str) -> Child:
    return Child(name, ("/bin/sleep", "600"), stop_timeout=5.0)


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, "-c", INSTANCE, str(tmp_path / "var")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def child_of(instance: subprocess.Popen[str]) -> psutil.Process:
    """The child of an instance, once it has started."""
    assert instance.stdout is not None
    line = next(line for line in instance.stdout if line.startswith("pid "))
    return psutil.Process(int(line.split()[1]))


def wait_until_it_takes_signals(process: subprocess.Popen[str]) -> None:
    caught = 0
    while not caught >> (signal.SIGTERM - 1) & 1:
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)


def assert_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=WAIT)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_children_start_in_order_and_stop_in_reverse(tmp_path: Path, steps: Steps) -> None:
    with Supervisor(tmp_path / "var", steps) as supervisor:
        supervisor.start(sleeper("database"), sleeper("store"))
        supervisor.start(sleeper("application"))
        processes = [psutil.Process(pid) for pid in supervisor.pids.values()]
        assert list(supervisor.pids) == ["database", "store", "application"]
    assert_gone(processes)
    assert [name for name, step in steps.all if step is Step.STARTING] == ["database", "store", "application"]
    assert [name for name, step in steps.all if step is Step.STOPPED] == ["application", "store", "database"]


def test_a_killed_child_is_restarted(tmp_path: Path, steps: Steps) -> None:
    with Supervisor(tmp_path / "var", steps) as supervisor:
        supervisor.start(sleeper("worker"), sleeper("other"))
        first, other = supervisor.pids["worker"], supervisor.pids["other"]
        os.kill(first, signal.SIGKILL)
        steps.wait_for("worker", Step.DIED)
        steps.wait_for("worker", Step.READY)
        assert supervisor.pids["worker"] != first
        assert supervisor.pids["other"] == other


def test_what_a_dead_child_leaves_behind_is_ended_before_its_restart(tmp_path: Path, steps: Steps) -> None:
    with Supervisor(tmp_path / "var", steps) as supervisor:
        supervisor.start(Child("server", ("/bin/sh", "-c", "/bin/sleep 60 & wait")))
        leader = psutil.Process(supervisor.pids["server"])
        members = leader.children()
        while not members:
            members = leader.children()
        leader.kill()
        steps.wait_for("server", Step.DIED)
        assert_gone(members)


def test_killing_the_supervisor_leaves_no_child_running(instance: subprocess.Popen[str]) -> None:
    child = child_of(instance)
    instance.kill()
    assert_gone([child])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(instance: subprocess.Popen[str], number: signal.Signals) -> None:
    child = child_of(instance)
    wait_until_it_takes_signals(instance)
    instance.send_signal(number)
    assert instance.wait(WAIT) == 0
    assert_gone([child])


def test_a_second_start_is_told_who_runs_already(instance: subprocess.Popen[str], tmp_path: Path) -> None:
    child_of(instance)
    with pytest.raises(Conflict) as refused:
        Supervisor(tmp_path / "var").open()
    assert refused.value.code == "already_running"
    assert refused.value.extra == {"pid": instance.pid, "address": "http://127.0.0.1:8000"}
    assert f"pid {instance.pid}, address http://127.0.0.1:8000" in refused.value.en
    assert f"进程 {instance.pid}" in refused.value.zh


def test_the_lock_of_a_killed_supervisor_is_taken_over(instance: subprocess.Popen[str], tmp_path: Path) -> None:
    child_of(instance)
    instance.kill()
    instance.wait(WAIT)
    with Supervisor(tmp_path / "var"):
        assert json.loads((tmp_path / "var" / "lock").read_text())["pid"] == os.getpid()


def test_a_program_that_cannot_run_is_named_at_once(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "var") as supervisor, pytest.raises(Unavailable) as refused:
        supervisor.start(Child("ghost", ("/no/such/program",), ready=lambda: False, ready_timeout=600.0))
    assert "cannot run /no/such/program" in refused.value.en


def test_words_of_an_earlier_run_are_not_blamed(tmp_path: Path) -> None:
    log = tmp_path / "log" / "mute.log"
    log.parent.mkdir()
    log.write_text("an error of yesterday\n", "utf-8")
    with Supervisor(tmp_path) as supervisor, pytest.raises(Unavailable, match="server_not_ready") as caught:
        supervisor.start(Child("mute", ("/bin/sh", "-c", "exec sleep 600"), ready=lambda: False, ready_timeout=0.2))
    assert "yesterday" not in caught.value.en
    assert "0.2" in caught.value.en


def test_a_child_that_never_serves_is_reported_with_its_last_words(tmp_path: Path) -> None:
    child = Child("mute", ("/bin/sh", "-c", "echo no port; exec sleep 600"), ready=lambda: False, ready_timeout=1.0)
    with Supervisor(tmp_path / "var") as supervisor, pytest.raises(Unavailable) as refused:
        supervisor.start(child)
    assert refused.value.code == "server_not_ready"
    assert "no port" in refused.value.zh


def test_a_child_that_says_nothing_is_reported_with_how_long_was_waited(tmp_path: Path) -> None:
    child = Child("mute", ("/bin/sh", "-c", "exec sleep 600"), ready=lambda: False, ready_timeout=0.5)
    with Supervisor(tmp_path / "var") as supervisor, pytest.raises(Unavailable) as refused:
        supervisor.start(child)
    assert "0.5秒内没有应答" in refused.value.zh


def test_a_child_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
        "while True: signal.pause()"
    )
    log = tmp_path / "var" / "log" / "deaf.log"
    child = Child("deaf", (sys.executable, "-c", script), ready=lambda: "deaf" in log.read_text(), stop_timeout=0.2)
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(child)
        process = psutil.Process(supervisor.pids["deaf"])
    assert_gone([process])


def test_a_name_is_given_once(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(sleeper("worker"))
        with pytest.raises(Conflict):
            supervisor.start(sleeper("worker"))


def test_nothing_starts_after_the_stop(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "var") as supervisor:
        pass
    with pytest.raises(Conflict):
        supervisor.start(sleeper("late"))


def test_an_error_of_our_own_stops_the_children_and_reaches_the_caller(tmp_path: Path) -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    supervisor = Supervisor(tmp_path / "var")
    supervisor.open()
    supervisor.start(sleeper("worker"))
    worker = psutil.Process(supervisor.pids["worker"])
    with pytest.raises(ZeroDivisionError):
        supervisor.start(Child("broken", ("/bin/sleep", "600"), ready=broken))
    assert_gone([worker])
    with pytest.raises(ZeroDivisionError):
        supervisor.stop()


def test_a_log_does_not_grow_without_end(tmp_path: Path) -> None:
    log = tmp_path / "var" / "log" / "worker.log"
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(sleeper("worker"))
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    with Supervisor(tmp_path / "var") as supervisor:
        supervisor.start(sleeper("worker"))
        assert log.stat().st_size == 0
        assert log.stat().st_mode & 0o777 == 0o600
    assert log.with_name("worker.log.1").stat().st_size == LOG_LIMIT + 1
