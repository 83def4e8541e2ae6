// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher is told, gathered into datagrams and protected. Where packets of reduced size were not agreed to
// (RFC 5506), each datagram begins with a report and our name (RFC 3550 6.1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.hpp"
#include "webrtc/core/rtp/rtcp.hpp"
#include "webrtc/core/secure/srtcp.hpp"

namespace millrace::webrtc {

class RtcpOutput {
  public:
    // Of an owner that does not take them, the newer ones are dropped.
    static constexpr std::size_t kMostWaiting = 64;

    RtcpOutput(SrtcpSender sender, std::uint32_t ssrc, std::string cname, bool reduced_size)
        : sender_(std::move(sender)), ssrc_(ssrc), cname_(std::move(cname)), reduced_size_(reduced_size) {}

    // A compound with the reports; feedback that is written next goes with it.
    void report(std::span<const ReportBlock> blocks);
    // Where to write one feedback packet. It goes out with flush() at the latest.
    ByteWriter& feedback();
    void flush();

    std::vector<Bytes> take() { return std::exchange(datagrams_, {}); }

  private:
    void begin(std::span<const ReportBlock> blocks);

    SrtcpSender sender_;
    std::uint32_t ssrc_;
    std::string cname_;
    bool reduced_size_;
    ByteWriter packet_;
    std::vector<Bytes> datagrams_;
};

}  // namespace millrace::webrtc
