"""A real OpenID provider, started for the tests, and someone who signs in at it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import npm
from engines import free_port, wait

PACKAGE = "oidc-provider@8.8.1"
"""The last major that runs on Node.js 20."""
ALGORITHMS = ("RS256", "PS256", "ES256")
SECRET = "a secret: 100% +/&"
"""Has what must be encoded before it is sent as a password (RFC 6749, 2.3.1)."""

_HERE = Path(__file__).parent


@contextmanager
def provider(redirect: str) -> Iterator[str]:
    """A provider whose clients `hub-RS256`, … send people back to `redirect`; yields its issuer."""
    node, folder = npm.node(), npm.installed(PACKAGE)
    # The program finds the package by the folder it stands in itself.
    program = shutil.copy(_HERE / "oidc_provider.mjs", folder)
    port = free_port()
    told = {"port": port, "secret": SECRET, "redirect": redirect, "algorithms": ALGORITHMS}
    process = subprocess.Popen(
        [node, program, json.dumps(told)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: _answers(f"{issuer}/.well-known/openid-configuration"), process, PACKAGE)
        yield issuer
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


class Person:
    """Someone with a browser: it keeps cookies, follows redirects by hand and fills in forms."""

    def __init__(self) -> None:
        self.browser = httpx.Client(timeout=20, trust_env=False)
        self.visited: list[str] = []

    def go(self, url: str, until: str = "") -> httpx.Response:
        """Open a page and follow redirects, up to one that leads to an address with `until` in it."""
        answer = self._get(url)
        for _ in range(10):
            if not answer.is_redirect:
                return answer
            place = urljoin(str(answer.url), answer.headers["location"])
            if until and until in urlsplit(place).path:
                return answer
            answer = self._get(place)
        raise AssertionError(f"too many redirects: {self.visited}")

    def agree(self, page: httpx.Response, login: str) -> str:
        """Sign in as `login` and agree to all; the address the provider then leads back to."""
        for _ in range(3):
            if page.is_redirect:
                return str(page.headers["location"])
            action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
            assert action, page.text
            assert prompt, page.text
            form = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = self.browser.post(urljoin(str(page.url), unescape(action[1])), data=form)
            place = urljoin(str(answer.url), answer.headers["location"])
            page = self.go(place, until="/hub/")
        raise AssertionError(page.text)

    def refuse(self, page: httpx.Response) -> str:
        """Say no; the address the provider then leads back to."""
        found = re.search(r'<a href="([^"]+/abort)"', page.text)
        assert found, page.text
        back = self.go(urljoin(str(page.url), unescape(found[1])), until="/hub/")
        return str(back.headers["location"])

    def _get(self, url: str) -> httpx.Response:
        self.visited.append(url)
        return self.browser.get(url)
