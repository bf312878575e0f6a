from support.export_fixtures import path, root

__all__ = ["path", "root"]
