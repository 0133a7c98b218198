"""PostgreSQL, for those whom one machine is not enough: see docs/postgresql.md."""
