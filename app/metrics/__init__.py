"""What Prometheus is told. docs/operating.md says what to watch, and what to do then.

What a process counts (`counts`) is added every few seconds to one table (`tallies`), because there
are several web processes, and workers on other hosts; what stands in our tables is read when
Prometheus asks (`standing`). So any web process answers for the whole installation.
"""
