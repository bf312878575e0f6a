"""The scripts that trained the bundled checkpoint. No other room imports them.

``python -m xray_tui.training --data DIR --work DIR`` runs every stage; a stage that was stopped
resumes from its saved state.
"""
