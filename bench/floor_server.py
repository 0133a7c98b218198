"""The smallest server that the SDK can make: what every measurement here is compared with."""

from mcp.server import MCPServer

server = MCPServer("floor")


@server.tool(structured_output=False)
def nothing() -> str:
    """Do nothing."""
    return "nothing"


if __name__ == "__main__":
    server.run("stdio")
