"""Beside moto: what AWS Backup does to other services, done by boto calls to the mock of them.

The second package, next to `hook`, that knows botocore's clients; imported with the option
`beside` alone. The model sees it as a `model.resources.neighbour.Neighbour`.
"""
