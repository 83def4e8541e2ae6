// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bench/whep_viewers/options.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>

namespace millrace::bench {

namespace {

constexpr const char* kUsage = R"(Usage: whep-viewers --url URL [OPTION…]

Joins a stream with many WebRTC viewers in one thread, waits until all have joined or failed, measures, leaves, and
prints one JSON object. "ready" stands on a line of its own before it when the measuring begins. Exit status 1 when a
viewer failed.

  --url URL               http://127.0.0.1:8080/test/whep; with --janus http://127.0.0.1:8088/janus
  --janus                 joins a mountpoint of Janus's streaming plugin by its HTTP API
  --mountpoint N          which one (1)
  --viewers N             how many (100)
  --in-flight N           how many of them join at a time at most (200)
  --joins-per-second N    how fast they come (as fast as they are answered)
  --seconds N             how long is measured (10)
  --patience N            seconds that a join may take (20)
  --decrypt-every N       every Nth viewer decrypts and looks for whole frames; the others read headers (100; 0 = none)
  --loss SHARE            of packets that viewers pretend not to have got, 0.05 is one in twenty (0)
  --nack                  asks again for what is missing of video
  --pli                   viewers that decrypt ask for a key frame until they have one
  --leave-and-join N      viewers a second, at random, that leave and join again while the others are measured (0)
  --remb N                bit/s that viewers say they can take (says nothing)
  --transport-cc          offers transport-wide congestion control's header extension
  --no-rtx                offers no retransmission format
)";

}  // namespace

std::optional<Options> read_options(int argc, char** argv, int& status) {
    Options options;
    const std::map<std::string_view, std::function<void()>> flags = {
        {"--janus", [&] { options.janus = true; }}, {"--nack", [&] { options.nack = true; }},
        {"--pli", [&] { options.pli = true; }},     {"--transport-cc", [&] { options.transport_cc = true; }},
        {"--no-rtx", [&] { options.rtx = false; }},
    };
    const std::map<std::string_view, std::function<void(const char*)>> values = {
        {"--url", [&](const char* text) { options.url = text; }},
        {"--mountpoint", [&](const char* text) { options.mountpoint = std::atoi(text); }},
        {"--viewers", [&](const char* text) { options.viewers = std::atoi(text); }},
        {"--in-flight", [&](const char* text) { options.in_flight = std::atoi(text); }},
        {"--joins-per-second", [&](const char* text) { options.joins_per_second = std::atof(text); }},
        {"--seconds", [&](const char* text) { options.seconds = std::atof(text); }},
        {"--patience", [&](const char* text) { options.patience = std::atof(text); }},
        {"--decrypt-every", [&](const char* text) { options.decrypt_every = std::atoi(text); }},
        {"--loss", [&](const char* text) { options.loss = std::atof(text); }},
        {"--leave-and-join", [&](const char* text) { options.churn = std::atof(text); }},
        {"--remb", [&](const char* text) { options.remb = std::strtoull(text, nullptr, 10); }},
    };
    for (int index = 1; index < argc; ++index) {
        const std::string_view name = argv[index];
        if (name == "--help" || name == "-h") {
            std::fputs(kUsage, stdout);
            status = 0;
            return {};
        }
        if (auto flag = flags.find(name); flag != flags.end()) {
            flag->second();
        } else if (auto value = values.find(name); value != values.end() && index + 1 < argc) {
            value->second(argv[++index]);
        } else {
            std::fprintf(stderr, "%s: no such option, or it wants a value; --help lists them\n", argv[index]);
            status = 2;
            return {};
        }
    }
    status = 2;
    if (options.url.starts_with("http://") && options.viewers > 0 && options.in_flight > 0) return options;
    std::fputs("--url wants an http:// URL, --viewers and --in-flight at least 1; --help lists the options\n", stderr);
    return {};
}

}  // namespace millrace::bench
