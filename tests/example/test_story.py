"""The example café as it is told: whole, believable in time, nobody where they may not be, nothing from outside."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from app.boards.tables import Audience
from app.example.accounts import EXAMPLE_PASSWORD, accounts_in_words, example_accounts
from app.example.story import DATA, QUIET, began_at, first_version, joined_at, read_story
from app.members import passwords
from app.members.tables import Relation, Role
from app.moderation.decide import RESTRICTING
from app.threads.tables import ThreadAudience

STORY = read_story()
MEMBERS = {member.id: member for member in STORY.members}
BOARDS = {board.slug: board for board in STORY.boards}
THREADS = {thread.id: thread for thread in STORY.threads}
POSTS = [(thread, post) for thread in STORY.threads for post in thread.posts]
MODERATORS = {member.id for member in STORY.members if Role.MODERATOR in member.roles}
JEROEN_DIED = timedelta(days=95)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_story_is_as_long_as_it_says():
    assert (len(MEMBERS), len(STORY.sections), len(BOARDS)) == (37, 4, 14)
    assert (len(THREADS), len(POSTS), len(STORY.cases)) == (73, 667, 22)
    assert len({member.pseudonym.casefold() for member in STORY.members}) == len(MEMBERS)
    assert len({thread.title for thread in STORY.threads}) == len(THREADS)
    assert {member.relation for member in STORY.members} == set(Relation)


def test_posts_hang_together():
    for thread in STORY.threads:
        ids, last = {}, -1
        for number, post in enumerate(thread.posts):
            where = f"{thread.id}/{post.id}"
            assert post.id not in ids and (post.parent is None) == (number == 0), where
            assert post.parent is None or ids[post.parent] < post.minutes_after_start, where
            assert post.minutes_after_start >= last, where
            assert 1 <= len(post.text.split()) <= 275, where
            ids[post.id] = last = post.minutes_after_start


def test_nobody_writes_or_reads_where_they_may_not():
    for thread, post in POSTS:
        relation = MEMBERS[post.author].relation
        where = f"{thread.id}/{post.id} by {post.author}"
        assert Audience(relation.value) in BOARDS[thread.board].write_relations, where
        assert thread.audience is ThreadAudience.BOARD or relation is Relation.LOTGENOOT, where
        assert thread.also_in is None or thread.also_in in BOARDS
    for board in STORY.boards:
        assert board.write_relations <= board.read_relations and board.section in {one.slug for one in STORY.sections}


@pytest.mark.parametrize("hour", [0, 3, 9, 14, 19, 23])
def test_time_is_believable_at_every_hour_of_seeding(hour):
    now = NOW.replace(hour=hour)
    joined = {member.id: joined_at(member, STORY, now) for member in STORY.members}
    for thread, post in POSTS:
        written = began_at(thread, now) + timedelta(minutes=post.minutes_after_start)
        assert joined[post.author] < written <= now - QUIET, f"{thread.id}/{post.id}"
        assert post.author != "jeroen" or written < now - JEROEN_DIED, f"{thread.id}/{post.id}"


def test_the_cafe_is_lively_today():
    last = [began_at(thread, NOW) + timedelta(minutes=thread.posts[-1].minutes_after_start) for thread in STORY.threads]
    assert sum(NOW - moment < timedelta(days=7) for moment in last) >= 8


def test_nothing_leads_to_a_real_person_or_place():
    for thread, post in POSTS:
        where = f"{thread.id}/{post.id}"
        assert "@" not in post.text and not re.search(r"\b0\d[\d \-]{7,}\d", post.text), where
        assert not re.search(r"\b([Dd]r|[Dd]okter|[Pp]rof)\.? [A-Z]", post.text), where
    sites = {site for _, post in POSTS for site in re.findall(r"https?://([^\s/)]+)", post.text)}
    assert 1 <= len(sites) <= 12
    for case in STORY.cases:
        sites = re.findall(r"https?://([^\s/):]+)", case.text)
        assert all(site.rstrip(".").endswith(".example") for site in sites), case.id
        assert all(mail.endswith(".example") for mail in re.findall(r"@([\w.]+\w)", case.text)), case.id


def test_no_text_is_told_twice():
    texts = Counter(re.sub(r"\W+", " ", post.text.casefold()).strip() for _, post in POSTS)
    assert not [text for text, times in texts.items() if times > 1 and len(text.split()) > 3]


def test_cases_are_decided_by_somebody_else():
    for case in STORY.cases:
        assert case.author in MEMBERS and (case.thread in THREADS or case.new_thread), case.id
        assert all(sentence in case.text for sentence in case.sentences), case.id
        posts = THREADS[case.thread].posts if case.thread else ()
        if case.existing_post:
            assert next(post.text for post in posts if post.id == case.existing_post) == case.text, case.id
        deciders = {
            case.claimed_by, case.decision and case.decision.by, case.rewritten and case.rewritten.approved_by,
            case.restored and case.restored.by,
        } - {None}  # fmt: skip
        if case.decision and case.decision.action == "withdraw":
            continue
        involved = {post.author for post in posts} | {case.author} | {report.by for report in case.reports}
        assert deciders <= MODERATORS and not deciders & involved, case.id
        if case.decision and case.decision.action in RESTRICTING:
            assert case.sentences and 1 <= case.rule <= 15 and case.decision.words, case.id


def test_an_edited_post_said_something_else_before():
    edited = [post for _, post in POSTS if post.edited]
    assert len(edited) >= 10
    for post in edited:
        before = first_version(post.text)
        assert before.strip() and before != post.text and post.text.startswith(before), post.id


def test_the_accounts_can_be_signed_in_with():
    assert passwords.problem_with(EXAMPLE_PASSWORD) is None
    accounts = example_accounts()
    assert {account.relation for account in accounts} == set(Relation)
    assert {Role.MODERATOR, Role.ADMINISTRATOR} <= {role for account in accounts for role in account.roles}
    assert all(account.email in accounts_in_words() for account in accounts)


def test_the_files_name_nothing_outside_the_project():
    for file in DATA.iterdir():
        assert not re.search(r"/(work|tmp|home|root|farm)/|\.\./", file.read_text("utf-8")), file.name
