"""Refuses wrong arguments of tools in one sentence, where the package has the text and the address of pydantic."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult
from pydantic import ValidationError
from pydantic_core import ErrorDetails


class CheckedServer(MCPServer):
    """A server whose tools accept the arguments that they describe, and no others."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises ToolError."""
        await self._refuse_unknown(name, arguments)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError("; ".join(map(_sentence, error.__cause__.errors()))) from None
            raise

    async def _refuse_unknown(self, name: str, arguments: dict[str, Any]) -> None:
        """A misspelt filter, which would otherwise be ignored, must not give a wrong answer."""
        for tool in await self.list_tools():
            known = tool.input_schema.get("properties", {})
            unknown = [argument for argument in arguments if argument not in known]
            if tool.name == name and unknown:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise ToolError(f"{name} has no argument {', '.join(map(repr, unknown))}; {has}.")


def _sentence(error: ErrorDetails) -> str:
    """What is wrong with an argument, without its value."""
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "missing":
        return f"{name} is required."
    return f"Invalid {name}: {error['msg'][:1].lower()}{error['msg'][1:]}."
