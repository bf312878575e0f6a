"""Two themes: one for dark reading rooms, one for daylight.

Text has a contrast of at least 7:1; in highlighted rows, and for borders and marks, at least 4.5:1.
"""

from textual.theme import Theme

READING_ROOM = Theme(
    name="reading-room",
    primary="#7fb4ca",
    secondary="#8aa0b8",
    accent="#e6c384",
    foreground="#d8dde3",
    background="#0b0d10",
    surface="#12161b",
    panel="#1b2129",
    success="#98c379",
    warning="#e6c384",
    error="#ff7b72",
    dark=True,
    variables={
        "border": "#8593a1",
        "border-blurred": "#76828f",
        "scrollbar": "#3a4654",
        "scrollbar-hover": "#5a6b7c",
        "scrollbar-active": "#5a6b7c",
        "scrollbar-background": "#12161b",
        "scrollbar-background-hover": "#12161b",
        "scrollbar-background-active": "#12161b",
        "text-muted": "#b4bbc3",
        "footer-key-foreground": "#e6c384",
        "input-selection-background": "#7fb4ca 35%",
    },
)

DAYLIGHT = Theme(
    name="daylight",
    primary="#0b5a7a",
    secondary="#44566b",
    accent="#6b3a00",
    foreground="#14181d",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#e6eaef",
    success="#1f6b2c",
    warning="#7a5200",
    error="#a1121f",
    dark=False,
    variables={
        "border": "#5a6673",
        "border-blurred": "#667280",
        "scrollbar": "#8b98a6",
        "scrollbar-hover": "#5f6f80",
        "scrollbar-active": "#5f6f80",
        "scrollbar-background": "#ffffff",
        "scrollbar-background-hover": "#ffffff",
        "scrollbar-background-active": "#ffffff",
        "text-muted": "#40464d",
        "block-cursor-foreground": "#ffffff",
        "footer-key-foreground": "#6b3a00",
        "input-selection-background": "#0b5a7a 25%",
    },
)

THEMES = (READING_ROOM, DAYLIGHT)
