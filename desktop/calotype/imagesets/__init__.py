"""Pictures on disk: decoding, fingerprints, thumbnails and the folder of a set."""
