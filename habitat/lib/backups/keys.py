"""The two halves of a backup's key, as age writes them: `age1…` encrypts, `AGE-SECRET-KEY-1…` also decrypts."""

from pyrage import x25519


class KeyUnusableError(ValueError):
    """The sentence says what is wrong with the key."""


def new_pair() -> tuple[str, str]:
    """(public half, secret half)."""
    identity = x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def to_encrypt(key: str) -> x25519.Recipient:
    """From either half. Raises KeyUnusableError."""
    if key.startswith("AGE-SECRET-KEY-"):
        return to_decrypt(key).to_public()
    try:
        return x25519.Recipient.from_str(key)
    except Exception as error:
        raise KeyUnusableError("BACKUP_KEY is neither half of an age key; `backup --new-key` makes one.") from error


def to_decrypt(key: str) -> x25519.Identity:
    """From the secret half. Raises KeyUnusableError."""
    try:
        return x25519.Identity.from_str(key)
    except Exception as error:
        raise KeyUnusableError(
            "Restoring needs the secret half of the key (AGE-SECRET-KEY-1…) in BACKUP_KEY."
        ) from error
