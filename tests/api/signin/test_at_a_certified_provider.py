"""Sign-in by OpenID Connect at a certified provider: from first to last, and what is not let through."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import oidc_provider
import pytest
from oidc_provider import Person
from signing import Place

from warranted_api import problems


def changed(url: str, **given: str | None) -> str:
    """The address with other parameters; None drops one."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | given
    kept = {name: value for name, value in query.items() if value is not None}
    return parts._replace(query=urlencode(kept)).geturl()


@pytest.mark.parametrize("place", oidc_provider.ALGORITHMS, indirect=True)
def test_someone_signs_in_and_out(
    place: Place, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = person.agree(place.begin(person, "/hub/work?a=1&b=%2F"), "ada")
    assert back.startswith(f"{place.url}/hub/signed-in?")
    asked = next(u for u in person.visited if "code_challenge=" in u)
    assert parse_qs(urlsplit(asked).query)["code_challenge_method"] == ["S256"]

    answer = person.browser.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hub/work?a=1&b=%2F")
    assert answer.headers["cache-control"] == "no-store"
    (token,) = place.sessions.open
    gone, opened = answer.headers.get_list("set-cookie")
    assert opened == f"warranted_session={token}; HttpOnly; Path=/; SameSite=lax"
    assert gone.startswith('warranted_signing_in=""; ')
    assert "Max-Age=0" in gone
    assert person.browser.cookies["warranted_session"] == token
    assert "warranted_signing_in" not in person.browser.cookies
    assert place.sessions.open[token] == (place.issuer, "ada", "ada")
    assert person.go(f"{place.url}/hub/work?a=1&b=%2F").text == "/hub/work?a=1&b=%2F ada"

    code = parse_qs(urlsplit(back).query)["code"][0]
    # The browser, in the main thread, logs the addresses it opens; the server must not.
    said = "\n".join(r.getMessage() for r in caplog.records if r.threadName != "MainThread")
    assert "/token" in said
    for secret in (code, token, oidc_provider.SECRET, "code_verifier", "id_token", "eyJ"):
        assert secret not in said

    foreign = {"Origin": "https://evil.example"}
    assert person.browser.post(f"{place.url}/hub/sign-out", headers=foreign).status_code == 403
    assert token in place.sessions.open
    out = person.browser.post(f"{place.url}/hub/sign-out", headers={"Origin": place.url})
    assert (out.status_code, out.headers["location"]) == (303, "/hub/")
    assert place.sessions.open == {}
    assert "warranted_session" not in person.browser.cookies
    assert person.go(f"{place.url}/hub/").text == "/hub/? -"
    again = person.browser.post(f"{place.url}/hub/sign-out", headers={"Origin": place.url})
    assert again.status_code == 303


def test_a_wrong_state_opens_nothing_and_ends_nothing(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "ada")
    for state in ("wrong", "", None, "é"):
        answer = person.browser.get(changed(back, state=state))
        assert answer.status_code == 400
        assert answer.headers["content-type"] == problems.MEDIA_TYPE
    twice = f"{back}&state={parse_qs(urlsplit(back).query)['state'][0]}"
    assert person.browser.get(twice).status_code == 400
    assert place.sessions.open == {}
    assert person.browser.get(back).status_code == 303


def test_a_state_is_used_once(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "ada")
    kept = person.browser.cookies["warranted_signing_in"]
    assert person.browser.get(back).status_code == 303
    assert person.browser.get(back).status_code == 400
    cookie = {"Cookie": f"warranted_signing_in={kept}"}
    answer = person.browser.get(back, headers=cookie)
    assert answer.status_code == 400
    assert "Sign in again" in answer.json()["detail"]
    assert len(place.sessions.open) == 1


def test_another_browser_cannot_finish(place: Place, person: Person) -> None:
    back = person.agree(place.begin(person), "mallory")
    other = Person()
    with other.browser:
        place.begin(other)
        assert other.browser.get(back).status_code == 400
    assert place.sessions.open == {}


def test_a_code_of_another_sign_in_is_refused(place: Place, person: Person) -> None:
    other = Person()
    with other.browser:
        stolen = other.agree(place.begin(other), "ada")
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    back = person.agree(place.begin(person), "mallory")
    assert person.browser.get(changed(back, code=code)).status_code == 400  # PKCE
    assert place.sessions.open == {}


def test_someone_refuses(place: Place, person: Person) -> None:
    back = person.refuse(place.begin(person))
    assert parse_qs(urlsplit(back).query)["error"] == ["access_denied"]
    answer = person.browser.get(changed(back, error_description="<b>hello</b>"))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "The sign-in was refused at the provider."
    assert "hello" not in answer.text
    assert "warranted_signing_in" not in person.browser.cookies
    assert place.sessions.open == {}


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_of_another_provider_is_refused(
    place: Place, person: Person, iss: str | None
) -> None:
    back = person.agree(place.begin(person), "ada")
    assert person.browser.get(changed(back, iss=iss)).status_code == 400
    assert place.sessions.open == {}
