"""A request that is sent twice has one effect: `Idempotency-Key` names it, and a repeat hears the first answer again.

The answer is kept in the transaction of the effect: neither is there without the other, whatever kills the process.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from habitat.accounts import security
from habitat.accounts.models import KeptAnswer
from habitat.accounts.requests import ApiRequest
from habitat.lib.documents import fingerprint as fingerprint_of_file
from habitat.lib.drf.problems import Conflict
from habitat.lib.malware import MalwareFoundError

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(hours=24)
LONGEST = 255
# Headers of an answer that belong to it.
HEADERS = ("ETag", "Location")


class KeyUsedError(APIException):
    status_code = 422

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was used for another request. Use a new one for each request."))


def idempotent(method: Callable[..., Response]) -> Callable[..., HttpResponse]:
    """Around a method of a view; nothing changes without the header. Only success is kept: a refusal did nothing.

    422: the key named another request. 409: the first is still being answered.
    """

    @wraps(method)
    def once(self: Any, request: ApiRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return method(self, request, *args, **kwargs)
        if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= LONGEST:
            raise ValidationError({HEADER: [_("One to 255 printable ASCII characters.")]})
        try:
            return _once(request, key, lambda: method(self, request, *args, **kwargs))
        except ValidationError as refused:
            if isinstance(refused.__cause__, MalwareFoundError):
                # What was kept inside went with the transaction.
                security.keep(refused.__cause__, request.user)
            raise

    return once


def _once(request: ApiRequest, key: str, work: Callable[[], Response]) -> HttpResponse:
    fingerprint = fingerprint_of(request)
    KeptAnswer.objects.filter(user=request.user, at__lt=timezone.now() - KEPT).delete()
    KeptAnswer.objects.bulk_create(
        [KeptAnswer(user=request.user, key=key, fingerprint=fingerprint)], ignore_conflicts=True
    )
    with transaction.atomic():
        kept = _locked(request, key)
        if kept.status is None:
            answer = work()
            kept.fingerprint, kept.status = fingerprint, answer.status_code
            kept.body = force_str(request.accepted_renderer.render(answer.data))
            kept.headers = {name: answer[name] for name in HEADERS if name in answer}
            kept.save(update_fields=["fingerprint", "status", "body", "headers"])
            return answer
    if kept.fingerprint != fingerprint:
        raise KeyUsedError
    headers = kept.headers | {"Idempotency-Replayed": "true"}
    return HttpResponse(kept.body, request.accepted_renderer.media_type, kept.status, headers=headers)


def _locked(request: ApiRequest, key: str) -> KeptAnswer:
    rows = KeptAnswer.objects.select_for_update(of=("self",), nowait=True)
    try:
        return rows.get(user=request.user, key=key)
    except OperationalError as held:
        raise Conflict(_("The first request with this Idempotency-Key is still being answered. Ask again.")) from held


def fingerprint_of(request: Request) -> str:
    """Of what was asked, not of how it was packed: the order of fields and a form's boundary do not matter."""
    data = request.data
    if hasattr(data, "lists"):
        said: Any = {name: [_said(value) for value in values] for name, values in data.lists()}
    else:
        said = data
    text = json.dumps([request.method, request.get_full_path(), said], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _said(value: Any) -> Any:
    return fingerprint_of_file(value) if isinstance(value, UploadedFile) else value
