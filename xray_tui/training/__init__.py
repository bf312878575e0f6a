"""The scripts that made the bundled checkpoint. Nothing else imports them.

``python -m xray_tui.training --data DIR --work DIR`` runs every stage, each from where it stopped.
"""
