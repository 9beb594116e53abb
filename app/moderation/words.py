"""The words of the desk, as message ids: what a page shows of a reason, a report, an action."""

from app.kit.messages import N_
from app.moderation.tables import Action, CaseReason, ReportReason

REASONS: dict[CaseReason, str] = {
    CaseReason.HELP: N_("danger"),
    CaseReason.RULE: N_("the guard"),
    CaseReason.NEW_MEMBER: N_("new member"),
    CaseReason.BOARD_FIRST: N_("read first in this board"),
    CaseReason.REQUEST: N_("asked to look along"),
    CaseReason.REPORT: N_("report"),
    CaseReason.EDIT: N_("changed after placing"),
    CaseReason.RESUBMITTED: N_("changed"),
    CaseReason.MODERATOR: N_("seen by a moderator"),
}
REPORT_REASONS: dict[ReportReason, str] = {
    ReportReason.ADVICE: N_("It tells somebody what to take, stop or do"),
    ReportReason.UNKIND: N_("It is unkind to somebody"),
    ReportReason.PRIVATE: N_("It tells something private about somebody"),
    ReportReason.SELLING: N_("It sells or advertises something"),
    ReportReason.WORRIED: N_("I am worried about this person"),
    ReportReason.UNLAWFUL: N_("I think it is against the law"),
    ReportReason.OTHER: N_("Something else"),
}
# The house rule that a report is about; 0 when it names none.
REPORT_RULES: dict[ReportReason, int] = {
    ReportReason.ADVICE: 1,
    ReportReason.UNKIND: 3,
    ReportReason.PRIVATE: 6,
    ReportReason.SELLING: 8,
    ReportReason.WORRIED: 10,
    ReportReason.UNLAWFUL: 14,
    ReportReason.OTHER: 0,
}
RULES = tuple(range(1, 16))
ACTIONS: dict[Action, str] = {
    Action.APPROVE: N_("Place this post"),
    Action.RETURN: N_("Back to the writer"),
    Action.REFUSE: N_("Do not place it"),
    Action.HIDE: N_("Hide it"),
    Action.RESTORE: N_("Put the post back"),
    Action.KEEP: N_("Leave it as it is"),
    Action.BLOCK: N_("Stopped by the guard"),
}
ACTION_HINTS: dict[Action, str] = {
    Action.RETURN: N_("The writer changes it; then it comes back here."),
    Action.REFUSE: N_("With a letter, and a way to object."),
    Action.HIDE: N_("Others see that a post stood here, and by which rule it went."),
}
DONE: dict[Action, str] = {
    Action.APPROVE: N_("The post is placed, and the writer knows."),
    Action.RETURN: N_("The post is back with its writer, with your letter."),
    Action.REFUSE: N_("The post is not placed. The writer has a letter."),
    Action.HIDE: N_("The post is hidden. The writer has a letter."),
    Action.RESTORE: N_("The post is back in its place. The writer knows."),
    Action.KEEP: N_("The post stays as it is. Whoever reported it hears so."),
}
