"""The engines that a store can stand on: one folder each, and nothing outside it knows how that engine works."""
