"""The model hub of Hugging Face: what a repository holds, and its files. The only package that opens a connection."""
