# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads every field of CpacScoreMeta with python-gi, without any interface of ours.

usage: read-meta.py MODEL: a map model of one layer "pixel" that finds white defective, calibrated by
three parts
"""

import sys

try:
    import gi
    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
except (ImportError, ValueError) as error:
    print(f"python-gi is not there: {error}")
    sys.exit(77)

Gst.init(None)

FIELDS = {
    "version": int, "status": str, "verdict": str, "verdict-code": int, "defect": bool,
    "score": float, "score-normalized": float, "p-value": float, "threshold": float, "warn-threshold": float, "model": str,
    "model-sha256": str, "config-sha256": str, "part-id": str, "frame": int, "width": int,
    "height": int, "region-x": int, "region-y": int, "region-w": int, "region-h": int,
    "time-ns": int, "heatmap-min": float, "heatmap-max": float,
}


def read_array(fields, name):
    """The values of an array field, and the array that owns them."""
    # Spelled so that it works without the overrides of python3-gst, too.
    ok, array = fields.get_array(name)
    assert ok, name
    return [array.get_nth(i) for i in range(array.n_values)], array


def read_sample(sample):
    ok, mapped = sample.get_buffer().map(Gst.MapFlags.READ)
    assert ok
    data = bytes(mapped.data)
    sample.get_buffer().unmap(mapped)
    return sample.get_caps().get_structure(0), data


def check(buffer):
    fields = buffer.get_custom_meta("CpacScoreMeta").get_structure()
    for name, kind in FIELDS.items():
        assert isinstance(fields.get_value(name), kind), name
    assert fields.get_string("verdict") == "not-ok"
    assert fields.get_double("score") == (True, 1.5)
    assert fields.get_string("part-id") == "A-1"
    # Above all three parts: (1 + 0) / (3 + 1).
    assert fields.get_double("p-value") == (True, 0.25)
    assert 0.5 < fields.get_double("score-normalized")[1] < 1

    caps, data = read_sample(fields.get_value("heatmap"))
    assert caps.get_string("format") == "GRAY8"
    assert len(data) == caps.get_value("width") * caps.get_value("height") == 16
    assert set(data) == {255}

    regions, _owner = read_array(fields, "regions")
    assert len(regions) == 1
    box = [regions[0].get_value(key) for key in ("x", "y", "w", "h", "score", "area")]
    assert box == [0, 0, 1, 1, 1.5, 64 * 32], box
    places = [regions[0].get_value(key) for key in ("centroid-x", "centroid-y", "peak-x", "peak-y")]
    assert places == [0.5, 0.5, 0.125, 0.125], places

    # The whole frame is one region; its corners are those of its contour.
    contours, _contours = read_array(fields, "contours")
    assert [contour.get_value("region-id") for contour in contours] == [1]
    numbers, _numbers = read_array(contours[0], "points")
    points = set(zip(numbers[::2], numbers[1::2]))
    assert {(0, 0), (1, 0), (1, 1), (0, 1)} <= points, points
    assert all(0 in point or 1 in point for point in points), points

    (feature,), _features = read_array(fields, "features")
    caps, data = read_sample(feature)
    assert caps.get_string("layer") == "pixel"
    assert len(data) == 4 * 16


def on_buffer(pad, info, seen):
    check(info.get_buffer())
    seen.append(1)
    return Gst.PadProbeReturn.OK


def main():
    seen = []
    pipeline = Gst.parse_launch(
        "videotestsrc name=src num-buffers=3 pattern=white ! "
        "video/x-raw,format=RGB,width=64,height=32 ! "
        f"cpacscore name=score model={sys.argv[1]} features=pixel ! fakesink name=sink")
    part = Gst.Structure.new_empty("cpac-part")
    part.set_value("part-id", "A-1")
    pad = pipeline.get_by_name("score").get_static_pad("sink")
    done = []

    def name_part(pad, info):
        if not done:
            done.append(1)
            pad.send_event(Gst.Event.new_custom(Gst.EventType.CUSTOM_DOWNSTREAM, part))
        return Gst.PadProbeReturn.OK

    pad.add_probe(Gst.PadProbeType.BUFFER, name_part)
    sink = pipeline.get_by_name("sink").get_static_pad("sink")
    sink.add_probe(Gst.PadProbeType.BUFFER, on_buffer, seen)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    assert message is not None and message.type == Gst.MessageType.EOS
    assert len(seen) == 3, f"{len(seen)} of 3 frames could be read"


main()
