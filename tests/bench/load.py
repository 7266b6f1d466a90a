"""Load from outside: requests per second, and many people at once."""

import http.client
import random
import re
import shutil
import statistics
import subprocess
import threading
import time
import urllib.parse
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True)
class Rate:
    per_second: float
    p99_ms: float


def measure(url: str, *, seconds: float = 3, cookie: str = "") -> Rate:
    """Ask ``url`` again and again over eight connections, with wrk where there is one, else from threads of ours."""
    return _wrk(url, seconds, cookie) if shutil.which("wrk") else _threads(url, seconds, cookie)


def _wrk(url: str, seconds: float, cookie: str) -> Rate:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{int(seconds)}s", "--latency", "-H", f"Cookie: {cookie}", url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if wrong := re.search(r"Non-2xx or 3xx responses: (\d+)", out):
        raise SystemExit(f"{url} : {wrong[1]} réponses en erreur.")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return Rate(rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def _threads(url: str, seconds: float, cookie: str) -> Rate:
    times: list[float] = []
    until = time.perf_counter() + seconds

    def ask():
        while time.perf_counter() < until:
            started = time.perf_counter()
            status, _ = get(url, {"Cookie": cookie})
            if status != 200:
                raise SystemExit(f"{url} répond {status}.")
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Rate(len(times) / seconds, statistics.quantiles(times, n=100)[98] * 1000)


def share(limit: str, url: str, *, pairs: int = 3) -> float:
    """Return the rate of ``url`` over that of ``limit``, both warmed: the median of interleaved rounds."""
    for warmed in (limit, url):
        measure(warmed, seconds=1)
    return statistics.median(measure(url).per_second / measure(limit).per_second for _ in range(pairs))


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    return Visitor(url).get(url, headers or {})


class Visitor:
    """One person's browser, without JavaScript: cookies, a form's hidden fields, one connection a request."""

    def __init__(self, base: str):
        self.host = urllib.parse.urlsplit(base).netloc
        self.cookies: dict[str, str] = {}
        self.address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"
        self.requests = 0
        self.page = ""

    def get(self, url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        return self._send("GET", url, None, headers or {})

    def post(self, url: str, data: dict) -> tuple[int, str]:
        data = {"csrfmiddlewaretoken": self.csrf_token, **data}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", url, urllib.parse.urlencode(data), headers)

    def _send(self, method, url, body, headers) -> tuple[int, str]:
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(self.host, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"X-Forwarded-For": self.address, "Cookie": cookies, **headers}
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            response = connection.getresponse()
            page = response.read().decode()
        finally:
            connection.close()
        self.requests += 1
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        self.page = page
        return response.status, page

    @property
    def csrf_token(self) -> str:
        return self.field("csrfmiddlewaretoken")

    def field(self, name: str) -> str:
        """The value of a hidden field of the page just read."""
        return re.search(rf'name="{name}" value="([^"]*)"', self.page)[1]


def at_once(count: int, act) -> tuple[list, float]:
    """Call ``act(n)`` for ``count`` people who start together; return the answers and the seconds of the last one."""
    barrier, answers = threading.Barrier(count + 1), [None] * count

    def run(n):
        barrier.wait()
        answers[n] = act(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - started
