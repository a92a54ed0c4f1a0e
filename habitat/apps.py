from django.apps import AppConfig


class HabitatConfig(AppConfig):
    name = "habitat"
