"""Mails: the event that asks for one, the letter it becomes, and sending it once."""
