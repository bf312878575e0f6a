"""The parameter pane: how images are generated."""
