"""`notewell embed`: vectors of what is stored, and the model that makes them."""

import click


@click.command("embed")
@click.option("--serve", is_flag=True, help="Serve the local model that NOTEWELL_EMBED names, until nobody asks it.")
def embed_command(serve: bool) -> None:
    """Serve the local model that tells what texts mean: one process for all sessions.

    Sessions start it themselves where they need it.
    """
    if not serve:
        raise click.UsageError("send --serve")
    from notewell_server.cli.serve_model import serve_model

    serve_model()
