"""The HTTP door: REST and MCP for everyone who is not on stdio."""
