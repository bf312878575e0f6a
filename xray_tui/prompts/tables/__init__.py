"""Tables as requests: each row of a CSV, TSV or JSON-lines file asks for images."""
