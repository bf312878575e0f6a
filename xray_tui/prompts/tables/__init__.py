"""Tables as requests: each row of a CSV, TSV, JSON-lines or Parquet file asks for images."""
