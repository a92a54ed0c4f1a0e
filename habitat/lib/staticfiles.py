from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzipManifestStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, gzip only: brotli, there because WeasyPrint needs it, took 20 s of a start to save a fifth."""

    def create_compressor(self, **kwargs: Any) -> Any:
        return super().create_compressor(use_brotli=False, **kwargs)
