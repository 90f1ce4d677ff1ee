"""Thin views: fetch through the gateway, call one function, render."""
