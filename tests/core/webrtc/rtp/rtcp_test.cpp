// SPDX-License-Identifier: LGPL-2.1-or-later
// RTCP read and written, byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hex_bytes.hpp"
#include "tests/support/sanitized.hpp"
#include "webrtc/core/rtp/rtcp_reader.hpp"
#include "webrtc/core/rtp/rtcp_writer.hpp"

namespace millrace::webrtc {
namespace {

using test::from_hex;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<RtcpMessage> read(std::string_view digits) {
    auto messages = read_rtcp(from_hex(digits));
    if (!messages) throw std::runtime_error(messages.error().what);
    return std::move(*messages);
}

template <class T>
T only(std::string_view digits) {
    auto messages = read(digits);
    if (messages.size() != 1) throw std::runtime_error("not one message");
    return std::get<T>(messages[0]);
}

Fault fault(std::string_view digits) {
    auto messages = read_rtcp(from_hex(digits));
    return messages ? Fault::bug : messages.error().fault;
}

constexpr std::string_view kBlock = "00000001 40fffffe 0001abcd 00000010 b7052000 00054000";
const std::string kReport = "81c90007 00000002 " + std::string(kBlock);
const std::string kSdes = "81ca0004 00000002 0106 626c6f636b73 00000000";

// Every type there is, as a compound.
const std::string kCompound = kReport + kSdes +
                              "81cd0003 00000002 00000001 ffff8001"  // NACK
                              "81ce0002 00000002 00000001"           // PLI
                              "84ce0004 00000002 00000000 00000001 05000000"
                              "8fce0005 00000002 00000000 52454d42 010bff00 00000001"
                              "8fcd0006 00000002 00000001 fffe0005 00000301 2002 b400 04080300"
                              "80cc0002 00000002 6e616d65"  // APP
                              "81cb0001 00000002";

TEST(RtcpReader, ReadsAReport) {
    auto block = only<ReportBlock>(kReport);
    EXPECT_EQ(block.ssrc, 1U);
    EXPECT_EQ(block.fraction_lost, 64U);
    EXPECT_EQ(block.cumulative_lost, -2);
    EXPECT_EQ(block.highest_sequence, 0x1abcdU);
    EXPECT_EQ(block.jitter, 16U);
    EXPECT_EQ(block.last_report, 0xb7052000U);
    EXPECT_EQ(block.since_last_report, 0x00054000U);
    // A sender's report has the same blocks behind its own numbers, and perhaps a profile's behind them.
    auto messages = read("81c8000d 00000002" + std::string(40, '1') + std::string(kBlock) + "12345678");
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(std::get<ReportBlock>(messages[1]).highest_sequence, 0x1abcdU);
    EXPECT_THAT(read("80c90001 00000002"), IsEmpty());
}

TEST(RtcpReader, ReadsWhatTheTimeIsForASender) {
    auto report = only<SenderReport>("80c80006 00000002 ecb5a0b4 80000000 00015f90 00000007 00000900");
    EXPECT_EQ(report.ssrc, 2U);
    EXPECT_EQ(report.ntp.value, 0xecb5a0b480000000U);
    EXPECT_EQ(report.timestamp, 90000U);
    EXPECT_EQ(report.packets, 7U);
    EXPECT_EQ(report.octets, 0x900U);
    EXPECT_EQ(fault("80c80005 00000002 ecb5a0b4 80000000 00015f90 00000007"), Fault::bad_input);
}

// RFC 4585 6.2.1: bit i of the mask is the packet i + 1 after the first.
TEST(RtcpReader, ReadsWhatWasLost) {
    auto nack = only<Nack>("81cd0004 00000002 00000001 ffff8001 00100000");
    EXPECT_EQ(nack.ssrc, 1U);
    EXPECT_THAT(nack.lost, ElementsAre(0xffff, 0, 15, 16));
    EXPECT_EQ(fault("81cd0002 00000002 00000001"), Fault::bad_input);
}

TEST(RtcpReader, ReadsKeyFrameRequests) {
    EXPECT_EQ(only<KeyFrameRequest>("81ce0002 00000002 00000001").ssrc, 1U);
    auto fir = read("84ce0006 00000002 00000000 00000007 05000000 00000008 06000000");
    ASSERT_EQ(fir.size(), 2U);
    EXPECT_EQ(std::get<KeyFrameRequest>(fir[0]).ssrc, 7U);
    EXPECT_EQ(std::get<KeyFrameRequest>(fir[1]).ssrc, 8U);
    EXPECT_EQ(fault("84ce0002 00000002 00000000"), Fault::bad_input);
    EXPECT_EQ(fault("84ce0003 00000002 00000000 00000007"), Fault::bad_input);
}

// draft-alvestrand-rmcat-remb-03 2.2: six bits of exponent, eighteen of mantissa.
TEST(RtcpReader, ReadsABitrateEstimate) {
    auto remb = only<BitrateEstimate>("8fce0006 00000002 00000000 52454d42 020bff00 00000001 00000003");
    EXPECT_EQ(remb.bits_per_second, 0x3ff00U << 2);
    EXPECT_THAT(remb.ssrcs, ElementsAre(1, 3));
    EXPECT_EQ(only<BitrateEstimate>("8fce0004 00000002 00000000 52454d42 00fc0001").bits_per_second, 1ULL << 63);
    EXPECT_EQ(fault("8fce0004 00000002 00000000 52454d42 00fc0002"), Fault::bad_input);
    EXPECT_EQ(fault("8fce0004 00000002 00000000 52454d42 010bff00"), Fault::bad_input);
    // Somebody else's feedback.
    EXPECT_THAT(read("8fce0003 00000002 00000000 41424344"), IsEmpty());
}

std::vector<std::pair<unsigned, Duration>> arrivals(const TransportFeedback& feedback) {
    std::vector<std::pair<unsigned, Duration>> out;
    for (const auto& arrival : feedback.arrivals) out.emplace_back(arrival.sequence, arrival.at);
    return out;
}

using Arrival = std::pair<unsigned, Duration>;

// 3.1.3: a run of two small deltas, then a vector of seven two-bit symbols of which three are left.
TEST(RtcpReader, ReadsTransportFeedback) {
    auto feedback =
        only<TransportFeedback>("8fcd0007 00000002 00000001 fffe0005 00000301 2002 d200 04080c ff9c 000000");
    EXPECT_EQ(feedback.base_sequence, 0xfffeU);
    EXPECT_EQ(feedback.packets, 5U);
    EXPECT_EQ(feedback.count, 1U);
    EXPECT_THAT(arrivals(feedback),
                ElementsAre(Arrival{0xfffe, 193ms}, Arrival{0xffff, 195ms}, Arrival{0, 198ms}, Arrival{2, 173ms}));
}

// 3.1.4: fourteen one-bit symbols; 3.1.1: the reference time has a sign.
TEST(RtcpReader, ReadsTransportFeedbackOfSingleBits) {
    auto feedback = only<TransportFeedback>("8fcd0005 00000002 00000001 0000000e ffffff09 a001 0400");
    EXPECT_THAT(arrivals(feedback), ElementsAre(Arrival{0, -63ms}, Arrival{13, -63ms}));
}

TEST(RtcpReader, RefusesTransportFeedbackThatIsTruncatedOrReserved) {
    EXPECT_EQ(fault("8fcd0002 00000002 00000001"), Fault::bad_input);
    EXPECT_EQ(fault("8fcd0004 00000002 00000001 00000005 00000000"), Fault::bad_input);  // no symbols
    EXPECT_EQ(fault("8fcd0005 00000002 00000001 00000005 00000000 20050101"),
              Fault::bad_input);  // three deltas missing
    EXPECT_EQ(fault("8fcd0005 00000002 00000001 00000001 00000000 60010101"), Fault::bad_input);
    // Sixty thousand that never came cost nothing.
    auto feedback =
        only<TransportFeedback>("8fcd0008 00000002 00000001 0000ea60 00000000 1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff");
    EXPECT_EQ(feedback.packets, 60000U);
    EXPECT_THAT(feedback.arrivals, IsEmpty());
}

TEST(RtcpReader, ReadsACompoundAndSkipsWhatSaysNothing) {
    auto messages = read(kCompound);
    std::vector<std::size_t> kinds;
    for (const RtcpMessage& message : messages) kinds.push_back(message.index());
    EXPECT_THAT(kinds, ElementsAre(0, 1, 2, 2, 3, 4, 5));
    EXPECT_THAT(std::get<Bye>(messages.back()).ssrcs, ElementsAre(2));
    EXPECT_THAT(read("80d20001 00000002 83cd0002 00000002 00000001"), IsEmpty());
}

// RFC 3550 6.4.1: the last packet of a compound may be padded.
TEST(RtcpReader, TakesOffPaddingOfTheLastPacketOnly) {
    EXPECT_EQ(only<KeyFrameRequest>("a1ce0004 00000002 00000001 00000000 00000008").ssrc, 1U);
    EXPECT_EQ(fault("a1ce0003 00000002 00000001 00000004 81cb0001 00000002"), Fault::bad_input);
    EXPECT_EQ(fault("a1ce0003 00000002 00000001 00000005"), Fault::bad_input);
    EXPECT_EQ(fault("a1ce0003 00000002 00000001 00000010"), Fault::bad_input);
    EXPECT_EQ(fault("a1ce0003 00000002 00000001 00000000"), Fault::bad_input);
    EXPECT_EQ(fault("a0c90000"), Fault::bad_input);
}

// As Chromium sends it: six bytes of a chunk and its deltas, and what is missing to eight.
TEST(RtcpReader, TakesTransportFeedbackThatIsPaddedByTwoBytes) {
    const auto feedback = only<TransportFeedback>("afcd0006 00000001 ec342155 0bd90004 01ca35bb 20043e00 00000002");
    EXPECT_EQ(feedback.base_sequence, 0x0bd9);
    EXPECT_EQ(feedback.packets, 4U);
    EXPECT_EQ(feedback.arrivals.size(), 4U);
}

TEST(RtcpReader, RefusesWhatIsNotRtcp) {
    EXPECT_EQ(fault(""), Fault::bad_input);
    EXPECT_EQ(fault("80c9"), Fault::bad_input);
    EXPECT_EQ(fault("41c90001 00000002"), Fault::bad_input);
    EXPECT_EQ(fault("81c90001 00000002"), Fault::bad_input);  // a block that is not there
    EXPECT_EQ(fault("82cb0001 00000002"), Fault::bad_input);
    EXPECT_EQ(fault("80c90002 00000002"), Fault::bad_input);
}

// A cut is a fault unless it is between packets; nothing is read outside, which the sanitizers watch.
TEST(RtcpReader, SurvivesEveryCut) {
    Bytes whole = from_hex(kCompound);
    std::size_t valid = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        if (read_rtcp(cut)) ++valid;
    }
    EXPECT_EQ(valid, 8U);
}

TEST(RtcpReader, SurvivesEveryValueOfEveryByteWithinItsBounds) {
    Bytes whole = from_hex(kCompound);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (unsigned value = 0; value < 256; value += test::kEvery) {
            Bytes changed = whole;
            changed[at] = static_cast<std::uint8_t>(value);
            auto messages = read_rtcp(changed);
            if (!messages) continue;
            EXPECT_LE(messages->size(), whole.size() / 4);
        }
    }
}

