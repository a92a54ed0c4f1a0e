"""Saved views of the explorer: a name for an address. Whoever opens one sees what their own scope allows."""

from django.http import QueryDict

from habitat.accounts.models import User
from reports.models import SavedView

LONGEST = SavedView._meta.get_field("query").max_length
# Of the moment, not of the view.
PASSING = ("page", "format")


def plain_query(text: str) -> str:
    query = QueryDict(text.lstrip("?"), mutable=True)
    for name in PASSING:
        query.pop(name, None)
    return query.urlencode()


def save_view(*, owner: User, name: str, query: str, is_shared: bool) -> SavedView:
    return SavedView.objects.create(owner=owner, name=name, query=plain_query(query), is_shared=is_shared)


def change_view(view: SavedView, *, name: str, is_shared: bool) -> SavedView:
    view.name, view.is_shared = name, is_shared
    view.save(update_fields=["name", "is_shared"])
    return view


def delete_view(view: SavedView) -> None:
    view.delete()
