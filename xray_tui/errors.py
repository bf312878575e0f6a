"""The exceptions a user can cause. Each message says what is wrong, where, and how to mend it."""


class XrayTuiError(Exception):
    """Root of the family. ``str(error)`` is the message shown to the user, without a traceback."""


class PromptLibraryError(XrayTuiError):
    """A prompts.toml that cannot be used."""


class ParameterError(XrayTuiError):
    """A generation parameter out of its range, or of the wrong type."""


class SettingsError(XrayTuiError):
    """A settings file or an ``XRAY_TUI_…`` environment variable that cannot be used."""


class ModelError(XrayTuiError):
    """A model that cannot be found, loaded or trusted."""


class GenerationError(XrayTuiError):
    """A task or a job that cannot be made."""


class DatasetError(XrayTuiError):
    """A dataset folder that cannot be read or written."""


class DatasetLockedError(DatasetError):
    """Another process generates into this dataset."""


class CatalogDamagedError(DatasetError):
    """The catalog cannot be read any more; ``xray-tui rebuild`` makes it anew from the images."""


class DatasetFullError(DatasetError):
    """Something cannot be written now, and may be possible later: the disk is full, a quota is used
    up, a limit on file sizes is in force, the file system is read-only for the moment."""


class DatasetDeniedError(DatasetFullError):
    """Something may not be written now: the permissions of a file or a folder forbid it."""
