"""Webhooks on their way: one background thread, in order of creation, repeated until a 2xx.

Real Stripe repeats for hours; here the waits are seconds, so that a tester sees the repeats.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, cast

import requests
from flask import current_app

from sandbox import outgoing
from sandbox.stripe.mischief import STRAYS, Mischief, Mischiefs, stray
from sandbox.stripe.signatures import signature

if TYPE_CHECKING:
    from sandbox.store import Record
    from sandbox.world import World

WAITS = (1, 2, 5, 10, 20, 40, 60, 60, 60)
_TIMEOUT = 10


class Deliveries:
    """The queue of one sandbox; rows live in the store, so a restart goes on with them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows = world.store.table("stripe", "deliveries")
        self._wake = threading.Condition()
        self._open: list[str] = []
        self._held: list[str] = []
        self._mischief = Mischiefs()

    def start(self) -> None:
        """Deliver in the background until the world closes."""
        threading.Thread(target=self._run, name="stripe-webhooks", daemon=True).start()

    def put(self, account: str, endpoint: str, event: Record, at: str = "") -> None:
        """Queue one event for one endpoint, with whatever mischief is armed for it.

        `at`: the platform whose endpoint it is, where it is not the account's own.
        """
        mischief = self._mischief.take(event["type"])
        kind = mischief.kind if mischief else ""
        wait = mischief.seconds if mischief and kind == "delay" else 0.0
        if kind in STRAYS:
            self._queue([self._add(account, endpoint, event, stray_kind=kind, at=at)])
        for _ in range(2 if kind == "double" else 1):
            key = self._add(account, endpoint, event, wait, at=at)
            if kind == "drop":
                self._close(key, "dropped")
            elif mischief and kind == "reorder":
                self._hold(key, last=mischief.times == 0)
            else:
                self._queue([key])

    def disturb(self, mischief: Mischief) -> None:
        """Arm mischief for deliveries to come; it may be more than one at a time.

        A dropped one is never sent, and listed under `delivery_success=false`. Reordered ones are
        held until `times` of them have come, then sent backwards.
        """
        self._mischief.arm(mischief)

    def calm(self) -> None:
        """Take all mischief back and let what is held go."""
        self._mischief.clear()
        held, self._held = self._held, []
        self._queue(held)

    def forget(self) -> None:
        """Begin anew after the sandbox was reset; what the store still holds is sent."""
        self._mischief.clear()
        with self._wake:
            self._held = []
            self._open = [key for key, row in self._rows.items() if row["status"] == "pending"]
            self._wake.notify_all()

    def armed(self) -> list[dict[str, Any]]:
        """The mischief still to come, as JSON objects."""
        return self._mischief.listed()

    def resend(self, account: str, event_id: str) -> int:
        """Send an event once more to each endpoint it was for; return how many."""
        with self._world.store.lock:
            rows = [row for row in self.rows(account) if row["event"] == event_id]
            endpoints = {row["endpoint"]: row["at"] for row in rows}
            event = self._world.store.table("stripe", account, "event")[event_id]
            keys = [self._add(account, one, event, at=at) for one, at in endpoints.items()]
        self._queue(keys)
        return len(keys)

    def rows(self, account: str) -> list[Record]:
        """The deliveries of an account, oldest first."""
        return [row for row in self._rows.values() if row["account"] == account]

    def settled(self, timeout: float) -> bool:
        """Wait until nothing is left to send; False when `timeout` seconds were not enough."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._open, timeout)

    def _add(
        self,
        account: str,
        endpoint: str,
        event: Record,
        wait: float = 0.0,
        *,
        at: str = "",
        stray_kind: str = "",
    ) -> str:
        key = str(self._world.store.number("stripe-deliveries"))
        self._rows[key] = {
            "id": key,
            "account": account,
            "at": at or account,
            "endpoint": endpoint,
            "event": event["id"],
            "type": event["type"],
            "status": "pending",
            "attempts": 0,
            "due": self._wall() + wait,
            "answer": None,
            "stray": stray_kind,
        }
        return key

    def _hold(self, key: str, *, last: bool) -> None:
        self._held.append(key)
        if last:
            held, self._held = self._held[::-1], []
            self._queue(held)

    def _queue(self, keys: list[str]) -> None:
        with self._wake:
            self._open += keys
            self._wake.notify_all()

    def _run(self) -> None:
        with outgoing.session(self._world.settings) as session:
            while not self._world.closing.is_set():
                key = self._next()
                if key is not None:
                    self._attempt(session, key)

    def _next(self) -> str | None:
        """The first delivery that is due; None after a short wait without one."""
        with self._wake:
            now = self._wall()
            for key in self._open:
                row = self._rows.get(key)
                if row is None:  # the sandbox was reset
                    self._open.remove(key)
                    return None
                if row["due"] <= now:
                    return key
            self._wake.wait(0.2)
            return None

    def _attempt(self, session: requests.Session, key: str) -> None:
        answer = self._send(session, self._rows.get(key))
        with self._world.store.lock:
            row = self._rows.get(key)
            if row is None or self._world.closing.is_set():
                return
            attempts = row["attempts"] + 1
            self._rows[key] = {**row, "attempts": attempts, "answer": answer}
            if answer.isdigit() and answer.startswith("2"):
                self._close(key, "delivered")
            elif attempts > len(WAITS):
                self._close(key, "failed")
            else:
                due = self._wall() + WAITS[attempts - 1]
                self._rows[key] = {**self._rows[key], "due": due}

    def _send(self, session: requests.Session, row: Record | None) -> str:
        """Return the status code, or the word for why there is none."""
        prepared = self._prepared(row) if row else None
        if prepared is None:
            return "endpoint gone"
        url, body, signed = prepared
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signed,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            response = session.post(
                url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as problem:
            return type(problem).__name__
        return str(response.status_code)

    def _prepared(self, row: Record) -> tuple[str, bytes, str] | None:
        """Where to, what, and its signature; None when event or endpoint is no more."""
        with self._world.store.lock:
            event = self._world.store.table("stripe", row["account"], "event").get(row["event"])
            table = self._world.store.table("stripe", row["at"], "webhook_endpoint")
            secrets = self._world.store.table("stripe", row["at"], "webhook_secret")
            endpoint = table.get(row["endpoint"])
            if event is None or endpoint is None or endpoint["status"] != "enabled":
                return None
            if row.get("stray"):
                event = stray(row["stray"], event)
            if row["at"] != row["account"]:
                event = {**event, "account": row["account"]}
            body = json.dumps(event, indent=2).encode()
            signed = signature(body, secrets[endpoint["id"]], int(self._wall()))
            return endpoint["url"], body, signed

    def _close(self, key: str, status: str) -> None:
        with self._wake:
            row = self._rows[key]
            self._rows[key] = {**row, "status": status}
            if key in self._open:
                self._open.remove(key)
            self._wake.notify_all()
        if status == "delivered" and not row.get("stray"):
            self._count_down(row)

    def _count_down(self, row: Record) -> None:
        events = self._world.store.table("stripe", row["account"], "event")
        event = events.get(row["event"])
        if event and event["pending_webhooks"]:
            events[event["id"]] = {**event, "pending_webhooks": event["pending_webhooks"] - 1}

    def _wall(self) -> float:
        return self._world.clock.wall().timestamp()


def current_deliveries() -> Deliveries:
    """Return the queue of the server that answers this request."""
    return cast("Deliveries", current_app.extensions["stripe_deliveries"])
