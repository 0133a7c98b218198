"""Hooks of a host such as Claude Code: what a session is told when it begins."""
