"""``xray-tui doctor``: examines everything that xray-tui needs, and says how to cure problems."""
