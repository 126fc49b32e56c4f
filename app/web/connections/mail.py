"""The box of outgoing mail: a test mail to oneself."""

from werkzeug.wrappers import Response

from app.accounts.mail_test import ask_for_test_mail
from app.models import ColleagueSession
from app.web.auth import colleagues_only
from app.web.connections.page import blueprint, save
from app.web.runtime import runtime


@blueprint.post("/mail/test")
@colleagues_only
def send_test(person: ColleagueSession) -> Response:
    """Have a worker mail the colleague herself; nobody else can be written to so."""
    return save(
        person,
        "mail_test",
        lambda language: ask_for_test_mail(
            runtime(), person.tenant_id, person.user_id, person.user_email, language
        ),
    )
