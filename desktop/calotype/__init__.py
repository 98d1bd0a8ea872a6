"""Calotype: teach a Stable Diffusion model your own character, product or style."""

import os

# These are read once, when torch and the hub client are first imported, so they are set before anything else can do
# that.
# Passive waiting: spinning OpenMP threads made a training step four times slower on a busy two-core machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# The same for numpy, whose second thread spins while other work wants its core: comparing 20,000 pictures took ten
# times as long with it on a busy machine of two cores. Training does not use it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Nothing touches the network unless the user asked; a misspelt model name must fail here and not on a server.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# In a packaged app the compile workers would start the whole program again.
os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")
os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")

__version__ = "0.1.0"
