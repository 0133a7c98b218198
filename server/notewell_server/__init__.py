"""How callers reach Notewell: MCP over stdio, and the command line."""

VERSION = "0.1.0"
