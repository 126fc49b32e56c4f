"""The doctor at the public address: certificates, redirects, signatures and proxies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import trustme

from app.clock import wall_now
from app.doctor import address
from app.doctor.check import Check, State
from app.settings import Settings
from tests.support.doctor import is_red, only
from tests.support.house import make_runtime
from tests.support.servers import free_port
from tests.support.tls import in_front, leading_to_https
from tests.web.serving import serving

pytestmark = [
    pytest.mark.usefixtures("database_url"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@contextmanager
def published(
    environ: dict[str, str],
    certificate: trustme.LeafCert,
    *,
    passes: str = "append",
    hops: int = 1,
    of_web: dict[str, str] | None = None,
) -> Iterator[Settings]:
    """The product behind one proxy at https://localhost; `of_web` only web reads."""
    port, at = free_port(), ("127.0.0.1", free_port())
    url = f"https://localhost:{at[1]}"
    ours = {**environ, "TRUSTED_PROXIES": str(hops), "PUBLIC_URL": url}
    with (
        serving({**ours, **(of_web or {})}, port),
        in_front(("127.0.0.1", port), certificate, at=at, passes=passes),
    ):
        yield Settings.from_env(ours)


def looked_at(settings: Settings) -> list[Check]:
    runtime = make_runtime(settings)
    found = list(address.look_at_address(runtime))
    runtime.database.engine.dispose()
    return found


def test_good_address_is_well(environ: dict[str, str], trusted_authority: trustme.CA) -> None:
    with published(environ, trusted_authority.issue_cert("localhost")) as settings:
        checks = looked_at(settings)

    assert [(check.name, check.state) for check in checks] == [
        ("address.https", State.OK),
        ("address.certificate", State.OK),
        ("address.redirect", State.UNSEEN),
        ("address.signature", State.OK),
        ("address.proxies", State.OK),
    ]
    assert "(127.0.0.1)" in checks[-1].said("en")


def test_certificate_of_nobody_known_is_red(environ: dict[str, str], authority: trustme.CA) -> None:
    with published(environ, authority.issue_cert("localhost")) as settings:
        checks = looked_at(settings)

    assert len(checks) == 1
    assert is_red(checks[0], "Nobody trusts the certificate", "public authority")


def test_expired_certificate_is_red(environ: dict[str, str], trusted_authority: trustme.CA) -> None:
    old = trusted_authority.issue_cert("localhost", not_after=wall_now() - timedelta(days=1))
    with published(environ, old) as settings:
        assert is_red(looked_at(settings)[0], "has expired", "certbot renew")


def test_certificate_of_another_name_is_red(
    environ: dict[str, str], trusted_authority: trustme.CA
) -> None:
    with published(environ, trusted_authority.issue_cert("propale.example")) as settings:
        assert is_red(looked_at(settings)[0], "another name’s", "PUBLIC_URL")


def test_certificate_that_ends_soon_is_red(
    environ: dict[str, str], trusted_authority: trustme.CA
) -> None:
    soon = wall_now() + timedelta(days=5, hours=1)
    certificate = trusted_authority.issue_cert("localhost", not_after=soon)
    with published(environ, certificate) as settings:
        check = only(looked_at(settings), "address.certificate")

    assert is_red(check, "ends in 5 days", "Renew")


def test_address_at_which_nobody_answers_is_red(environ: dict[str, str]) -> None:
    wrong = Settings.from_env({**environ, "PUBLIC_URL": f"https://localhost:{free_port()}"})

    assert is_red(looked_at(wrong)[0], "does not answer", "Correct PUBLIC_URL")


def test_address_of_somebody_else_is_red(
    environ: dict[str, str], trusted_authority: trustme.CA
) -> None:
    theirs, at = ("127.0.0.1", free_port()), ("127.0.0.1", free_port())
    wrong = Settings.from_env({**environ, "PUBLIC_URL": f"https://localhost:{at[1]}"})
    certificate = trusted_authority.issue_cert("localhost")
    with leading_to_https(theirs), in_front(theirs, certificate, at=at):
        assert is_red(looked_at(wrong)[0], "Somebody else answers", "every path")


def test_plain_address_leads_to_https_or_is_red(environ: dict[str, str]) -> None:
    at, port = ("127.0.0.1", free_port()), free_port()
    with leading_to_https(at), serving(environ, port):
        led = address.look_at_plain(f"http://127.0.0.1:{at[1]}/")
        plain = address.look_at_plain(f"http://127.0.0.1:{port}/")
    closed = address.look_at_plain(f"http://127.0.0.1:{port}/")

    assert (led.state, closed.state) == (State.OK, State.UNSEEN)
    assert is_red(plain, "without HTTPS", "redirect")


@pytest.mark.parametrize(
    "of_web",
    [
        {"HUBSPOT_CLIENT_SECRET": "a-secret-that-was-changed"},
        {"PUBLIC_URL": "https://propale.example"},
        {"HUBSPOT_APP_ID": "1"},
    ],
)
def test_web_with_other_settings_is_red(
    environ: dict[str, str], trusted_authority: trustme.CA, of_web: dict[str, str]
) -> None:
    with published(environ, trusted_authority.issue_cert("localhost"), of_web=of_web) as settings:
        check = only(looked_at(settings), "address.signature")

    assert is_red(check, "does not take a call that we signed", "Restart web")


@pytest.mark.parametrize(
    ("hops", "passes", "said"),
    [
        (0, "append", ("TRUSTED_PROXIES=0, but the proxies in front are 1", "TRUSTED_PROXIES=1")),
        (2, "append", ("TRUSTED_PROXIES=2, but the proxies in front are 1", "TRUSTED_PROXIES=1")),
        (1, "as_is", ("does not say who the visitor is", "X-Forwarded-For")),
    ],
)
def test_wrong_number_of_proxies_is_red(
    environ: dict[str, str],
    trusted_authority: trustme.CA,
    hops: int,
    passes: str,
    said: tuple[str, str],
) -> None:
    certificate = trusted_authority.issue_cert("localhost")
    with published(environ, certificate, hops=hops, passes=passes) as settings:
        assert is_red(only(looked_at(settings), "address.proxies"), *said)


def test_web_that_was_not_restarted_is_red(
    environ: dict[str, str], trusted_authority: trustme.CA
) -> None:
    certificate = trusted_authority.issue_cert("localhost")
    with published(environ, certificate, of_web={"TRUSTED_PROXIES": "3"}) as settings:
        check = only(looked_at(settings), "address.proxies")

    assert is_red(check, "TRUSTED_PROXIES=3", "restart web")
