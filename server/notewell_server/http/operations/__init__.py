"""The HTTP door as it is operated: processes, logs, figures, probes."""
