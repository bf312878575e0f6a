"""Two themes: one for dark reading rooms, one for daylight.

Text has a contrast of at least 7:1; in highlighted rows, and for borders and marks, at least 4.5:1,
also with 256 colours: the backgrounds of rows are greyish, as the next greenish blue is too bright.
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
    error="#ff8f87",
    dark=True,
    variables={
        "border": "#9ba7b3",
        "border-blurred": "#76828f",
        "scrollbar": "#5c6a78",
        "scrollbar-hover": "#7a8896",
        "scrollbar-active": "#7a8896",
        "scrollbar-background": "#12161b",
        "scrollbar-background-hover": "#12161b",
        "scrollbar-background-active": "#12161b",
        "block-cursor-blurred-background": "#333c44",
        "text-muted": "#b4bbc3",
        "footer-key-foreground": "#e6c384",
        "input-selection-background": "#39434c",
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
        "border": "#535e6a",
        "border-blurred": "#667280",
        "scrollbar": "#83909e",
        "scrollbar-hover": "#5f6f80",
        "scrollbar-active": "#5f6f80",
        "scrollbar-background": "#ffffff",
        "scrollbar-background-hover": "#ffffff",
        "scrollbar-background-active": "#ffffff",
        "block-cursor-blurred-background": "#dadfe4",
        "text-muted": "#40464d",
        "block-cursor-foreground": "#ffffff",
        "footer-key-foreground": "#6b3a00",
        "input-selection-background": "#dadfe4",
    },
)

THEMES = (READING_ROOM, DAYLIGHT)
