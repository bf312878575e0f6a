"""The widgets of the app: each shows what it is given and posts messages up."""
