"""`notewell embed`: vectors of what is stored, and the model that makes them."""

import click


@click.command("embed")
@click.option("--all", "anew", is_flag=True, help="Make those anew that are there.")
@click.option("--dry-run", is_flag=True, help="Say what is to be done, and do nothing.")
@click.option("--serve", is_flag=True, help="Serve the local model that NOTEWELL_EMBED names, until nobody asks it.")
@click.pass_context
def embed_command(context: click.Context, /, anew: bool, dry_run: bool, serve: bool) -> None:
    """Make the vectors that notes lack, by which search finds what they mean; or serve the local model.

    Sessions make them too, behind their answers, and start the model where they need it. This is for the first time,
    and may be stopped at any moment: what is done is kept. At its end the vectors of texts that are gone, and those of
    other models, are taken out.
    """
    if serve:
        from notewell_server.cli.serve_model import serve_model

        serve_model()
    else:
        from notewell_server.cli.fill import fill

        fill(context, anew=anew, dry_run=dry_run)