TEST(RtcpWriter, ASenderReportIsAsTheStandardDrawsIt) {
    ByteWriter out;
    write_sender_report(
        out,
        {.ssrc = 0x11223344, .ntp = {0xb44db705'20000000}, .timestamp = 0x55667788, .packets = 100, .octets = 120000});
    EXPECT_EQ(std::move(out).take(), from_hex("80c80006 11223344 b44db705 20000000 55667788 00000064 0001d4c0"));
}

// RFC 3550 6.5: the items end with at least one zero, at a word.
TEST(RtcpWriter, ASourceDescriptionEndsAtAWord) {
    for (std::size_t length = 0; length < 20; ++length) {
        ByteWriter out;
        write_source_description(out, 7, std::string(length, 'c'));
        Bytes bytes = std::move(out).take();
        EXPECT_EQ(bytes.size() % 4, 0U);
        EXPECT_EQ(bytes.size(), (bytes[3] + 1U) * 4);
        EXPECT_EQ(bytes[9], length);
        EXPECT_EQ(bytes.back(), 0);
        EXPECT_GT(bytes.size(), 10 + length);
        EXPECT_LE(bytes.size(), 10 + length + 4);
        EXPECT_TRUE(read_rtcp(bytes));
    }
    ByteWriter out;
    write_source_description(out, 7, std::string(300, 'c'));
    EXPECT_EQ(out.view()[9], 255);
    EXPECT_TRUE(read_rtcp(out.view()));
}

TEST(RtcpWriter, AByeIsReadAgain) {
    ByteWriter out;
    std::vector<std::uint32_t> ssrcs = {1, 2, 3};
    write_bye(out, ssrcs);
    auto messages = read_rtcp(out.view());
    ASSERT_TRUE(messages);
    EXPECT_EQ(std::get<Bye>(messages->at(0)).ssrcs, ssrcs);
    ByteWriter many;
    write_bye(many, std::vector<std::uint32_t>(40, 9));
    EXPECT_EQ(std::get<Bye>(read_rtcp(many.view())->at(0)).ssrcs.size(), 31U);
}

}  // namespace
}  // namespace millrace::webrtc
