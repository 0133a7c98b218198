"""projects: the codebases that notes belong to."""

from typing import Annotated, Literal

from notewell_store import Forbidden, Invalid
from notewell_store.access.rights import Scope
from notewell_store.briefing.checkout import projects_of
from notewell_store.errors import ANY, NextCall, Say
from notewell_store.models import Project as StoredProject
from notewell_store.tables import projects as store_projects
from notewell_tools.answers import part_of
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Json, tool
from notewell_tools.results import Project, ProjectList
from notewell_tools.saving import Key, once_of


def _text(data: ProjectList, say: Say) -> str:
    if "deleted" in data:
        return f"deleted the project {data['deleted']}"
    if not data["projects"]:
        create = NextCall("projects", {"slug": ANY, "name": ANY})
        return f"no projects yet: {say(create)} creates one"
    return "\n".join(map(_line, data["projects"]))


def _line(project: Project) -> str:
    facts = [project["slug"], project["name"], project["platform"], project["repo_url"]]
    return " · ".join([*(fact for fact in facts if fact), part_of(project["notes"], project["notes"], "notes")])


FIELDS = ("name", "platform", "repo_url", "new_slug")


def _needs(arguments: Json) -> Scope | None:
    return "admin" if arguments["delete"] or any(arguments[name] is not None for name in FIELDS) else None


@tool(_text, idempotent=True, needs=_needs)
def projects(
    call: Call,
    slug: str | None = None,
    name: str | None = None,
    platform: Literal["github", "forgejo", "local"] | None = None,
    repo_url: Annotated[str | None, Field(max_length=500)] = None,
    new_slug: str | None = None,
    delete: bool = False,
    idempotency_key: Key = None,
) -> ProjectList:
    """List projects; create, change or delete one."""
    fields = {"name": name, "platform": platform, "repo_url": repo_url, "new_slug": new_slug}
    changes = any(value is not None for value in fields.values())
    if not changes and not delete:
        with call.store.reading() as db:
            return {"projects": [_project(project) for project in store_projects.list_projects(db, slug)]}
    if slug is None:
        raise Invalid(f"slug is needed to {'delete' if delete else 'create or change'} a project", "slug")
    if changes and delete:
        raise Invalid("a project is changed or deleted: send one of these", "delete")
    _require_rights(call, slug, is_naming=delete or new_slug is not None)
    _require_free(call, slug, repo_url)
    once = once_of("projects", {"slug": slug, **fields, "delete": delete, "idempotency_key": idempotency_key})
    if delete:
        return {"projects": [], "deleted": store_projects.delete_project(call.store, slug, call.actor, once)}
    saved = store_projects.save_project(call.store, slug, call.actor, name, platform, repo_url, once, new_slug)
    return {"projects": [_project(saved)]}


def _require_rights(call: Call, slug: str, *, is_naming: bool) -> None:
    """Names of projects are the whole store's."""
    own = call.rights.project
    if own is not None and (slug != own or is_naming):
        what = "to rename or delete one needs rights for the whole store" if slug == own else "you may change that"
        raise Forbidden(f"your rights are for the project {own} only: {what}")


def _require_free(call: Call, slug: str, repo_url: str | None) -> None:
    """Raise Invalid where a caller with rights for one project names another's repository: the sessions that begin in
    its checkouts would be told of this project, or no longer of theirs."""
    if call.rights.visibility is None or not repo_url:
        return
    with call.whole.reading() as db:
        if set(projects_of(db, (repo_url,))) - {slug}:
            raise Invalid("that repo_url is another project's: name this project's own", "repo_url")


def _project(project: StoredProject) -> Project:
    return {
        "slug": project.slug,
        "name": project.name,
        "platform": project.platform,
        "repo_url": project.repo_url,
        "notes": project.notes,
    }
