"""Scrape dumps in, clean article text and metadata in Parquet out, with a reason for each removed line."""

__version__ = "0.1.0"
