"""Resources and prompts as MCP serves them: handlers of a few lines round what the tools' layer answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import anyio.to_thread
import mcp.types as types
from mcp.server import ServerRequestContext

from notewell_server.mcp.subscriptions import Subscriptions

if TYPE_CHECKING:
    from notewell_tools.definition import Call

Context = ServerRequestContext[dict[str, Any]]
T = TypeVar("T")

MARKDOWN = "text/markdown"
TEMPLATES = (
    types.ResourceTemplate(
        uri_template="note://{slug}", name="note", description="a note's Markdown", mime_type=MARKDOWN
    ),
    types.ResourceTemplate(
        uri_template="brief://{project}",
        name="brief",
        description="what a session should know first",
        mime_type=MARKDOWN,
    ),
)


class ResourcesAndPrompts:
    """What a client gets beside tools. `call_for(context)` says for whom a request is answered."""

    def __init__(self, call_for: "Callable[[Context], Call]", subscriptions: Subscriptions) -> None:
        self._call_for = call_for
        self._subscriptions = subscriptions

    async def _ask(self, context: Context, question: "Callable[[Call], T]") -> T:
        """Ask on a worker thread."""
        return await anyio.to_thread.run_sync(lambda: question(self._call_for(context)))

    async def list_resources(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        from notewell_server.mcp.results import listed_resources

        listed = await self._ask(context, lambda call: listed_resources(call, params.cursor if params else None))
        return types.ListResourcesResult.model_validate(listed)

    async def list_templates(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        from notewell_server.mcp.results import read_resource

        return types.ReadResourceResult.model_validate(
            await self._ask(context, lambda call: read_resource(call, params.uri))
        )

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        self._subscriptions.follow(params.uri, context.session)
        return types.EmptyResult()

    async def unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        self._subscriptions.unfollow(params.uri)
        return types.EmptyResult()

    async def complete(self, context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        from notewell_server.mcp.results import completed

        argument = params.argument
        found = await self._ask(context, lambda call: completed(call, argument.name, argument.value))
        return types.CompleteResult.model_validate(found)

    async def list_prompts(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListPromptsResult:
        from notewell_tools.prompts import prompts

        listed = [
            types.Prompt(
                name=prompt.name,
                description=prompt.description,
                arguments=[
                    types.PromptArgument(
                        name=argument.name, description=argument.description, required=argument.required
                    )
                    for argument in prompt.arguments
                ],
            )
            for prompt in prompts()
        ]
        return types.ListPromptsResult(prompts=listed)

    async def get_prompt(self, context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        from notewell_server.mcp.results import made_prompt

        made = await self._ask(context, lambda call: made_prompt(call, params.name, params.arguments or {}))
        return types.GetPromptResult.model_validate(made)
