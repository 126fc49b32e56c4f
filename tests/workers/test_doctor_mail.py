"""The doctor at outgoing mail: settings, login, the test mail, and what DNS says of the sender."""

from __future__ import annotations

import pytest
import trustme
from dns.resolver import Resolver

from app.doctor import mail
from app.doctor.check import Check, State
from app.runtime import Runtime
from app.settings import Settings
from sandbox.mail.messages import described, table
from sandbox.server import Server
from tests.support.dns import knowing
from tests.support.doctor import is_red, only
from tests.support.environ import CLOSED
from tests.support.mail import mail_server

GOOD = {
    "maison.example": ["other words", "v=spf1 include:_spf.mail.example ~all"],
    "s1._domainkey.maison.example": ["v=DKIM1; p=abc"],
    "_dmarc.maison.example": ["v=DMARC1; p=none"],
}


def runtime(**environ: str) -> Runtime:
    """Nothing of it is asked but the mail server."""
    return Runtime.start(Settings.from_env({**CLOSED, "DATABASE_URL": "sqlite://", **environ}))


@pytest.mark.parametrize(
    ("environ", "said", "advice"),
    [
        ({"SMTP_URL": ""}, "SMTP_URL is missing", "Set SMTP_URL"),
        ({"SMTP_URL": "mail.example:587"}, "cannot be read", "smtp://user:password@host"),
        ({"SMTP_URL": "smtp://mail.example:port"}, "cannot be read", "smtp://user:password@host"),
        ({"MAIL_FROM": ""}, "MAIL_FROM is missing", "Set MAIL_FROM"),
        ({"MAIL_FROM": "Propale"}, "is no address", "Set MAIL_FROM"),
    ],
)
def test_mail_that_cannot_go_out_is_red(environ: dict[str, str], said: str, advice: str) -> None:
    checks = list(mail.look_at_mail(runtime(**environ), "", "en"))

    assert [check.name for check in checks] == ["mail.settings"]
    assert is_red(checks[0], said, advice)


def test_server_that_takes_mail_is_well(sandbox: Server) -> None:
    house = runtime(SMTP_URL=sandbox.world.settings.smtp_url)

    assert mail.look_at_settings(house).state is State.OK
    assert mail.look_at_login(house).state is State.OK
    assert len(table(sandbox.world)) == 0


def test_server_that_is_away_is_red() -> None:
    assert is_red(mail.look_at_login(runtime()), "does not answer", "Correct host and port")


def logged_in(place: str, password: str) -> Check:
    return mail.look_at_login(runtime(SMTP_URL=f"smtp://propale:{password}@{place}"))


def test_login_that_is_refused_is_red(trusted_authority: trustme.CA) -> None:
    with mail_server(trusted_authority.issue_cert("localhost")) as server:
        right, check = logged_in(server.place, "right"), logged_in(server.place, "wr0ng")

    assert right.state is State.OK
    assert is_red(check, "does not let us in (535)", "Correct user and password")
    assert "wr0ng" not in check.said("en")


def test_server_with_a_strange_certificate_is_red(authority: trustme.CA) -> None:
    with mail_server(authority.issue_cert("localhost")) as server:
        assert is_red(logged_in(server.place, "right"), "certificate", "Name the server")


def test_login_in_the_clear_is_red(sandbox: Server) -> None:
    place = sandbox.world.settings.smtp_url.removeprefix("smtp://")

    assert is_red(logged_in(place, "right"), "no encrypted login", "port with encryption")


def test_test_mail_goes_to_who_is_named(sandbox: Server) -> None:
    house = runtime(SMTP_URL=sandbox.world.settings.smtp_url)

    check = mail.send_test(house, "anne@maison.example", "fr")

    (record,) = table(sandbox.world).values()
    sent = described(record)
    assert check.state is State.OK
    assert sent["to"] == ["anne@maison.example"]
    assert sent["subject"].split() == ["Propale", ":", "l’e-mail", "d’essai"]


@pytest.mark.parametrize(
    ("to", "said", "advice"),
    [("anne", "is no mail address", "--mail"), ("a@b.example", "was refused", "Correct MAIL_FROM")],
)
def test_test_mail_that_cannot_go_is_red(sandbox: Server, to: str, said: str, advice: str) -> None:
    sandbox.world.faults.arm(vendor="mail", method="RCPT", status=550)
    house = runtime(SMTP_URL=sandbox.world.settings.smtp_url)

    assert is_red(mail.send_test(house, to, "en"), said, advice)


def test_only_the_servers_own_words_are_not_french(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="mail", method="RCPT", status=550)
    refusing, away = runtime(SMTP_URL=sandbox.world.settings.smtp_url), runtime()

    refused, silent = (mail.send_test(one, "a@b.example", "fr") for one in (refusing, away))

    assert "refusé\u00a0: «\u00a05.1.1 No such user here\u00a0»" in refused.said("fr")
    assert "Le serveur de messagerie ne répond pas" in silent.said("fr")


def dns_of(zone: dict[str, list[str]]) -> list[Check]:
    with knowing(zone) as resolver:
        return list(mail.look_at_dns("maison.example", lambda: resolver))


def test_sender_with_all_three_records_is_well() -> None:
    assert [check.state for check in dns_of(GOOD)] == [State.OK] * 3


@pytest.mark.parametrize(
    ("name", "zone", "said", "advice"),
    [
        ("mail.spf", {"maison.example": []}, "no SPF record", "Add the TXT record"),
        ("mail.spf", {"maison.example": ["v=spf1 a", "v=spf1 mx"]}, "2 SPF records", "Make one"),
        ("mail.dkim", {"s1._domainkey.maison.example": []}, "no DKIM key", "Switch DKIM on"),
        ("mail.dmarc", {"_dmarc.maison.example": []}, "DMARC policy", "_dmarc.maison.example"),
    ],
)
def test_missing_record_is_red(
    name: str, zone: dict[str, list[str]], said: str, advice: str
) -> None:
    changed = {name: texts for name, texts in {**GOOD, **zone}.items() if texts}

    assert is_red(only(dns_of(changed), name), said, advice)


def test_policy_of_the_domain_above_counts() -> None:
    with knowing({"_dmarc.maison.example": ["v=DMARC1; p=reject"]}) as resolver:
        checks = list(mail.look_at_dns("mail.maison.example", lambda: resolver))

    assert only(checks, "mail.dmarc").state is State.OK


def test_dns_that_does_not_answer_is_no_failure() -> None:
    silent = Resolver(configure=False)
    silent.nameservers, silent.port, silent.lifetime = ["127.0.0.1"], 9, 0.2

    (check,) = mail.look_at_dns("maison.example", lambda: silent)

    assert check.state is State.UNSEEN
    assert "Could not look up" in check.said("en")
