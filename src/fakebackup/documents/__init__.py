"""Documents: what a fake can be filled with: answers, recordings, dumps; and dumped as."""
