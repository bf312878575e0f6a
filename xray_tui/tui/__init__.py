"""The Textual app. Only this room imports textual."""
