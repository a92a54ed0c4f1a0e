"""Every error under /api/ as application/problem+json (RFC 9457), whoever made it."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"
TITLES: dict[int, str | Promise] = {
    400: gettext_lazy("The request cannot be understood"),
    401: gettext_lazy("Log in first"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    406: gettext_lazy("No such format"),
    409: gettext_lazy("The step is refused"),
    412: gettext_lazy("Changed meanwhile"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Unsupported media type"),
    422: gettext_lazy("Another request under this key"),
    428: gettext_lazy("If-Match is needed"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong on our side"),
}


class ProblemSerializer(serializers.Serializer):
    """What went wrong; `errors` names the fields or parameters, `verdicts` the rules that refuse a step."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    verdicts = serializers.ListField(child=serializers.DictField(), required=False)


def problem(status: int, detail: str = "", **members: Any) -> JsonResponse:
    """The answer itself; without `detail` the title says it all. `members` are further ones, such as `errors`."""
    title = str(TITLES.get(status) or HTTPStatus(status).phrase)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title, **members}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def _flat(errors: Any, path: str = "") -> dict[str, list[str]]:
    """{"remarks.0.text": ["…"]} from DRF's nested lists and dicts."""
    if isinstance(errors, dict):
        pairs = [(f"{path}.{key}" if path else str(key), value) for key, value in errors.items()]
    elif any(isinstance(item, dict | list) for item in errors):
        pairs = [(f"{path}.{position}", value) for position, value in enumerate(errors)]
    else:
        return {path or "non_field_errors": [str(item) for item in errors]}
    flat: dict[str, list[str]] = {}
    for key, value in pairs:
        if value:
            flat |= _flat(value if isinstance(value, dict | list) else [value], key)
    return flat


class Conflict(APIException):
    """The state of things, or a rule, says no; `members` of the problem say which."""

    status_code = 409

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


def problem_details(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler; what it does not know becomes a 500 further up."""
    # DRF's own handler also rolls the transaction back and knows Http404 and PermissionDenied.
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, ValidationError):
        response = problem(answer.status_code, _("Some values are not valid."), errors=_flat(error.detail))
    elif isinstance(error, ParseError):
        response = problem(answer.status_code, _unread(error))
    else:
        detail = answer.data.get("detail", "") if answer.status_code != 404 else ""
        response = problem(answer.status_code, str(detail), **getattr(error, "members", {}))
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in answer:
            response[header] = answer[header]
    return response


def _unread(error: ParseError) -> str:
    """DRF says the parser's own words, in English."""
    fault = error.__context__
    if isinstance(fault, json.JSONDecodeError):
        where = {"line": fault.lineno, "column": fault.colno}
        return _("This is no valid JSON: it cannot be read from line %(line)s, column %(column)s on.") % where
    return _("The content cannot be read: send JSON in UTF-8, without NaN or Infinity, or a form.")


class ProblemMiddleware:
    """Turns pages of error under /api/ (resolver, CSRF, uncaught exception) into problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith("/api/"):
            return response
        if response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        return problem(response.status_code)
