"""The app that shows a test picture and asks whether it looks right."""
