"""Small charts: in their drawing whatever is counted, with the numbers beside, and nothing where there is nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.pages import read, texts
from web.shared import charts
from web.shared.charts import HEIGHT, MAX_POINTS, WIDTH
from web.shared.rendering import environment

ROWS = st.lists(st.tuples(st.text(max_size=8), st.floats(0, 1e12)), max_size=40)


@given(ROWS)
def test_bars_stand_in_the_drawing_beside_each_other(rows):
    chart = charts.bars(rows)

    assert [(bar.label, bar.value) for bar in chart.bars] == rows
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.1
        assert 0 <= bar.y <= HEIGHT
        assert bar.y + bar.height == pytest.approx(HEIGHT)
    for one, other in zip(chart.bars, chart.bars[1:], strict=False):
        assert one.x + one.width <= other.x + 0.1
        assert (one.height <= other.height) or one.value >= other.value


@given(ROWS)
def test_a_line_runs_from_side_to_side(rows):
    chart = charts.line(rows)

    assert [dot.value for dot in chart.dots] == [value for _, value in rows]
    assert all(0 <= dot.x <= WIDTH + 0.1 and 0 <= dot.y <= HEIGHT for dot in chart.dots)
    assert chart.points.count(",") == len(rows)
    if len(rows) > 1:
        assert (chart.dots[0].x, chart.dots[-1].x) == (0, pytest.approx(WIDTH, abs=0.1))


@given(ROWS)
def test_the_upper_end_is_round_and_above_everything(rows):
    top = charts.bars(rows).top

    assert top >= max((value for _, value in rows), default=0) or top == pytest.approx(max(value for _, value in rows))
    assert str(int(top))[0] in "125"
    assert set(str(int(top))[1:]) <= {"0"}


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.4, 1), (1, 1), (3, 5), (7, 10), (10, 10), (41, 50), (199, 200), (501, 1000)]
)
def test_tops(most, top):
    assert charts.line([("", most)]).top == top


@pytest.mark.parametrize("rows", [[("", -1)], [("", math.nan)], [("", math.inf)], [("", 1)] * (MAX_POINTS + 1)])
def test_what_cannot_be_drawn_is_refused(rows):
    for draw in (charts.bars, charts.line):
        with pytest.raises(ValueError, match="small chart"):
            draw(rows)


async def test_a_chart_bears_its_numbers(visitor, section):
    page = read(await visitor.get("/design"))

    charts_ = page.select("figure.chart")
    assert [chart.select_one("svg") is not None for chart in charts_] == [True, True, False, False]
    assert charts_[0].svg["aria-label"] == "Qui est venu, mois par mois"
    assert texts(charts_[0], "td") == ["12", "18", "9", "24", "31", "27"]
    assert len(charts_[0].select("rect")) == len(charts_[1].select("circle")) == 6
    assert texts(charts_[2], ".note") == ["Il n’y a encore rien à montrer."]


def test_a_label_is_text():
    made = environment("fr").get_template("shared/blocks.html").module.bar_chart("<b>", [("<script>", 2)])

    assert "<script>" not in made
    assert "<b>" not in made
