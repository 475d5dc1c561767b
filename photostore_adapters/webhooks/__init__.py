"""Requests to other programs, at URLs that users chose: whom they may reach, and who sends them."""
