from app.kit.rails import rails_of


def test_a_line_runs_on_past_a_row_until_the_last_that_hangs_from_it():
    #         a  b  c  d  e  f
    depths = [0, 1, 2, 3, 2, 1]
    assert rails_of(depths) == [(), (0,), (0, 1), (0, 1), (0,), ()]


def test_a_line_stops_where_the_branch_ends():
    assert rails_of([0, 1, 2, 3]) == [(), (), (), ()]
    assert rails_of([0, 1, 0, 1]) == [(), (), (), ()]


def test_no_rows_no_lines():
    assert rails_of([]) == []
    assert rails_of([0, 0]) == [(), ()]
