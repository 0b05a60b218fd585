"""Rules as data: the TOML files beside this module."""
