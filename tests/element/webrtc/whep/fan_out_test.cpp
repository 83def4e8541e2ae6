// SPDX-License-Identifier: LGPL-2.1-or-later
// One worker's share of a stream, on this thread, with a socket that opens and shuts as the test says.
#include "webrtc/element/whep/fan_out.hpp"

#include <glib.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <utility>

#include "tests/core/net/client.hpp"
#include "tests/element/webrtc/narrow_socket.hpp"
#include "tests/support/webrtc/receiver_feedback.hpp"
#include "tests/support/webrtc/rtp_view.hpp"
#include "webrtc/core/ice/demultiplex.hpp"
#include "webrtc/core/secure/srtcp.hpp"
#include "webrtc/element/transport/addresses.hpp"

namespace millrace::webrtc {
namespace {

using millrace::test::eventually;
using test::NarrowSocket;

constexpr TrackId kVideo = 0;
constexpr TrackId kAudio = kSound;
constexpr std::uint32_t kVideoSsrc = 0x11;
constexpr std::uint32_t kRtxSsrc = 0x12;
constexpr std::uint32_t kAudioSsrc = 0x13;
constexpr std::size_t kPacket = 1000;

class FakePath : public PeerPath {
  public:
    FakePath(std::shared_ptr<net::Worker> worker, Outbox& outbox, std::uint16_t port)
        : out(&outbox), worker_(std::move(worker)), address_{.ip = {192, 0, 2, 1}, .is_v6 = false, .port = port} {}
    [[nodiscard]] const std::shared_ptr<net::Worker>& worker() const override { return worker_; }
    [[nodiscard]] const TransportAddress& address() const override { return address_; }
    [[nodiscard]] Outbox* outbox() const override { return out; }

    Outbox* out;

  private:
    std::shared_ptr<net::Worker> worker_;
    TransportAddress address_;
};

ServedMedia served(bool video) {
    ServedMedia media;
    media.codec = video ? Codec::h264 : Codec::opus;
    media.payload_type.number = video ? 102 : 111;
    media.feedback = {.nack = video, .pli = video};
    media.ssrc = video ? kVideoSsrc : kAudioSsrc;
    if (video) {
        media.rtx_payload_type = 103;
        media.rtx_ssrc = kRtxSsrc;
    }
    return media;
}

SrtpKeys any_keys() {
    Bytes exported(exported_size(SrtpProfile::aead_aes_128_gcm));
    for (std::size_t i = 0; i < exported.size(); ++i) exported[i] = static_cast<std::uint8_t>(7 * i + 1);
    return *derive_srtp_keys(SrtpProfile::aead_aes_128_gcm, exported);
}

struct Watcher {
    std::shared_ptr<FakePath> path;
    SrtcpSender feedback;
    FanOut::Place* place = nullptr;
};

class FanOutTest : public testing::Test {
  protected:
    FanOutTest() {
        g_main_context_acquire(context_.get());
        fan_out_->open(0, {}, 0);
    }
    ~FanOutTest() override {
        fan_out_->end();
        g_main_context_release(context_.get());
    }

    Watcher& join(const ViewerSettings& settings = {}, bool sound = false) {
        Answer answer;
        answer.sections.push_back({"video", "UDP/TLS/RTP/SAVPF", "102", "0", served(true)});
        if (sound) answer.sections.push_back({"audio", "UDP/TLS/RTP/SAVPF", "111", "1", served(false)});
        SourceNames names;
        names.cname = "stream";
        auto viewer = Viewer::make(answer, names, any_keys(), settings);
        auto& watcher = watchers_.emplace_back(
            new Watcher{std::make_shared<FakePath>(worker_, outbox_, static_cast<std::uint16_t>(watchers_.size() + 1)),
                        *SrtcpSender::make(SrtpProfile::aead_aes_128_gcm, any_keys().client.rtcp)});
        watcher->place = fan_out_->add(std::move(*viewer), watcher->path);
        return *watcher;
    }
    void join_many(std::size_t count, bool sound = false) {
        for (std::size_t i = 0; i < count; ++i) join({}, sound);
    }
    void leave(Watcher& watcher) {
        watcher.path->out = nullptr;
        fan_out_->remove(std::exchange(watcher.place, nullptr));
    }

