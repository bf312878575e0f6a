"""Query lines saved under a name, in ``.xray-tui/filters.toml`` of the dataset::

    best = "rating>=4 decision:accepted sort:-rating"

A person may edit the file as well: comments and order are kept.
"""

from __future__ import annotations

from pathlib import Path

from xray_tui import toml_text
from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.dataset.files.layout import PRIVATE
from xray_tui.dataset.query.parsing import QueryError, parse
from xray_tui.errors import DatasetError
from xray_tui.names import filter_name_problem
from xray_tui.text import clean, quoted

FILTERS = f"{PRIVATE}/filters.toml"
MAX_BYTES = 100_000


class SavedFilters:
    """The saved filters of the dataset in ``root``; every method reads the file again.

    Raises:
        DatasetError: from every method: the file cannot be read or written, or has a wrong entry,
            which the message names. Nothing is changed.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / FILTERS

    def read(self) -> dict[str, str]:
        """The query lines by name, in the order of the file; no line uses another filter."""
        filters = {}
        for name, line in self._parsed(self._content()).items():
            where = f"{clean(self._path)}: {quoted(name)}"
            if problem := filter_name_problem(name):
                raise DatasetError(f"{where}: {problem}")
            if not isinstance(line, str):
                raise DatasetError(f'{where}: must be text in quotes, such as "rating>=4"')
            try:
                parse(line)
            except QueryError as error:
                raise DatasetError(f"{where}: {error}") from error
            filters[name] = line
        return filters

    def save(self, name: str, line: str) -> str:
        """Save ``line`` as ``name``; saved filters in it are replaced by their terms.

        Returns the previous line of this name; empty if there was none.

        Raises:
            QueryError: ``line`` is not a query.
        """
        if problem := filter_name_problem(name):
            raise DatasetError(problem)
        filters = self.read()
        query = str(parse(clean(line), filters))
        if not query:
            raise DatasetError("nothing to save; write a filter first")
        self._change(name, query)
        return filters.get(name, "")

    def remove(self, name: str) -> None:
        """Delete the filter ``name`` if it exists."""
        if name in self.read():
            self._change(name, None)

    def _change(self, name: str, line: str | None) -> None:
        import tomlkit  # slow to import, and few sessions save filters

        document = tomlkit.parse(self._content())
        if line is None:
            del document[name]
        else:
            document[name] = line
        content = tomlkit.dumps(document).encode()
        if len(content) > MAX_BYTES:
            raise DatasetError(f"{clean(self._path)}: has too many filters; delete some first")
        write_whole(self._path, [content])

    def _content(self) -> str:
        with explained(self._path):
            try:
                with self._path.open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
            except FileNotFoundError:
                return ""
        where = clean(self._path)
        if len(content) > MAX_BYTES:
            raise DatasetError(f"{where}: is larger than {MAX_BYTES:,} bytes; delete some filters")
        try:
            return toml_text.decode(content)
        except toml_text.TomlTextError as error:
            raise DatasetError(f"{where}:{error.line}: {error}") from error

    def _parsed(self, content: str) -> dict[str, object]:
        try:
            return toml_text.parse(content)
        except toml_text.TomlTextError as error:
            raise DatasetError(f"{clean(self._path)}:{error.line}: {error}") from error
