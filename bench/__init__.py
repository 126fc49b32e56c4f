"""Measurements of Propale, each as a ratio to a baseline taken in the same run."""
