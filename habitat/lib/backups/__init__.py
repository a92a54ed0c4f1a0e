"""Backups: database and files of one moment in one encrypted file, and the way back.

The file is a tar stream encrypted with age (X25519, age-encryption.org/v1): `database.dump` (pg_dump's custom format),
`files/<name in the storage>`, and last `manifest.json` with the SHA-256 of every member and a checksum of every table.
"""
