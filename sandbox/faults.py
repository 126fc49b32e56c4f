"""Faults armed by a tester: the next calls of a route fail, wait, or lose their connection."""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

_HTTP = ("GET", "POST", "PATCH", "PUT", "DELETE")
# Which calls each vendor has: of the mail server, the words of SMTP.
METHODS = {"hubspot": _HTTP, "stripe": _HTTP, "slack": _HTTP, "mail": ("MAIL", "RCPT", "DATA")}
VENDORS = tuple(METHODS)
_STATUSES = range(200, 600)


class FaultError(ValueError):
    """A fault that was asked for in a way the sandbox does not understand."""


@dataclass
class Fault:
    """What happens to the next `times` matching calls, after `skip` of them went through.

    `path` is a glob below the vendor's prefix (`/v1/customers`, `/crm/objects/2026-09/deals/*`,
    `/api/chat.postMessage`; for mail the address). `status` answers instead of the vendor; `cut`
    closes the connection `before` or `after` the work; `garbled` does the work and answers what
    nobody can read; `delay` is in seconds and may stand with the others.
    """

    vendor: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    skip: int = 0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    cut: str | None = None
    garbled: bool = False
    id: int = 0

    def __post_init__(self) -> None:
        if self.vendor not in VENDORS:
            raise FaultError(f"chez qui, de {', '.join(VENDORS)}")
        if self.method not in {"*", *METHODS[self.vendor]}:
            known = ", ".join(METHODS[self.vendor])
            raise FaultError(f"{self.vendor} n’a pas de {self.method}, mais {known}")
        if self.vendor != "mail" and not self.path.startswith(("/", "*")):
            raise FaultError(f"un chemin commence par / ou est *, pas {self.path}")
        if self.status is not None and self.status not in _STATUSES:
            raise FaultError("une réponse est un nombre de 200 à 599")
        if self.cut not in {None, "before", "after"}:
            raise FaultError("une coupure est before ou after")
        if self.status is None and self.cut is None and not self.delay and not self.garbled:
            raise FaultError(
                "il manque une réponse, une attente, une coupure ou une réponse illisible"
            )
        if self.times < 1 or self.skip < 0:
            raise FaultError("une panne arrive une fois ou plus, à partir du premier appel")

    def matches(self, vendor: str, method: str, path: str) -> bool:
        return (
            vendor == self.vendor
            and self.method in {"*", method}
            and fnmatch.fnmatchcase(path, self.path)
        )


class Faults:
    """The armed faults in the order they were armed; the first that matches a call is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []
        self._made = 0

    def arm(self, **wanted: Any) -> Fault:
        """Arm one fault from the fields of `Fault`; raises FaultError on anything unknown."""
        unknown = set(wanted) - set(Fault.__dataclass_fields__)
        if unknown or "vendor" not in wanted:
            raise FaultError(f"a fault has a vendor and no {', '.join(sorted(unknown)) or 'less'}")
        with self._lock:
            self._made += 1
            fault = Fault(**{**wanted, "id": self._made})
            self._armed.append(fault)
            return fault

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """Use up and return the fault this call meets; a call that is skipped over meets none."""
        with self._lock:
            for fault in self._armed:
                if not fault.matches(vendor, method, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                if fault.times <= 0:
                    self._armed.remove(fault)
                return fault
            return None

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def listed(self) -> list[dict[str, Any]]:
        """List what is still armed, as JSON objects."""
        with self._lock:
            return [asdict(fault) for fault in self._armed]
