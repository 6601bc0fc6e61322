"""Rows into JSON and JSON into rows, one file an object type. Reading checks shapes; who may is the handlers' affair."""
