"""Reading a real account into a document, and replacing what is private in it.

This package asks AWS by botocore's clients, and knows nothing of the fake.
"""
