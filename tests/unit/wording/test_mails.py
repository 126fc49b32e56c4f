"""Every mail in every language: complete words, one-line subjects, CRM text as text."""

from __future__ import annotations

import pytest

from app.language import LANGUAGES
from app.wording.mails import LONGEST_SUBJECT, SHAPES, render
from tests.values import plain

FACTS = {
    "number": "P-2026-0001",
    "deal_name": "Coworking Atelier Martin",
    "deal_url": "https://app.hubspot.com/contacts/1/record/0-3/9",
    "recipient_name": "Jeanne Martin",
    "recipient_email": "jeanne@atelier-martin.example",
    "company_name": "Atelier Martin",
    "seller_name": "Maison du Test",
    "rep_name": "Dana Petit",
    "due_now": "540,00 EUR",
    "recurring": "540,00 EUR par mois",
    "link": "https://propale.example/p/token",
    "valid_until": "2026-12-01",
    "reason": "Trop cher.\nUn peu.",
    "invoice_number": "F-0001",
    "invoice_total": "540,00 EUR",
    "hosted_url": "https://invoice.stripe.com/i/1",
    "invoice_link": "https://propale.example/p/token/invoice",
    "method": "sepa_debit",
    "provider": "stripe",
    "stripe_figure": "500,00 EUR",
    "our_figure": "540,00 EUR",
    "payment": "Nous avons bien reçu 540,00 EUR.",
    "papers": "La facture et son reçu sont joints.",
}
HOSTILE = "<script>x</script>{{7*7}}{0}{seller_name}\r\nBcc: a@b\u202e\u2028🦊" + "y" * 10_000
EVERY_MAIL = [(kind, language) for kind in SHAPES for language in LANGUAGES]


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_mail_is_complete_in_text_and_html(kind: str, language: str) -> None:
    mail = render(kind, language, FACTS)
    url = next(FACTS[name] for name in SHAPES[kind].button)

    assert url in mail.text
    assert f'href="{url}"' in mail.html
    assert f'<html lang="{language}">' in mail.html
    for text in (mail.subject, mail.text, mail.html.partition("</style>")[2]):
        assert "{" not in text
        assert "None" not in text


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_crm_text_stays_text(kind: str, language: str) -> None:
    mail = render(kind, language, dict.fromkeys(FACTS, HOSTILE) | {"valid_until": "2026-12-01"})

    assert mail.subject.isprintable()
    assert len(mail.subject) <= LONGEST_SUBJECT
    assert "<script" not in mail.html
    assert "\nBcc" not in mail.text.replace("> Bcc", "")
    assert len(mail.html) < 40_000


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_what_is_unknown_is_left_out(kind: str, language: str) -> None:
    mail = render(kind, language, {"number": "P-1", "recurring": None, "method": ""})

    assert "None" not in mail.text
    assert "href" not in mail.html


def test_proposal_mail_says_amounts_and_last_day() -> None:
    mail = render("proposal_sent", "fr", FACTS)

    assert mail.subject == "Votre proposition P-2026-0001 · Maison du Test"
    assert "Bonjour Jeanne Martin," in mail.text
    assert "À l’acceptation\u00a0: 540,00 EUR" in mail.text
    assert "Valable jusqu’au : 1er décembre 2026" in plain(mail.text)
    assert ">Voir ma proposition</a>" in mail.html
    assert mail.text.rstrip().count("Dana Petit\nMaison du Test") == 1


def test_unpaid_renewal_is_not_called_paid_nor_the_first_sum() -> None:
    renewal = {**FACTS, "due_now": "924,00 EUR", "invoice_total": "540,00 EUR"}

    customer, rep = (render(k, "fr", renewal) for k in ("renewal_failed", "rep_renewal_failed"))

    for mail in (customer, rep):
        assert "Montant : 540,00 EUR" in plain(mail.text)
        assert "924,00" not in mail.text
        assert "payé :" not in plain(mail.text)
    assert "Régler la facture" in customer.text
    assert "choisir" not in customer.text


def test_text_mail_begins_with_what_happened() -> None:
    mail = render("rep_accepted", "fr", FACTS)

    assert mail.text.startswith("Atelier Martin a accepté votre proposition\n\nBonjour Dana Petit,")


def test_decline_mail_quotes_the_reason_line_by_line() -> None:
    mail = render("rep_declined", "en", FACTS)

    assert "> Trop cher.\n> Un peu.\n" in mail.text
    assert mail.subject == "Declined: Atelier Martin (P-2026-0001)"


def test_customer_without_company_is_named_by_person() -> None:
    mail = render("rep_paid", "fr", {**FACTS, "company_name": ""})

    assert mail.subject == "Payée : Jeanne Martin (P-2026-0001)"


def test_address_that_is_no_web_address_is_no_link() -> None:
    mail = render("proposal_sent", "fr", {**FACTS, "link": "javascript:alert(1)"})

    assert "javascript" not in mail.html


def test_points_of_the_owner_lead_somewhere_and_are_text() -> None:
    point = {"name": HOSTILE[:40], "said": "Deux.", "do": "Ouvrez-le.", "label": "Ouvrir"}
    points = [{**point, "url": f"https://a.test/{number}"} for number in (1, 2)]
    more = {"points": points, "count": 2, "server_lines": ["./propale messages show 7"]}

    mail = render("owner_differences", "fr", {**FACTS, **more})

    assert plain(mail.subject) == "À regarder dans Stripe ou HubSpot : 2"
    assert 'href="https://a.test/2"' in mail.html
    assert "<script" not in mail.html
    assert "À faire : Ouvrez-le." in plain(mail.text)
    assert "2. " in mail.text
    assert mail.text.index("https://a.test/2") < mail.text.index("  ./propale messages show 7")
