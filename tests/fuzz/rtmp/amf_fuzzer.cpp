// SPDX-License-Identifier: LGPL-2.1-or-later
// Any bytes as AMF0 and AMF3: what is read stays within its budget, and written again reads the same.
#include <cstdlib>

#include "rtmp/core/amf.hpp"

using namespace millrace;
using namespace millrace::rtmp;

namespace {

std::size_t count(const amf::Value& value) {
    std::size_t values = 1;
    if (value.object())
        for (const amf::Property& property : *value.object()) values += count(property.value);
    if (value.array())
        for (const amf::Value& element : *value.array()) values += count(element);
    return values;
}

Bytes written(const amf::Value& value) {
    ByteWriter out;
    amf::write_amf0(out, value);
    return std::move(out).take();
}

void check(const Result<amf::Value>& value) {
    if (!value) return;
    if (count(*value) > amf::Budget{}.values) std::abort();
    // AMF0 cannot say everything that AMF3 can, but what it says once it says again; NaNs make values no measure of
    // that.
    Bytes once = written(*value);
    ByteReader in(once);
    amf::Budget generous{64, 1 << 20, 8 << 20};
    auto again = amf::read_amf0(in, generous);
    if (!again || written(*again) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (auto read : {amf::read_amf0, amf::read_amf3}) {
        ByteReader in(ByteView(data, size));
        amf::Budget budget;
        check(read(in, budget));
        if (budget.depth != amf::Budget{}.depth) std::abort();
    }
    return 0;
}
