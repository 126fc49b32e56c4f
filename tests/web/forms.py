"""What a customer's browser reads on a page and posts back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


class Page(HTMLParser):
    """The forms of a page: their target and fields, a button's own name and value among them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((named["action"], {}))
        elif tag == "a":
            self.links.append(named.get("href", ""))
        elif tag in ("input", "button", "textarea") and self.forms and "name" in named:
            self.forms[-1][1][named["name"]] = named.get("value", "")

    def form(self, ending: str, **wanted: str) -> tuple[str, dict[str, str]]:
        """The first form whose target ends so and which holds these values."""
        for action, fields in self.forms:
            if action.endswith(ending) and wanted.items() <= fields.items():
                return action, dict(fields)
        raise AssertionError(f"no form {ending} with {wanted} among {self.forms}")


def read(client: FlaskClient, path: str) -> Page:
    return Page(client.get(path).text)


def send(
    client: FlaskClient, page: Page, ending: str, wanted: dict[str, str] | None = None, **typed: str
) -> TestResponse:
    """Press the button of a form, with something else typed into its fields."""
    action, fields = page.form(ending, **(wanted or {}))
    return client.post(action, data={**fields, **typed})
