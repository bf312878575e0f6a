"""``xray-tui generate --from``: a table as request."""
