"""What a page says of itself: title, authors, dates, section, tags, from its head and from its lines."""
