// SPDX-License-Identifier: LGPL-2.1-or-later
// What whep-viewers is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace millrace::bench {

struct Options {
    std::string url;
    bool janus = false;  // the URL is that of Janus's HTTP API
    int mountpoint = 1;
    int viewers = 100;
    int in_flight = 200;
    double joins_per_second = 0;  // 0: as fast as they are answered
    double seconds = 10;
    double patience = 20;  // seconds that a join may take
    double loss = 0;
    bool nack = false;
    bool pli = false;
    double churn = 0;  // viewers a second that leave and come back, while the rest is measured
    int decrypt_every = 100;
    std::uint64_t remb = 0;
    bool transport_cc = false;
    bool rtx = true;
};

// Empty: the program is to end with `status`; what there is to say has been said.
std::optional<Options> read_options(int argc, char** argv, int& status);

}  // namespace millrace::bench
