"""The workbench: the main screen, its panes and their controllers."""
