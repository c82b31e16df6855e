"""The people of the demo, each signed in over HTTP like anybody else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import httpx

_POLL_SECONDS: Final = 0.1
_JUDGE_SECONDS: Final = 120.0


class Refused(Exception):
    """The interface refused; ``problem`` is its problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('title')}")
        self.problem = problem


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        raise Refused(response.json())
    return response.json()


class Desk:
    """One person's signed-in session."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.login = login
        self._http = httpx.Client(base_url=url, timeout=60.0, trust_env=False)
        told = _answer(self._http.post("/api/v1/session", json={"login": login, "password": password}))
        self._http.headers["X-CSRF-Token"] = told["csrf_token"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Sign out."""
        self._http.delete("/api/v1/session")
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return _answer(self._http.get(f"/api/v1{path}", params=query))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send something under a fresh idempotency key."""
        return _answer(self._http.post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": str(uuid4())}))

    def act(self, number: str, action: str, **payload: Any) -> Any:
        """Do an act on a case, on the version that stands."""
        version = self.get(f"/cases/{number}")["version"]
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{version}"'}
        return _answer(self._http.post(f"/api/v1/cases/{number}/actions/{action}", json=payload, headers=headers))

    def rate(self, query_code: str, **opinion: Any) -> Any:
        """Rate a case as its applicant does: with the code of the receipt and without a session."""
        public = httpx.post(
            f"{self._http.base_url.join('/public/cases/')}{query_code}/rating", json=opinion, trust_env=False
        )
        return _answer(public)

    def upload(self, number: str, line: str, file: Path) -> Any:
        """Send one scan for a material line."""
        with file.open("rb") as content:
            return _answer(
                self._http.post(
                    f"/api/v1/cases/{number}/materials/{line}/scans",
                    files={"file": (file.name, content)},
                    headers={"Idempotency-Key": str(uuid4())},
                )
            )

    def materials(self, number: str) -> list[dict[str, Any]]:
        """The material lines of a case once every scan has its verdict.

        :raises TimeoutError: when the worker does not judge them within two minutes.
        """
        deadline = time.monotonic() + _JUDGE_SECONDS
        while time.monotonic() < deadline:
            lines: list[dict[str, Any]] = self.get(f"/cases/{number}/materials")
            if not any(scan["state"] == "incoming" for line in lines for scan in line["scans"]):
                return lines
            time.sleep(_POLL_SECONDS)
        raise TimeoutError(number)
