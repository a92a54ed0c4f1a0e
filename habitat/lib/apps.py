from importlib import import_module

from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "habitat.lib"
    label = "lib"

    def ready(self) -> None:
        # Registers itself, as lookups do.
        import_module("habitat.lib.lookups")
