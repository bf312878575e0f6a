"""Two themes: one for dark reading rooms, one for daylight. Text has a contrast of 7:1 or more."""

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
        "border": "#3a4654",
        "border-blurred": "#2a333d",
        "footer-key-foreground": "#e6c384",
        "input-selection-background": "#7fb4ca 35%",
    },
)

DAYLIGHT = Theme(
    name="daylight",
    primary="#0b5a7a",
    secondary="#44566b",
    accent="#8a4b00",
    foreground="#14181d",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#e6eaef",
    success="#1f6b2c",
    warning="#7a5200",
    error="#a1121f",
    dark=False,
    variables={
        "border": "#8b98a6",
        "border-blurred": "#c3ccd6",
        "footer-key-foreground": "#8a4b00",
        "input-selection-background": "#0b5a7a 25%",
    },
)

THEMES = (READING_ROOM, DAYLIGHT)
