"""The botocore model: from requests and seeds to what is kept, and on to answers."""
