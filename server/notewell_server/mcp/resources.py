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
LONGEST_URI = 300  # characters of one that an error repeats
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
        from notewell_tools.resources import list_resources

        page = await self._ask(context, lambda call: list_resources(call, params.cursor if params else None))
        listed = [
            types.Resource(
                uri=item.uri,
                name=item.name,
                title=item.title,
                description=item.description or None,
                mime_type=MARKDOWN,
                annotations=types.Annotations(last_modified=item.modified) if item.modified else None,
            )
            for item in page.items
        ]
        return types.ListResourcesResult(resources=listed, next_cursor=page.next_cursor)

    async def list_templates(
        self, context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        from notewell_store.safe_text import seen
        from notewell_tools.resources import read_resource

        content = await self._ask(context, lambda call: read_resource(call, params.uri))
        meta: dict[str, Any] | None = {"revision": content.revision} if content.revision else None
        text = types.TextResourceContents(uri=params.uri, mime_type=MARKDOWN, text=seen(content.text), _meta=meta)
        return types.ReadResourceResult(contents=[text])

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        self._subscriptions.follow(params.uri, context.session)
        return types.EmptyResult()

    async def unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
        self._subscriptions.unfollow(params.uri)
        return types.EmptyResult()

    async def complete(self, context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        from notewell_tools.resources import complete

        argument = params.argument
        found = await self._ask(context, lambda call: complete(call, argument.name, argument.value))
        return types.CompleteResult(completion=types.Completion(values=found.values, has_more=found.more))

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
        from notewell_tools.prompts import make_prompt

        text = await self._ask(context, lambda call: make_prompt(call, params.name, params.arguments or {}))
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        return types.GetPromptResult(messages=[message])
