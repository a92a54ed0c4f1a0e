"""How services say no: with sentences a person can act on."""


class Refused(Exception):  # noqa: N818 - services "refuse"; an error would be ours
    """What was asked cannot be done now; `messages` say why, in the language of who asked."""

    def __init__(self, *messages: str) -> None:
        self.messages = [str(message) for message in messages]
        super().__init__(" ".join(self.messages))
