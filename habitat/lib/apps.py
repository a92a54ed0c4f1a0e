from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "habitat.lib"
    label = "lib"
