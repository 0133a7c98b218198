"""projects: the codebases that notes belong to."""

from typing import Annotated, Literal

from pydantic import Field

from notewell_store import Forbidden, Invalid
from notewell_store.access.rights import Scope
from notewell_store.briefing.checkout import projects_of
from notewell_store.errors import ANY, NextCall, Say
from notewell_store.models import Project as StoredProject
from notewell_store.tables import projects as store_projects
from notewell_tools.answers import part_of
from notewell_tools.definition import Call, Json, tool
from notewell_tools.results import Project, ProjectList
from notewell_tools.saving import Key, once_of


def _text(data: ProjectList, say: Say) -> str:
    if not data["projects"]:
        create = NextCall("projects", {"slug": ANY, "name": ANY})
        return f"no projects yet: {say(create)} creates one"
    return "\n".join(map(_line, data["projects"]))


def _line(project: Project) -> str:
    facts = [project["slug"], project["name"], project["platform"], project["repo_url"]]
    return " · ".join([*(fact for fact in facts if fact), part_of(project["notes"], project["notes"], "notes")])


def _needs(arguments: Json) -> Scope | None:
    return "admin" if any(arguments[name] is not None for name in ("name", "platform", "repo_url")) else None


@tool(_text, idempotent=True, needs=_needs)
def projects(
    call: Call,
    slug: str | None = None,
    name: str | None = None,
    platform: Literal["github", "forgejo", "local"] | None = None,
    repo_url: Annotated[str | None, Field(max_length=500)] = None,
    idempotency_key: Key = None,
) -> ProjectList:
    """All projects, or one; with name, platform or repo_url: create or change that one."""
    changes = name is not None or platform is not None or repo_url is not None
    if changes and slug is None:
        raise Invalid("slug is needed to create or change a project", "slug")
    if changes and slug is not None:
        if call.rights.project not in (None, slug):
            raise Forbidden(f"your rights are for the project {call.rights.project} only")
        _require_free(call, slug, repo_url)
        arguments = {"slug": slug, "name": name, "platform": platform, "repo_url": repo_url}
        once = once_of("projects", arguments | {"idempotency_key": idempotency_key})
        saved = store_projects.save_project(call.store, slug, call.actor, name, platform, repo_url, once)
        return {"projects": [_project(saved)]}
    with call.store.reading() as db:
        return {"projects": [_project(project) for project in store_projects.list_projects(db, slug)]}


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
