"""The body of a request as it came: whole, or 413."""

from flask import abort, request


def raw_body(most: int) -> bytes:
    """All bytes of the body; 413 where they are more than `most`."""
    # One byte more is let in, because a body without Content-Length is cut at the limit, not
    # refused: without that byte a cut body would look complete.
    request.max_content_length = most + 1
    body = request.get_data()
    if len(body) > most:
        abort(413)
    return body
