"""The mail server, reached by smtplib."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from sandbox.server import Server


def letter(subject: str = "Votre proposition É") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "Dana Petit <propositions@propale.example>"
    mail["To"] = "jeanne@atelier-martin.example"
    mail["Message-ID"] = "<p-1@propale.example>"
    mail.set_content("Bonjour http://127.0.0.1:9/p/abc")
    mail.add_alternative('<p>Bonjour <a href="http://127.0.0.1:9/p/abc">voir</a></p>', "html")
    mail.add_attachment(b"%PDF-1.7", "application", "pdf", filename="reçu.pdf")
    return mail


def post(server: Server, mail: EmailMessage) -> dict[str, Any]:
    with smtplib.SMTP(*server.world.settings.smtp_address, timeout=5) as smtp:
        return smtp.send_message(mail)


def inbox(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(
        f"{server.url}/mail/messages.json", timeout=5
    ).json()["messages"]
    return found


def test_message_arrives_with_all_its_parts(sandbox: Server) -> None:
    post(sandbox, letter())

    mail = inbox(sandbox)[0]
    assert mail["subject"] == "Votre proposition É"
    assert mail["to"] == ["jeanne@atelier-martin.example"]
    assert mail["message_id"] == "<p-1@propale.example>"
    assert mail["attachments"] == [{"name": "reçu.pdf", "type": "application/pdf", "size": 8}]
    assert "http://127.0.0.1:9/p/abc" in mail["text"]
    assert ">voir</a>" in mail["html"]


def test_same_message_twice_is_two_arrivals(sandbox: Server) -> None:
    post(sandbox, letter())
    post(sandbox, letter())

    assert len({mail["id"] for mail in inbox(sandbox)}) == 2


@pytest.mark.parametrize(
    ("method", "status", "error"),
    [
        ("RCPT", 550, smtplib.SMTPRecipientsRefused),
        ("MAIL", 451, smtplib.SMTPSenderRefused),
        ("DATA", 554, smtplib.SMTPDataError),
    ],
)
def test_refusal_keeps_nothing(
    sandbox: Server, method: str, status: int, error: type[Exception]
) -> None:
    sandbox.world.faults.arm(vendor="mail", method=method, status=status)

    with pytest.raises(error):
        post(sandbox, letter())

    assert inbox(sandbox) == []
    post(sandbox, letter())
    assert len(inbox(sandbox)) == 1


@pytest.mark.parametrize(("cut", "kept"), [("before", 0), ("after", 1)])
def test_cut_at_the_final_dot(sandbox: Server, cut: str, kept: int) -> None:
    sandbox.world.faults.arm(vendor="mail", method="DATA", cut=cut)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        post(sandbox, letter())

    assert len(inbox(sandbox)) == kept


def test_garbled_answer_to_the_final_dot_keeps_the_mail(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="mail", method="DATA", garbled=True)

    with pytest.raises(smtplib.SMTPDataError) as answered:
        post(sandbox, letter())

    assert answered.value.smtp_code == -1
    assert len(inbox(sandbox)) == 1


def test_message_page_frames_html_without_rights(sandbox: Server) -> None:
    post(sandbox, letter())

    number = inbox(sandbox)[0]["id"]
    page = requests.get(f"{sandbox.url}/mail/{number}", timeout=5).text
    file = requests.get(f"{sandbox.url}/mail/{number}/attachments/0", timeout=5)

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="&lt;base' in page
    assert file.content == b"%PDF-1.7"


def test_message_page_shows_the_pictures_inside(sandbox: Server) -> None:
    mail = letter()
    mail.clear_content()
    mail.set_content('<img src="cid:logo">', "html")
    mail.add_related(b"PNG", "image", "png", cid="<logo>")
    post(sandbox, mail)

    page = requests.get(f"{sandbox.url}/mail/{inbox(sandbox)[0]['id']}", timeout=5).text

    assert "data:image/png;base64,UE5H" in page
    assert "cid:logo" not in page


def test_inbox_keeps_one_persons_mail(sandbox: Server) -> None:
    post(sandbox, letter("Pour Jeanne"))

    everyone = requests.get(f"{sandbox.url}/mail/", timeout=5).text
    stranger = requests.get(f"{sandbox.url}/mail/?to=hugo@x.example", timeout=5).text

    assert "Pour Jeanne" in everyone
    assert "Pour Jeanne" not in stranger


GOOD = (
    b"From: Dana <dana@propale.example>\r\nTo: jeanne@atelier-martin.example\r\n"
    b"Subject: Bonjour\r\n\r\nTexte\r\n"
)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (GOOD.replace(b"Texte", b"Texte\nsuite"), "5.6.11"),
        (GOOD.replace(b"Bonjour", "É".encode()), "5.6.7"),
        (GOOD.replace(b"Subject: Bonjour", b"Subject: a\r\nSubject: b"), "more than one Subject"),
        (GOOD.replace(b"From: Dana <dana@propale.example>\r\n", b""), "no valid address"),
        (GOOD.replace(b"<dana@propale.example>", b"<dana>"), "no valid address"),
        (GOOD.replace(b"Texte", b"x" * 1100), "Line too long"),
    ],
)
def test_message_no_server_takes_is_refused(sandbox: Server, raw: bytes, words: str) -> None:
    refused = raw_post(sandbox, raw)

    assert refused[0] in {500, 550, 554}
    assert words in refused[1].decode()
    assert inbox(sandbox) == []


def test_plain_good_message_is_taken(sandbox: Server) -> None:
    assert raw_post(sandbox, GOOD)[0] == 250


def raw_post(server: Server, raw: bytes) -> tuple[int, bytes]:
    """Send bytes as they are: smtplib would mend their line ends."""
    with smtplib.SMTP(*server.world.settings.smtp_address, timeout=5) as smtp:
        smtp.ehlo()
        smtp.mail("dana@propale.example")
        smtp.rcpt("jeanne@atelier-martin.example")
        smtp.putcmd("data")
        smtp.getreply()
        smtp.send(raw + b".\r\n")
        return smtp.getreply()


def test_refusals_have_a_servers_words(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="mail", method="RCPT", status=550)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        post(sandbox, letter())

    assert refused.value.recipients["jeanne@atelier-martin.example"] == (
        550,
        b"5.1.1 No such user here",
    )
