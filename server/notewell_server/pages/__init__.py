"""The pages that people read: HTML on a host and a port of their own, made by the tools' answers."""
