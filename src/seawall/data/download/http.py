# SPDX-License-Identifier: MIT
"""Fetching one file over HTTP so that it arrives whole or can go on where it stopped."""

from __future__ import annotations

import http.client
import os
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from seawall.model.errors import DataError, SettingsError

_BLOCK = 1 << 16
_AGAIN = (408, 425, 429, 500, 502, 503, 504)

OnBytes = Callable[[int], None]


class DownloadError(DataError):
    """A file cannot be fetched."""


class AbsentError(DownloadError):
    """The server has no such file."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How patient and how polite fetching is.

    Parameters
    ----------
    retries : int
        Attempts after the first.
    backoff_s, backoff_max_s : float
        First and longest wait between attempts; each doubles and is drawn uniformly
        from its upper half, so that many clients do not return together.
    requests_per_s : float
        Rate that is never exceeded.
    timeout_s : float
        Silence after which a connection counts as lost.
    """

    retries: int = 6
    backoff_s: float = 0.5
    backoff_max_s: float = 60.0
    requests_per_s: float = 5.0
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        if self.requests_per_s <= 0 or self.timeout_s <= 0 or self.retries < 0:
            raise SettingsError(
                "retries, requests_per_s and timeout_s must be positive", where="download"
            )


class Fetcher:
    """Fetches files with resume, retries, backoff and a rate limit.

    Parameters
    ----------
    settings : FetchSettings
        Patience and politeness.
    sleep, clock : callable
        Waiting and monotonic seconds; replaced in tests.
    seed : int, optional
        Of the jitter.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        seed: int | None = None,
    ) -> None:
        self.settings = settings or FetchSettings()
        self._sleep = sleep
        self._clock = clock
        # Jitter keeps clients apart; it guards nothing.
        self._random = random.Random(seed)  # noqa: S311
        self._next_at = 0.0

    def wait_turn(self) -> None:
        """Wait until the rate limit allows one more request."""
        now = self._clock()
        if now < self._next_at:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + 1.0 / self.settings.requests_per_s

    def pause(self, attempt: int, told_s: float = 0.0) -> None:
        """Wait before attempt ``attempt + 1``, at least as long as the server told."""
        longest = min(self.settings.backoff_s * 2.0**attempt, self.settings.backoff_max_s)
        self._sleep(max(told_s, longest * self._random.uniform(0.5, 1.0)))

    def text(self, url: str) -> str:
        """Fetch a small text.

        Raises
        ------
        AbsentError
            When the server answers 404.
        DownloadError
            When all attempts fail.
        """
        return self._attempts(url, lambda: self._body(url)).decode()

    def file(self, url: str, path: Path, on_bytes: OnBytes | None = None) -> None:
        """Fetch a file; what arrived before stays in ``<path>.part`` and is gone on with.

        Raises
        ------
        AbsentError
            When the server answers 404.
        DownloadError
            When all attempts fail; the part stays for the next run.
        """
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._attempts(url, lambda: self._append(url, part, on_bytes))
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(path)

    def _attempts(self, url: str, action: Callable[[], bytes]) -> bytes:
        last = ""
        for attempt in range(self.settings.retries + 1):
            self.wait_turn()
            told = 0.0
            try:
                return action()
            except urllib.error.HTTPError as error:
                with error:
                    if error.code in (404, 410):
                        raise AbsentError("the server has no such file", where=url) from None
                    if error.code not in _AGAIN:
                        raise DownloadError(
                            f"the server answers {error.code} {error.reason}", where=url,
                            mend="check the address; some venues refuse some countries",
                        ) from None  # fmt: skip
                    told = _retry_after_s(error.headers.get("Retry-After"))
                    last = f"{error.code} {error.reason}"
            except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
                if getattr(error, "errno", None) in (28, 122):  # disk full, quota
                    raise
                last = str(getattr(error, "reason", error)) or type(error).__name__
            if attempt < self.settings.retries:
                self.pause(attempt, told)
        raise DownloadError(
            f"{self.settings.retries + 1} attempts failed, the last with: {last}", where=url,
            mend="run the same command again: it goes on where it stopped",
        )  # fmt: skip

    def _body(self, url: str) -> bytes:
        with _open(url, {}, self.settings.timeout_s) as answer:
            return _whole(answer)

    def _append(self, url: str, part: Path, on_bytes: OnBytes | None) -> bytes:
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            answer = _open(url, headers, self.settings.timeout_s)
        except urllib.error.HTTPError as error:
            if error.code != 416:
                raise
            # The part is as long as the file or longer: only a fresh start can tell.
            error.close()
            part.unlink()
            answer = _open(url, {}, self.settings.timeout_s)
            have = 0
        with answer, part.open("ab" if have and answer.status == 206 else "wb") as out:
            expected = answer.length
            got = 0
            while block := answer.read(_BLOCK):
                out.write(block)
                got += len(block)
                if on_bytes is not None:
                    on_bytes(len(block))
        if expected is not None and got != expected:
            raise http.client.IncompleteRead(b"", expected - got)
        return b""


def _open(url: str, headers: dict[str, str], timeout_s: float) -> http.client.HTTPResponse:
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"{url!r} is no web address", mend="begin it with https://")
    request = urllib.request.Request(url, headers={"User-Agent": "seawall", **headers})  # noqa: S310
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout_s)  # noqa: S310
    return answer


def _whole(answer: http.client.HTTPResponse) -> bytes:
    return answer.read()


def _retry_after_s(header: str | None) -> float:
    """Seconds that a Retry-After header asks for: a number or a date."""
    if not header:
        return 0.0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0
