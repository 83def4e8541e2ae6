// SPDX-License-Identifier: LGPL-2.1-or-later
#define G_LOG_DOMAIN "millrace"
#include "common/net/log.hpp"

#include <glib.h>

#include "common/base/thread.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

namespace {

constexpr unsigned kLinesASecond = 10;

struct Ration {
    TimePoint second_began{};
    unsigned said = 0;
    unsigned unsaid = 0;
};

Guarded<Ration>& ration() {
    static auto* the_one = new Guarded<Ration>();
    return *the_one;
}

}  // namespace

void log_notice(const std::string& line) {
    unsigned unsaid = 0;
    bool say = ration().with([&](Ration& r) {
        if (now() - r.second_began >= 1s) {
            unsaid = r.unsaid;
            r = {now(), 0, 0};
        }
        if (r.said < kLinesASecond) {
            ++r.said;
            return true;
        }
        ++r.unsaid;
        return false;
    });
    if (unsaid > 0) g_message("%u more lines like these were left out", unsaid);
    if (say) g_message("%s", line.c_str());
}

void log_detail(const std::string& line) {
    g_info("%s", line.c_str());
}

}  // namespace millrace::net