    void picture(std::size_t packets = 1, bool key = false) {
        append(kVideo, video_, RtpClock{90'000, 0}, packets, kPacket, key);
        packets_ += packets;
    }
    void sound() { append(kAudio, audio_, RtpClock{48'000, 0}, 1, 80, true); }
    void append(TrackId track, FrameSequence& sequence, const RtpClock& clock, std::size_t packets, std::size_t size,
                bool key) {
        Payloads media;
        media.key_frame = key;
        media.bytes.resize(packets * size);
        for (std::size_t i = 0; i < packets; ++i)
            media.packets.push_back({.offset = static_cast<std::uint32_t>(i * size),
                                     .size = static_cast<std::uint32_t>(size),
                                     .marker = i + 1 == packets});
        const TimePoint now = net::now();
        fan_out_->append(track, sequence.next(std::move(media), clock.timestamp(now - origin_.origin), now), origin_);
    }

    bool rtcp(Watcher& watcher, const ByteWriter& plain) {
        Bytes datagram(plain.view().size() + srtcp_overhead(SrtpProfile::aead_aes_128_gcm));
        datagram.resize(watcher.feedback.protect(plain.view(), datagram));
        return !fan_out_->on_rtcp(watcher.place, datagram, net::now()).goodbye;
    }

    // What a viewer was sent of a source, in the order that it was.
    [[nodiscard]] std::vector<std::uint16_t> sent(const Watcher& watcher, std::uint32_t ssrc = kVideoSsrc) const {
        std::vector<std::uint16_t> sequences;
        for (const auto& datagram : socket_.taken) {
            if (to_core(datagram.to) != watcher.path->address() || demultiplex(datagram.bytes) != Traffic::rtp)
                continue;
            const auto view = test::view_rtp(datagram.bytes);
            if (view && view->ssrc == ssrc) sequences.push_back(view->sequence);
        }
        return sequences;
    }
    [[nodiscard]] bool has_all(const Watcher& watcher, std::size_t packets) const {
        return sent(watcher).size() >= packets;
    }
    void expect_all(const Watcher& watcher, std::size_t packets) const {
        const auto sequences = sent(watcher);
        ASSERT_EQ(sequences.size(), packets);
        for (std::size_t i = 1; i < packets; ++i)
            ASSERT_EQ(sequences[i], static_cast<std::uint16_t>(sequences[i - 1] + 1)) << "packet " << i;
    }
    void open(std::size_t messages) {
        socket_.room = messages;
        outbox_.writable();
    }
    void turn() { g_main_context_iteration(context_.get(), FALSE); }

    struct Free {
        void operator()(GMainContext* context) const { g_main_context_unref(context); }
    };
    std::unique_ptr<GMainContext, Free> context_{g_main_context_new()};
    std::shared_ptr<net::Worker> worker_ = net::Worker::around(context_.get());
    NarrowSocket socket_{worker_};
    Outbox outbox_{socket_};
    int wishes_ = 0;
    std::shared_ptr<FanOut> fan_out_ = std::make_shared<FanOut>(worker_, ClockOffsets{}, [this](RungId) { ++wishes_; });
    std::vector<std::unique_ptr<Watcher>> watchers_;
    StreamOrigin origin_{net::now() - 10s, SendClock(0s, UnixTime{1'700'000'000'000'000'000})};
    FrameSequence video_{100};
    FrameSequence audio_{200};
    std::size_t packets_ = 0;  // of all pictures
};

TEST_F(FanOutTest, EveryViewerIsSentEveryPictureOnceInOrder) {
    picture(2, true);
    join_many(5);
    for (int i = 0; i < 30; ++i) picture(1 + i % 3);
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_);
}

// So much that what is written for a pass does not fit into the outbox: the pass is held up in the middle.
constexpr std::size_t kHeldUp = 60;
constexpr std::size_t kLarge = 12;  // packets

TEST_F(FanOutTest, ASocketThatIsFullInTheMiddleOfAPassCostsNobodyAnything) {
    picture(1, true);
    join_many(kHeldUp);
    for (int round = 0; round < 5; ++round) {
        socket_.room = 7;
        picture(kLarge);
        ASSERT_TRUE(outbox_.is_full());
        picture(kLarge);
        picture();
        while (outbox_.is_full()) open(11);
    }
    open(NarrowSocket::kWide);
    picture();
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_);
    for (const auto& watcher : watchers_) leave(*watcher);
    const auto totals = fan_out_->totals();
    EXPECT_EQ(totals.packets, kHeldUp * packets_);
    EXPECT_GE(totals.stalls, 5U);
}

TEST_F(FanOutTest, ViewersComeAndGoWhileAPassIsHeldUp) {
    for (std::size_t round = 0; round < 4; ++round) {
        picture(1, true);
        const std::size_t before = watchers_.size();
        join_many(kHeldUp);
        const std::size_t old = packets_ - 1;
        socket_.room = 5;
        picture(kLarge);
        ASSERT_TRUE(outbox_.is_full());
        Watcher& late = join();
        // At either end, among those that have been served, and among those that have not.
        for (std::size_t gone : {0, 7, 30, 58, 59}) leave(*watchers_[before + gone]);
        picture();
        while (outbox_.is_full()) open(3 + round);
        open(NarrowSocket::kWide);
        picture();
        for (std::size_t i = before; i < watchers_.size(); ++i)
            if (watchers_[i]->place != nullptr) expect_all(*watchers_[i], packets_ - old);
        expect_all(late, packets_ - old);
        for (std::size_t i = before; i < watchers_.size(); ++i)
            if (watchers_[i]->place != nullptr) leave(*watchers_[i]);
        packets_ = 0;
    }
}

TEST_F(FanOutTest, WhoHasJustLeftIsNotSentTo) {
    picture(1, true);
    join_many(2);
    watchers_[0]->path->out = nullptr;
    picture();
    expect_all(*watchers_[0], 1);
    expect_all(*watchers_[1], 2);
}

TEST_F(FanOutTest, AnotherIsTheFirstEachTime) {
    picture(1, true);
    join_many(4);
    std::set<std::uint16_t> first;
    for (int i = 0; i < 4; ++i) {
        socket_.taken.clear();
        picture();
        first.insert(socket_.taken.front().to.port);
    }
    EXPECT_EQ(first.size(), 4U);
}

TEST_F(FanOutTest, WhoJoinsLateCatchesUpBitByBitAndIsThenLive) {
    picture(3, true);
    for (int i = 0; i < 20; ++i) picture();
    ViewerSettings slow;
    slow.oldest_start = 60s;
    slow.catch_up = {.times = 1, .burst = 3 * kPacket, .least = 200'000};
    Watcher& late = join(slow);
    EXPECT_LT(sent(late).size(), packets_) << "not all at once";
    EXPECT_FALSE(sent(late).empty()) << "but some of it";
    EXPECT_TRUE(eventually([&] {
        turn();
        return has_all(late, packets_);
    }));
    picture(2);
    expect_all(late, packets_);
}

TEST_F(FanOutTest, CatchingUpSurvivesASocketThatIsFull) {
    picture(3, true);
    for (int i = 0; i < 10; ++i) picture();
    ViewerSettings slow;
    slow.oldest_start = 60s;
    slow.catch_up = {.times = 1, .burst = 2 * kPacket, .least = 1'000'000};
    socket_.room = 0;
    for (int i = 0; i < 3; ++i) join(slow);
    EXPECT_TRUE(outbox_.is_full());
    EXPECT_TRUE(eventually([&] {
        turn();
        open(1);
        return has_all(*watchers_[0], packets_) && has_all(*watchers_[1], packets_) && has_all(*watchers_[2], packets_);
    }));
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_);
}

TEST_F(FanOutTest, WhatIsLostIsSentAgainBeforeTheNextPicture) {
    picture(4, true);
    join_many(3);
    Watcher& unlucky = *watchers_[1];
    const auto sequences = sent(unlucky);
    ByteWriter nack;
    test::write_nack(nack, 1, kVideoSsrc, std::array{sequences[1], sequences[2]});
    EXPECT_TRUE(rtcp(unlucky, nack));
    EXPECT_TRUE(sent(unlucky, kRtxSsrc).empty()) << "in the next turn";
    EXPECT_TRUE(eventually([&] {
        turn();
        return sent(unlucky, kRtxSsrc).size() == 2;
    }));
    expect_all(unlucky, packets_);
    EXPECT_TRUE(sent(*watchers_[0], kRtxSsrc).empty());
    EXPECT_TRUE(sent(*watchers_[2], kRtxSsrc).empty());
}

TEST_F(FanOutTest, WhoLeavesAfterItAskedAgainIsForgotten) {
    picture(4, true);
    join_many(2);
    ByteWriter nack;
    test::write_nack(nack, 1, kVideoSsrc, std::array{sent(*watchers_[0])[1]});
    EXPECT_TRUE(rtcp(*watchers_[0], nack));
    leave(*watchers_[0]);
    ByteWriter other;
    test::write_nack(other, 1, kVideoSsrc, std::array{sent(*watchers_[1])[1]});
    EXPECT_TRUE(rtcp(*watchers_[1], other));
    EXPECT_TRUE(eventually([&] {
        turn();
        return sent(*watchers_[1], kRtxSsrc).size() == 1;
    }));
    EXPECT_TRUE(sent(*watchers_[0], kRtxSsrc).empty());
}

TEST_F(FanOutTest, WhoSaysGoodbyeIsNoticed) {
    picture(1, true);
    Watcher& watcher = join();
    ByteWriter bye;
    bye.u16(0x81cb);
    bye.u16(1);
    bye.u32(1);
    EXPECT_FALSE(rtcp(watcher, bye));
    picture();
    expect_all(watcher, 1);
}

TEST_F(FanOutTest, WithoutAPictureToBeginWithOneIsAskedFor) {
    picture();
    join();
    EXPECT_EQ(wishes_, 1);
    EXPECT_TRUE(sent(*watchers_[0]).empty());
    picture(2, true);
    expect_all(*watchers_[0], 2);
}

// ---- sound ----------------------------------------------------------------------------------------------------------

class FanOutSound : public FanOutTest {
  protected:
    void begin(std::size_t viewers) {
        picture(1, true);
        join_many(viewers, true);
    }
    // A picture, and its sound so shortly behind it that there is another to be waited for.
    void picture_and_sound() {
        for (;;) {
            const TimePoint began = net::now();
            picture();
            sound();
            ++sounds_;
            if (net::now() - began < 40ms) return;
            picture();  // too slow to tell anything: once more
        }
    }
    [[nodiscard]] std::size_t heard() const {
        std::size_t least = sounds_;
        for (const auto& watcher : watchers_) least = std::min(least, sent(*watcher, kAudioSsrc).size());
        return least;
    }
    [[nodiscard]] bool nobody_heard(std::size_t last) const {
        for (const auto& watcher : watchers_)
            if (sent(*watcher, kAudioSsrc).size() >= last) return false;
        return true;
    }
    std::size_t sounds_ = 0;
};

TEST_F(FanOutSound, OfFewViewersGoesAtOnce) {
    begin(63);
    picture_and_sound();
    EXPECT_EQ(heard(), sounds_);
}

TEST_F(FanOutSound, OfManyViewersGoesWithTheNextPicture) {
    begin(64);
    picture_and_sound();
    EXPECT_TRUE(nobody_heard(sounds_));
    picture();
    EXPECT_EQ(heard(), sounds_);
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_);
}

TEST_F(FanOutSound, OfManyViewersDoesNotWaitForAPictureThatDoesNotCome) {
    begin(64);
    picture_and_sound();
    EXPECT_TRUE(nobody_heard(sounds_));
    EXPECT_TRUE(eventually([&] {
        turn();
        return heard() == sounds_;
    }));
}

// ---- rungs ----------------------------------------------------------------------------------------------------------

TEST_F(FanOutTest, ARungsPicturesGoToThoseWhoAreSentIt) {
    fan_out_->open(0, {}, 2'000'000);
    fan_out_->open(1, {}, 800'000);
    FrameSequence low(7);
    auto low_picture = [&](bool key) { append(1, low, RtpClock{90'000, 0}, 1, kPacket, key); };
    picture(1, true);
    low_picture(true);
    join_many(3);
    for (int i = 0; i < 20; ++i) {
        picture();
        low_picture(false);
    }
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_);
    EXPECT_TRUE(eventually([&] {
        picture();
        low_picture(false);
        return fan_out_->totals().rungs[0].viewers == 3;
    }));
    EXPECT_EQ(fan_out_->totals().rungs[1].viewers, 0U);
    EXPECT_EQ(fan_out_->totals().rungs[1].bits_per_second, 800'000U);
    // The rung is no more: they go on with the other, from its next key frame on.
    fan_out_->close(0);
    turn();
    EXPECT_TRUE(eventually([&] {
        turn();
        low_picture(true);
        return fan_out_->totals().rungs[1].viewers == 3;
    }));
    EXPECT_EQ(fan_out_->totals().descents, 3U);
}

// ---- the end --------------------------------------------------------------------------------------------------------

TEST_F(FanOutTest, ItMayCloseWhileTheSocketIsFull) {
    picture(1, true);
    join_many(kHeldUp);
    socket_.room = 3;
    picture(kLarge);
    picture();
    ASSERT_TRUE(outbox_.is_full());
    fan_out_->end();
    open(NarrowSocket::kWide);
    EXPECT_FALSE(outbox_.is_full());
    const std::size_t went = socket_.taken.size();
    picture();
    turn();
    EXPECT_EQ(socket_.taken.size(), went);
}

TEST_F(FanOutTest, ItMayGoWhileTheSocketIsFull) {
    picture(1, true);
    join_many(kHeldUp);
    socket_.room = 3;
    picture(kLarge);
    ASSERT_TRUE(outbox_.is_full());
    fan_out_->end();
    fan_out_ = std::make_shared<FanOut>(worker_, ClockOffsets{}, [](RungId) {});
    open(NarrowSocket::kWide);
    EXPECT_FALSE(outbox_.is_full());
}

// A worker has one outbox for all streams: one that is held up holds up the others, and nobody loses anything.
TEST_F(FanOutTest, TwoStreamsShareAnOutbox) {
    picture(1, true);
    join_many(kHeldUp);
    auto first = std::exchange(fan_out_, std::make_shared<FanOut>(worker_, ClockOffsets{}, [](RungId) {}));
    fan_out_->open(0, {}, 0);
    auto first_video = std::exchange(video_, FrameSequence(100));
    picture(1, true);
    join_many(kHeldUp);
    for (int i = 0; i < 3; ++i) {
        socket_.room = 2;
        for (int stream = 0; stream < 2; ++stream) {
            picture(kLarge);
            std::swap(fan_out_, first);
            std::swap(video_, first_video);
        }
        while (outbox_.is_full()) open(9);
    }
    for (const auto& watcher : watchers_) expect_all(*watcher, packets_ / 2);
    first->end();
}

}  // namespace
}  // namespace millrace::webrtc
