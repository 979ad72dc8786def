"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Modules that import each other do so by those names too: a browser never mixes two versions."""

    support_js_module_import_aggregation = True
