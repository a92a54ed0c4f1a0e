"""How long a page takes at the server: asked for in a fresh process, as large as a web worker.

A process that has run other groups before holds ten times as many objects, which its collector goes through again and
again: the same dashboard took half as long again in it.
"""

from statistics import quantiles

from django.test import Client
from django.test.utils import override_settings

from habitat.accounts.models import User
from habitat.bench.frame import Row, in_child, processor


def page(name: str, what: str, address: str, times: int, goal_ms: float, reader: User | None = None) -> Row:
    """The slowest twentieth of so many answers: processor time of the process and of its database session."""
    asked = {"address": address, "times": times, "reader": reader.pk if reader else None}
    slowest = in_child("habitat.bench.pages:slowest", **asked).seconds * 1000
    return Row(
        name, f"{what}, 95th of a hundred", f"{goal_ms:g} ms", slowest / goal_ms, at_most=1, value=f"{slowest:.0f} ms",
        runs=times,
    )  # fmt: skip


def slowest(address: str, times: int, reader: int | None) -> dict[str, float]:
    """In the child; the first answer, which looks up what stays, is left out."""
    import habitat.wsgi  # noqa: F401 - as a web worker begins

    client = Client()
    # Whether a second factor is asked for makes no page slower.
    with override_settings(STRONG_SIGN_IN=False, ALLOWED_HOSTS=["testserver"]):
        if reader:
            client.force_login(User.objects.get(pk=reader))
        asked = [_seconds(client, address) for _time in range(times + 1)]
    return {"seconds": quantiles(asked[1:], n=20, method="inclusive")[-1]}


def _seconds(client: Client, address: str) -> float:
    begun = processor()
    if client.get(address).status_code != 200:
        raise RuntimeError(address)
    return processor() - begun
