"""The exceptions a user can cause. Each message says what is wrong, where, and how to fix it."""


class XrayTuiError(Exception):
    """Root of the family. ``str(error)`` is the message shown to the user, without a traceback."""


class PromptLibraryError(XrayTuiError):
    """A prompts.toml file that cannot be used."""


class PromptLibraryChangedError(PromptLibraryError):
    """Another program changed the file since it was read; nothing was written."""


class ParameterError(XrayTuiError):
    """A generation parameter that is out of range or has the wrong type."""


class SettingsError(XrayTuiError):
    """A settings file or an ``XRAY_TUI_…`` environment variable that cannot be used."""


class ModelError(XrayTuiError):
    """A model that cannot be found, loaded or trusted."""


class GenerationError(XrayTuiError):
    """A task or a job that cannot be generated."""


class DatasetError(XrayTuiError):
    """A dataset folder that cannot be read or written."""


class DatasetLockedError(DatasetError):
    """Another process is generating into this dataset."""


class CatalogDamagedError(DatasetError):
    """The catalog is unreadable; ``xray-tui rebuild`` rebuilds it from the images."""


class DatasetFullError(DatasetError):
    """Something cannot be written now but perhaps later: the disk is full, a quota or a limit on
    file sizes is reached, or the file system is read-only for the moment."""


class DatasetDeniedError(DatasetFullError):
    """The permissions of a file or a folder forbid writing to it."""


class ManualError(XrayTuiError):
    """A page of the manual that does not exist."""


class TableError(XrayTuiError):
    """A table of requests that cannot be used."""
