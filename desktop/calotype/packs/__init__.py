"""GPU packs: what computes on a graphics card, installed beside the program's own torch; and which cards there are."""
