"""Calotype: teach a Stable Diffusion model your own character, product or style."""

__version__ = "0.1.0"
