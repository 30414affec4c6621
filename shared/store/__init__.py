"""The till's own file: the outbox, the server's last word, drafts and cursors."""
