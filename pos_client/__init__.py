"""The till: the screens a waiter touches, and nothing that decides."""
