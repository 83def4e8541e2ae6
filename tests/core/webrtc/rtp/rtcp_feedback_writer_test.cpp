// SPDX-License-Identifier: LGPL-2.1-or-later
// What a receiver writes, read back, and byte by byte where a reader could make the same mistake.
#include "webrtc/core/rtp/rtcp_feedback_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex_bytes.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/transport_feedback_writer.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;
using testing::ElementsAre;

template <class T>
T only(ByteView packet) {
    auto messages = read_rtcp(packet);
    if (!messages) throw std::runtime_error(messages.error().what);
    if (messages->size() != 1) throw std::runtime_error("not one message");
    return std::get<T>(messages->front());
}

TEST(RtcpFeedbackWriter, WritesReportBlocks) {
    const ReportBlock block{1, 64, -2, 0x1abcd, 16, 0xb7052000, 0x54000};
    ByteWriter out;
    write_receiver_report(out, 2, std::vector{block});
    const Bytes expected = from_hex("81c90007 00000002 00000001 40fffffe 0001abcd 00000010 b7052000 00054000");
    EXPECT_EQ(Bytes(out.view().begin(), out.view().end()), expected);

    ByteWriter many;
    write_receiver_report(many, 2, std::vector<ReportBlock>(40, {.cumulative_lost = 0x7fffffff}));
    auto messages = read_rtcp(many.view());
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 31U);
    EXPECT_EQ(std::get<ReportBlock>(messages->front()).cumulative_lost, 0x7fffff);
}

TEST(RtcpFeedbackWriter, WritesWhatIsLostInAsFewEntriesAsThereCanBe) {
    ByteWriter out;
    write_nack(out, 2, 1, std::vector<std::uint16_t>{0xffff, 0, 15, 16, 17});
    EXPECT_EQ(Bytes(out.view().begin(), out.view().end()), from_hex("81cd0004 00000002 00000001 ffff8001 00100001"));
    EXPECT_THAT(only<Nack>(out.view()).lost, ElementsAre(0xffff, 0, 15, 16, 17));
    ByteWriter nothing;
    write_nack(nothing, 2, 1, {});
    EXPECT_EQ(nothing.size(), 0U);
}

TEST(RtcpFeedbackWriter, AsksForKeyFrames) {
    ByteWriter pli;
    write_picture_loss(pli, 2, 1);
    EXPECT_EQ(Bytes(pli.view().begin(), pli.view().end()), from_hex("81ce0002 00000002 00000001"));
    ByteWriter fir;
    write_full_intra_request(fir, 2, 1, 5);
    EXPECT_EQ(Bytes(fir.view().begin(), fir.view().end()), from_hex("84ce0004 00000002 00000000 00000001 05000000"));
}

TEST(RtcpFeedbackWriter, WritesABitrateInEighteenBits) {
    for (std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{262143}, std::uint64_t{2'500'000},
                               std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        ByteWriter out;
        write_bitrate_estimate(out, 2, {rate, {7, 8}});
        const auto read = only<BitrateEstimate>(out.view());
        EXPECT_LE(read.bits_per_second, rate);
        EXPECT_LE(rate - read.bits_per_second, rate >> 17);
        EXPECT_THAT(read.ssrcs, ElementsAre(7, 8));
    }
}

using Arrivals = std::vector<std::pair<unsigned, Duration>>;  // after the base, and when

TransportFeedback feedback_of(std::uint16_t base, std::uint16_t packets, const Arrivals& arrivals) {
    TransportFeedback feedback{base, packets, 3, {}};
    for (const auto& [after, at] : arrivals)
        feedback.arrivals.push_back({static_cast<std::uint16_t>(base + after), at});
    return feedback;
}

void expect_comes_back(const TransportFeedback& said) {
    ByteWriter out;
    write_transport_feedback(out, 2, 1, said);
    ASSERT_EQ(out.size() % 4, 0U);
    const auto read = only<TransportFeedback>(out.view());
    EXPECT_EQ(read.base_sequence, said.base_sequence);
    EXPECT_EQ(read.packets, said.packets);
    EXPECT_EQ(read.count, said.count);
    ASSERT_EQ(read.arrivals.size(), said.arrivals.size());
    for (std::size_t i = 0; i < read.arrivals.size(); ++i) {
        EXPECT_EQ(read.arrivals[i].sequence, said.arrivals[i].sequence);
        const Duration since = said.arrivals[i].at - said.arrivals[0].at;
        const Duration told = read.arrivals[i].at - read.arrivals[0].at;
        EXPECT_LE(std::chrono::abs(since - told), 250us) << i;
    }
}

TEST(TransportFeedbackWriter, IsReadAsItWasMeant) {
    expect_comes_back(feedback_of(10, 3, {{0, 1s}, {1, 1s + 1ms}, {2, 1s + 2ms}}));
    expect_comes_back(feedback_of(0xfffe, 5, {{0, 1s}, {2, 1001ms}, {4, 1002ms}}));       // wraps, gaps
    expect_comes_back(feedback_of(10, 4, {{0, 1s}, {1, 1100ms}, {2, 1050ms}, {3, 9s}}));  // large, and back
    expect_comes_back(feedback_of(10, 2000, {{0, 1s}, {1999, 1s + 10ms}}));               // a long gap
    expect_comes_back(feedback_of(10, 9, {{0, 1s}, {8, 7s}}));
    expect_comes_back(feedback_of(0, 1, {{0, Duration{1}}}));
    expect_comes_back(feedback_of(0, 2, {{0, 30 * 24h}, {1, 30 * 24h + 64ms}}));  // beyond 24 bits
    expect_comes_back(feedback_of(3, 5, {}));
}

TEST(TransportFeedbackWriter, DoesNotDriftByWhatItRounds) {
    Arrivals arrivals;
    for (unsigned i = 0; i < 300; ++i) arrivals.emplace_back(i, 5s + i * 333us + i % 7 * 10us);
    expect_comes_back(feedback_of(65400, 300, arrivals));
}

TEST(TransportFeedbackWriter, WritesEveryPatternOfWhatCame) {
    for (unsigned seed = 1; seed < 500; ++seed) {
        std::uint32_t state = seed;
        auto next = [&state] { return state = state * 1664525 + 1013904223, state >> 16; };
        const unsigned packets = 1 + next() % 60;
        Arrivals arrivals;
        Duration at = 3s;
        for (unsigned i = 0; i < packets; ++i) {
            if (next() % 4 == 0) continue;
            at += next() % 5 == 0 ? Duration(std::chrono::milliseconds(next() % 200)) - 50ms : Duration(1ms);
            arrivals.emplace_back(i, at);
        }
        expect_comes_back(
            feedback_of(static_cast<std::uint16_t>(next()), static_cast<std::uint16_t>(packets), arrivals));
    }
}

}  // namespace
}  // namespace millrace::webrtc
