# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the benches share: the servers under measure, their processor time, and the report as Markdown and as JSON.

A bench prints Markdown and, where MILLRACE_BENCH_JSON names a directory, writes NAME.json there as well.
"""

import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from processes import Process, free_port, wait_for, wait_http  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
RTMP_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"  # Debian: libnginx-mod-rtmp
STREAMS = """
listen: {{http: "127.0.0.1:{http}", rtmp: "127.0.0.1:{rtmp}"}}
streams:
  live/*:
    nodes:
      in:  {{element: millrtmpsrc}}
      hls: {{element: millhlssink, from: in{options}}}
"""
BY_WEBRTC = """
      rtc: {element: millwhepsink, from: in, udp-listen: "127.0.0.1:0"}
"""
NGINX = """
{rtmp_module}
daemon off; pid {root}/pid; error_log {root}/error.log warn; worker_processes {workers}; worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
{rtmp}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; gzip_static on;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp4 m4s mp4; }}
    client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
    server {{ listen 127.0.0.1:{http} backlog=8192; root {root}/files; }}
}}
"""
NGINX_RTMP = """
rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; chunk_size 60000; application live {{
    live on; hls on; hls_path {root}/files; hls_fragment 2s; hls_playlist_length 12s; hls_nested on; }} }} }}
"""

# One event loop for all viewers: by default each has a thread of its own, which costs twice as much.
JANUS = {
    "janus.jcfg": """
general: {{ configs_folder = "{root}"; plugins_folder = "{libraries}/plugins"; transports_folder = "{libraries}/transports"
    events_folder = "{root}/none"; loggers_folder = "{root}/none"; debug_level = 2; event_loops = 1; session_timeout = 0 }}
media: {{ rtp_port_range = "20000-60000" }}
nat: {{ ice_lite = true; ice_enforce_list = "{address}"; ipv6 = false }}
""",
    "janus.transport.http.jcfg": """
general: {{ http = true; port = {http}; ip = "127.0.0.1"; base_path = "/janus"; json = "compact" }}
admin: {{ admin_http = false }}
""",
    "janus.plugin.streaming.jcfg": """
bench: {{ type = "rtp"; id = 1; description = "bench"; media = (
    {{ type = "audio"; mid = "a"; port = {audio}; pt = 111; codec = "opus" }},
    {{ type = "video"; mid = "v"; port = {video}; pt = 102; codec = "h264"
       fmtp = "profile-level-id=42e01f;packetization-mode=1" }} ) }}
""",
}


def allow_many_connections():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server:
    """A program under measure. `root` is a directory of its own, gone with it."""

    def __init__(self, name, http, rtmp):
        self.name, self.http, self.rtmp = name, http, rtmp
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="millrace-bench-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()
        shutil.rmtree(self.root)

    def seconds(self):
        """Processor time of the program and its children so far."""
        return sum(_seconds(pid) for pid in _family(self.process.pid))

    def megabytes(self):
        """Resident memory of the program and its children."""
        return sum(_resident(pid) for pid in _family(self.process.pid)) / 2**20


class Millrace(Server):
    def __init__(self, options="", webrtc=False):
        super().__init__("Millrace", free_port(), free_port())
        file = self.root / "streams.yaml"
        text = STREAMS.format(http=self.http, rtmp=self.rtmp, options=options and f", {options}")
        file.write_text(text + (BY_WEBRTC if webrtc else ""))
        self.process = Process([os.environ["MILLRACE"], "run", str(file)])
        wait_http(f"http://127.0.0.1:{self.http}/healthz", 30)


class Element(Server):
    """A program that serves by an element of ours; `start` makes it, given the HTTP port."""

    def __init__(self, name, start):
        super().__init__(name, free_port(), None)
        self.process = start(self.http)


class Nginx(Server):
    """nginx as a web server, and with `rtmp` as an RTMP to HLS server too."""

    def __init__(self, rtmp=False, files=None):
        super().__init__("nginx-rtmp" if rtmp else "nginx", free_port(), free_port())
        (self.root / "files").mkdir()
        os.chmod(self.root, 0o755)
        os.chmod(self.root / "files", 0o777)  # its workers run as another user
        for name, data in (files or {}).items():
            (self.root / "files" / name).write_bytes(data)
        text = NGINX.format(
            root=self.root,
            http=self.http,
            workers=1 if rtmp else os.cpu_count(),
            rtmp_module=f"load_module {RTMP_MODULE};" if rtmp else "",
            rtmp=NGINX_RTMP.format(root=self.root, port=self.rtmp) if rtmp else "",
        )
        (self.root / "nginx.conf").write_text(text)
        self.process = Process(["nginx", "-p", str(self.root), "-c", str(self.root / "nginx.conf")])
        wait_http(f"http://127.0.0.1:{self.http}/", 30, status=403)


class Janus(Server):
    """Its streaming plugin, with one mountpoint that takes RTP at the UDP ports `video` and `audio`.

    It serves on no loopback: viewers come to this machine's own address.
    """

    def __init__(self):
        super().__init__("Janus", free_port(), None)
        self.audio, self.video = free_port(), free_port()
        libraries = next(pathlib.Path("/usr/lib").glob("*/janus"))
        values = dict(root=self.root, libraries=libraries, address=own_address(), http=self.http)
        for name, text in JANUS.items():
            (self.root / name).write_text(text.format(**values, audio=self.audio, video=self.video))
        self.process = Process(["janus", "-F", str(self.root)])
        wait_http(f"http://127.0.0.1:{self.http}/janus/info", 30, server=self.process)


def own_address():
    """An IPv4 address of this machine that is not the loopback's; None where there is none."""
    said = subprocess.run(["ip", "-json", "-4", "address"], capture_output=True, text=True, check=True)
    for interface in json.loads(said.stdout):
        if "LOOPBACK" not in interface["flags"] and "UP" in interface["flags"]:
            for address in interface["addr_info"]:
                return address["local"]
    return None


def nginx_has_rtmp():
    return shutil.which("nginx") and os.path.exists(RTMP_MODULE)


def _family(pid):
    yield pid
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            for child in children.read().split():
                yield from _family(int(child))
    except FileNotFoundError:
        pass


def _seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime, stime: fields 14 and 15 of proc(5)


def _resident(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def machine():
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}"


def report(name, title, columns, rows):
    """`rows`: dictionaries by column."""
    print(f"\n### {title}\n\n{machine()}; load generator on the same machine\n")
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(_text(row.get(column, "")) for column in columns) + " |")
    directory = os.environ.get("MILLRACE_BENCH_JSON")
    if directory:
        content = {"bench": name, "title": title, "machine": machine(), "version": _version(), "rows": rows}
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        pathlib.Path(directory, f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


def _text(value):
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _version():
    said = subprocess.run([os.environ["MILLRACE"], "--version"], capture_output=True, text=True)
    return said.stdout.strip()
