"""Mutation testing of every bprop: wrong on purpose, one small change at a time; the contract must notice."""
