from support.dataset_fixtures import dataset, root

__all__ = ["dataset", "root"]
