"""Servers that do the same job, installed from the public registries and driven as Notewell is."""
