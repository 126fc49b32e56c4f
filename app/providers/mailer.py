"""Mail out by SMTP. After the final dot, a lost connection leaves the outcome unknown."""

import smtplib
import socket
import ssl
from contextlib import suppress
from urllib.parse import parse_qs, unquote, urlsplit

from app.errors import FailureKind, ProviderError
from app.failpoints import failpoint
from app.metrics.counts import counted
from app.providers.mail_message import PROVIDER, Attachment, Mail, as_message
from app.providers.outcome import sentence

__all__ = ["Attachment", "Mail", "Mailer"]

_SECONDS = 20
_PORTS = {"smtp": 25, "smtps": 465}
_READY = 220
_FOR_GOOD = 500
_FINAL_DOT = b"\r\n.\r\n"


class Mailer:
    """A mail server at `smtp://user:password@host:port`, or `smtps://`.

    A password never goes out in clear: with one, `smtp://` switches to TLS first (STARTTLS), as
    `?starttls=1` asks for without one.
    """

    def __init__(self, smtp_url: str) -> None:
        parts = urlsplit(smtp_url)
        self._encrypted = parts.scheme == "smtps"
        self._address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        asked = parse_qs(parts.query).get("starttls") == ["1"]
        self._starttls = not self._encrypted and (asked or bool(self._user))

    @counted(PROVIDER)
    def send(self, mail: Mail) -> None:
        """Hand one mail to the server, on a connection of its own.

        UNKNOWN_OUTCOME only where the connection died after the final dot; an earlier failure is
        RETRYABLE, as is a 4xx answer; a 5xx answer is PERMANENT.
        https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
        """
        message = as_message(mail)
        failpoint("mail.before")
        wire = self._open()
        try:
            wire.send_message(message, from_addr=mail.sender, to_addrs=[mail.to])
        except (OSError, smtplib.SMTPException) as error:
            raise _failure(error, dot_sent=wire.dot_sent) from error
        finally:
            _leave(wire)
            failpoint("mail.after")

    def try_login(self) -> None:
        """Connect, log in and leave without a mail; raises `ProviderError` as `send` does."""
        _leave(self._open())

    def _open(self) -> "_Wire":
        wire = _EncryptedWire() if self._encrypted else _Wire()
        try:
            wire.greet(*self._address)
            if self._starttls:
                wire.starttls(context=ssl.create_default_context())
            if self._user:
                wire.login(self._user, self._password)
        except (OSError, smtplib.SMTPException) as error:
            wire.close()
            # The server refused the connection or login, not the mail: it may be tried again.
            code, words, said = _answer(error)
            silence = code or _silence(error)
            raise _error(FailureKind.RETRYABLE, silence, words, said) from error
        return wire


class _Wire(smtplib.SMTP):
    """An SMTP connection that remembers whether the mail's final dot has left."""

    dot_sent = False

    def __init__(self) -> None:
        # Without a name smtplib asks the resolver for ours, which may take seconds.
        super().__init__(local_hostname=socket.gethostname(), timeout=_SECONDS)

    def greet(self, host: str, port: int) -> None:
        self._host = (
            host  # against which STARTTLS checks the certificate; only a constructor sets it
        )
        code, said = self.connect(host, port)
        if code != _READY:
            raise smtplib.SMTPConnectError(code, said)

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        super().send(s)
        self.dot_sent = self.dot_sent or (isinstance(s, bytes) and s.endswith(_FINAL_DOT))


class _EncryptedWire(_Wire):
    default_port = _PORTS["smtps"]

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _leave(wire: _Wire) -> None:
    # Whether the mail was taken is known by now, so an error here changes nothing.
    with suppress(OSError, smtplib.SMTPException):
        wire.quit()
    wire.close()


def _failure(error: Exception, *, dot_sent: bool) -> ProviderError:
    code, words, said = _answer(error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        kind = FailureKind.PERMANENT
    elif code is None:
        kind = FailureKind.UNKNOWN_OUTCOME if dot_sent else FailureKind.RETRYABLE
    else:
        kind = FailureKind.PERMANENT if code >= _FOR_GOOD else FailureKind.RETRYABLE
    return _error(kind, code, words, said)


def _error(kind: FailureKind, code: int | str | None, words: str, said: str) -> ProviderError:
    status, named = code if isinstance(code, int) else None, str(code or "no_answer")
    message = f"{words}: {said}" if said else f"{words}."
    return ProviderError(PROVIDER, kind, message, code=named, status=status, detail=said)


def _silence(error: Exception) -> str:
    """Why there was no connection, where the server did not say it in a code."""
    if isinstance(error, ssl.SSLError):
        return "untrusted"
    return "no_login" if isinstance(error, smtplib.SMTPNotSupportedError) else "no_answer"


def _answer(error: Exception) -> tuple[int | None, str, str]:
    """The server's own code, what happened, the server's own words; None, "" if it was silent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return code, "The mail server refused the recipient", _text(said)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        login = isinstance(error, smtplib.SMTPAuthenticationError)
        refused = "our login" if login else "the mail"
        return error.smtp_code, f"The mail server refused {refused}", _text(error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return None, "The mail server cannot take this address or this kind of login", ""
    return None, "The mail server did not answer", ""


def _text(said: bytes | str) -> str:
    return sentence(said.decode(errors="replace") if isinstance(said, bytes) else said)
