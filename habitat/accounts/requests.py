from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from habitat.accounts.models import User


class PersonRequest(HttpRequest):
    """What reaches a view that is not marked `login_not_required`: somebody is logged in. For type annotations."""

    user: User
    htmx: HtmxDetails


class ApiRequest(Request):
    """The same under /api/, where a permission lets nobody else in."""

    user: User
