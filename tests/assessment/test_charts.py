"""The radar: geometry and words agree with the numbers."""

import math

import pytest

from assessment.charts import CENTRE_X, CENTRE_Y, RADIUS, radar

FIVE = [("工厂建设", 2, 3), ("研发设计", 1, 2), ("生产作业", 3, 3), ("生产管理", 5, 6), ("运营管理", 3, 5)]


def distance(axis):
    return math.hypot(float(axis.x) - CENTRE_X, float(axis.y) - CENTRE_Y)


@pytest.mark.parametrize("place", range(5))
def test_a_point_stands_as_far_out_as_its_share(place):
    _, met, total = FIVE[place]
    assert distance(radar(FIVE).axes[place]) == pytest.approx(RADIUS * met / total, abs=0.15)


def test_the_picture_is_also_said():
    assert radar(FIVE).said == "雷达图：工厂建设 2/3，研发设计 1/2，生产作业 3/3，生产管理 5/6，运营管理 3/5"


def test_an_axis_with_nothing_to_meet_is_full():
    assert distance(radar([("甲", 0, 0), ("乙", 0, 2), ("丙", 1, 1)]).axes[0]) == pytest.approx(RADIUS, abs=0.15)


@pytest.mark.parametrize("values", [[], FIVE[:1], FIVE[:2]])
def test_fewer_than_three_axes_make_no_picture(values):
    assert radar(values) is None


@pytest.mark.parametrize("count", range(3, 9))
def test_labels_stay_inside_the_picture(count):
    for axis in radar([(f"第{n}", 1, 2) for n in range(count)]).axes:
        assert 14 <= float(axis.label_x) <= 406
        assert 4 <= float(axis.label_y) <= 326
