# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands of real RTMP publishers: each function returns what to run to send a clip, in real time, to an address."""

AS_FAST_AS_IT_PLAYS = ["-re"]


def ffmpeg(clip, url, loop=True, start=None):
    """`loop`: over and over, with timestamps that go on."""
    endless = ["-stream_loop", "-1"] if loop else []
    seek = ["-ss", str(start)] if start is not None else []
    return [
        "ffmpeg",
        "-v",
        "warning",
        "-nostdin",
        *AS_FAST_AS_IT_PLAYS,
        *endless,
        *seek,
        "-i",
        clip,
        "-c",
        "copy",
        "-f",
        "flv",
        url,
    ]


def ffmpeg_encoding(url, size="640x360", rate=30, gop=30, sample_rate=48000, seconds=None):
    """Encodes while it sends, so that nothing repeats."""
    limit = ["-t", str(seconds)] if seconds else []
    return [
        *"ffmpeg -v warning -nostdin -re -f lavfi -i".split(),
        f"testsrc2=size={size}:rate={rate}",
        *"-re -f lavfi -i".split(),
        f"sine=frequency=440:sample_rate={sample_rate}",
        *limit,
        *"-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -b:v 500k".split(),
        "-g",
        str(gop),
        *"-c:a aac -b:a 96k -f flv".split(),
        url,
    ]


def gstreamer(clip, url, sink="rtmp2sink"):
    """`sink`: rtmp2sink, GStreamer's own RTMP; or rtmpsink, which is librtmp, as OBS uses it."""
    location = f"location={url}" if sink == "rtmp2sink" else f'location="{url} live=1"'
    return (
        f"exec gst-launch-1.0 -e filesrc location={clip} ! flvdemux name=in "
        f"flvmux name=mux streamable=true ! {sink} {location} sync=true "
        "in.video ! queue ! h264parse ! mux. in.audio ! queue ! aacparse ! mux."
    )
