from django.http import HttpRequest

from habitat.accounts.models import User


class PersonRequest(HttpRequest):
    """What reaches a view that is not marked `login_not_required`: somebody is logged in. For type annotations."""

    user: User
