"""Every table of the house in one place, for the migrations and for `create_all` in tests."""

from app.boards import tables as boards
from app.kit import limits, mail
from app.members import tables as members
from app.moderation import tables as moderation
from app.notifications import tables as notifications
from app.threads import tables as threads

all_tables = (limits, mail, members, boards, threads, notifications, moderation)
