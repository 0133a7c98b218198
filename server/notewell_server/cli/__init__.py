"""The command line: the tools as subcommands, and commands for files, upkeep, tokens and serving."""
