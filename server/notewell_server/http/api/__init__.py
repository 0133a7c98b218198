"""The paths of the HTTP door: REST, events, and MCP."""
