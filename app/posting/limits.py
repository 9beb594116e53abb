"""How often one member may write (promise D16). By account, for hospitals share addresses."""

from datetime import timedelta

from app.kit.limits import Limit

POSTS = Limit("post", 6, timedelta(minutes=10))
EDITS = Limit("edit", 20, timedelta(minutes=10))
PREVIEWS = Limit("preview", 60, timedelta(minutes=10))
