"""Writing through the API: services' refusals as problems, and `If-Match` against lost updates."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from habitat.lib.drf.problems import Conflict
from habitat.lib.models import PublicRecord
from habitat.lib.refusals import Refused


class PreconditionRequired(exceptions.APIException):
    status_code = 428

    def __init__(self) -> None:
        super().__init__(_("Send If-Match with the ETag of what you read, so that nobody's change is lost."))


class PreconditionFailed(exceptions.APIException):
    status_code = 412

    def __init__(self) -> None:
        super().__init__(_("It was changed since you read it. Read it again, and send your change with its new ETag."))


def etag_of(*rows: PublicRecord) -> str:
    """A strong ETag of a record, or of several that are written together; the moment of change is the database's."""
    return etag_of_text("|".join(f"{row.public_id}:{row.updated_at.isoformat()}" for row in rows))


def etag_of_text(said: str) -> str:
    """A strong ETag of what has no moment of change of its own."""
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def check_match(request: Request, *rows: PublicRecord, required: bool = True) -> None:
    """Call under the lock that every writer of the rows takes, on rows read under it.

    Raises PreconditionRequired (428) without the header where it is required, PreconditionFailed (412) on another ETag.
    """
    check_etag(request, etag_of(*rows), required=required)


def check_etag(request: Request, etag: str, *, required: bool = True) -> None:
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            raise PreconditionRequired
        return
    named = {tag.strip() for tag in header.split(",")}
    if "*" not in named and etag not in named:
        raise PreconditionFailed


@contextmanager
def refusals_as_problems() -> Iterator[None]:
    """What the services say no with: 409 for the state of things, 400 by field; PermissionDenied is a 403 by itself."""
    try:
        yield
    except Refused as refused:
        raise Conflict(str(refused)) from refused
    except ValidationError as error:
        errors = error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        raise exceptions.ValidationError(errors) from error
