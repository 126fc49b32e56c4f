"""Mail out through a real SMTP server: what arrives, and which failures may be repeated."""

import socket
import threading

import pytest
import trustme

from app.errors import FailureKind, ProviderError
from app.providers.mailer import Attachment, Mail, Mailer
from sandbox.mail.messages import attachments, described, parsed, table
from sandbox.server import Server
from tests.support.mail import mail_server

MAIL = Mail(
    to="jeanne@atelier-martin.example",
    to_name="Jeanne Martin 🌿",
    sender="propale@maison.example",
    sender_name="Maison du Sandbox",
    reply_to="dana@maison.example",
    subject="Votre proposition : 540,00 €",
    text="Bonjour Jeanne\n.\nla ligne d'un point reste",
    html="<p>Bonjour</p>",
    message_id="<proposal-1-v1@propale.example>",
    language="fr",
    attachments=(Attachment("facture é.pdf", "application/pdf", b"%PDF-1.7 \r\n.\r\n"),),
)


def send(sandbox: Server) -> None:
    Mailer(sandbox.world.settings.smtp_url).send(MAIL)


def failure(sandbox: Server) -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        send(sandbox)
    return failed.value


def arrived(sandbox: Server) -> int:
    return len(table(sandbox.world))


def test_mail_arrives_whole(sandbox: Server) -> None:
    send(sandbox)

    (record,) = table(sandbox.world).values()
    mail = described(record)
    assert mail["subject"] == MAIL.subject
    assert mail["message_id"] == MAIL.message_id
    assert mail["text"].splitlines() == MAIL.text.splitlines()
    assert mail["to"] == [MAIL.to]
    assert attachments(parsed(record)) == [
        ("facture é.pdf", "application/pdf", MAIL.attachments[0].content)
    ]


@pytest.mark.parametrize(
    ("method", "status", "kind"),
    [
        ("MAIL", 451, FailureKind.RETRYABLE),
        ("RCPT", 450, FailureKind.RETRYABLE),
        ("RCPT", 550, FailureKind.PERMANENT),
        ("DATA", 452, FailureKind.RETRYABLE),
        ("DATA", 554, FailureKind.PERMANENT),
    ],
)
def test_refusal_has_the_kind_of_its_code(
    sandbox: Server, method: str, status: int, kind: FailureKind
) -> None:
    sandbox.world.faults.arm(vendor="mail", method=method, status=status)

    error = failure(sandbox)

    assert (error.kind, error.status, error.code) == (kind, status, str(status))
    assert arrived(sandbox) == 0


@pytest.mark.parametrize("method", ["MAIL", "RCPT", "DATA"])
def test_servers_own_words_are_kept(sandbox: Server, method: str) -> None:
    said = "5.7.1 Relaying denied"
    sandbox.world.faults.arm(vendor="mail", method=method, status=550, body=said)

    assert failure(sandbox).detail == said


@pytest.mark.parametrize("method", ["MAIL", "RCPT"])
def test_cut_before_the_body_is_retryable(sandbox: Server, method: str) -> None:
    sandbox.world.faults.arm(vendor="mail", method=method, cut="before")

    assert failure(sandbox).kind is FailureKind.RETRYABLE


@pytest.mark.parametrize(("cut", "mails"), [("before", 0), ("after", 1)])
def test_cut_after_the_final_dot_is_unknown(sandbox: Server, cut: str, mails: int) -> None:
    sandbox.world.faults.arm(vendor="mail", method="DATA", cut=cut)

    assert failure(sandbox).kind is FailureKind.UNKNOWN_OUTCOME
    assert arrived(sandbox) == mails


def test_garbled_answer_to_the_final_dot_is_unknown(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="mail", method="DATA", garbled=True)

    assert failure(sandbox).kind is FailureKind.UNKNOWN_OUTCOME
    assert arrived(sandbox) == 1


def test_refused_connection_is_retryable(closed_port: int) -> None:
    with pytest.raises(ProviderError) as failed:
        Mailer(f"smtp://127.0.0.1:{closed_port}").send(MAIL)

    assert failed.value.kind is FailureKind.RETRYABLE


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", b"421 busy\r\n", b""])
def test_bad_greeting_is_retryable(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=(server, greeting), daemon=True).start()

        with pytest.raises(ProviderError) as failed:
            Mailer(f"smtp://127.0.0.1:{server.getsockname()[1]}").send(MAIL)

    assert failed.value.kind is FailureKind.RETRYABLE


def test_starttls_that_is_not_offered_is_retryable(sandbox: Server) -> None:
    with pytest.raises(ProviderError) as failed:
        Mailer(f"{sandbox.world.settings.smtp_url}?starttls=1").send(MAIL)

    assert failed.value.kind is FailureKind.RETRYABLE
    assert arrived(sandbox) == 0


def test_mail_goes_out_after_starttls_and_login(trusted_authority: trustme.CA) -> None:
    with mail_server(trusted_authority.issue_cert("localhost")) as server:
        Mailer(f"smtp://propale:right@{server.place}").send(MAIL)

    assert len(server.taken) == 1
    assert MAIL.message_id.encode() in server.taken[0]


def test_login_that_is_refused_says_no_password(sandbox: Server) -> None:
    place = sandbox.world.settings.smtp_url.removeprefix("smtp://")

    with pytest.raises(ProviderError) as failed:
        Mailer(f"smtp://us%40er:p%40ss@{place}").send(MAIL)

    assert failed.value.kind is FailureKind.RETRYABLE
    assert "p@ss" not in str(failed.value)


def _greet(server: socket.socket, greeting: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(greeting)
