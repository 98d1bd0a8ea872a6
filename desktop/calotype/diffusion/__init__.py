"""The parts of Stable Diffusion: base models, noise, LoRA adapters and files."""
