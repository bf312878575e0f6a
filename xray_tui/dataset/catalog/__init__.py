"""The SQLite catalog: tables, transactions, records and reviews in rows."""
