// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the way to one viewer carries what it is sent, by whatever the viewer tells of it. Transport-wide feedback
// tells within a tenth of a second; without it there are losses that it reports or asks for again, and the bitrate that
// it thinks it can take.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/time.hpp"
#include "webrtc/core/rtp/delay_trend.hpp"
#include "webrtc/core/rtp/rate_window.hpp"
#include "webrtc/core/rtp/rtcp.hpp"
#include "webrtc/core/rtp/sent_packets.hpp"

namespace millrace::webrtc {

// Shares of late: what is older counts less and less.
class FadingShare {
  public:
    explicit FadingShare(Duration half_life) : half_life_(half_life) {}
    void add(double part, double whole, TimePoint now);
    // Of at least `least`; 0 where there is too little to tell.
    [[nodiscard]] double share(double least) const { return whole_ >= least ? part_ / whole_ : 0; }
    void clear() { part_ = whole_ = 0; }

  private:
    Duration half_life_;
    TimePoint at_;
    double part_ = 0;
    double whole_ = 0;
};

class Congestion {
  public:
    // Every packet with a transport-wide number.
    void on_sent(std::uint16_t transport_sequence, std::size_t size, TimePoint now);
    void on_feedback(const TransportFeedback& feedback, TimePoint now);
    // What is known without such feedback. `sent` is how many packets of the stream went out since the last call.
    void on_nack(std::size_t lost, std::uint64_t sent, TimePoint now);
    void on_loss_reported(double share, TimePoint now);
    void on_bitrate(std::uint64_t bits_per_second, TimePoint now);

    // Why what is sent now, some `rate` bit/s, is too much; nothing where it is not.
    [[nodiscard]] std::optional<std::string_view> sign(std::uint64_t rate, TimePoint now) const;
    // What gets through of `rate`, bit/s.
    [[nodiscard]] std::uint64_t carries(std::uint64_t rate, TimePoint now) const;

    // How long what is on its way now takes to get through, when nothing follows.
    [[nodiscard]] Duration backlog(std::uint64_t rate, TimePoint now) const;

    // For who tries how much more there is room for.
    [[nodiscard]] bool hears_feedback() const { return heard_.has_value(); }
    [[nodiscard]] Duration queued() const { return delay_.standing(); }
    [[nodiscard]] double loss() const { return lately_.share(kTellsOfLoss); }
    [[nodiscard]] std::optional<std::uint64_t> estimate(TimePoint now) const;

    // What is sent before `time` is not judged: it was something else, or more than usual.
    void judge_from(TimePoint time);

  private:
    static constexpr double kTellsOfLoss = 12;  // packets

    [[nodiscard]] bool feedback_is_missing(TimePoint now) const;
    [[nodiscard]] bool loses_much() const;
    void count_lost(const TransportFeedback& feedback, TimePoint now);

    SentPackets sent_;
    DelayTrend delay_;
    // Where a queue stands in front of the narrowest link, that link is never idle, and what arrives is what it
    // carries.
    RateWindow arrives_{200ms};
    RateWindow leaves_{500ms};
    TimePoint counts_from_ = TimePoint::min();  // what was sent before is not judged any more
    FadingShare lately_{150ms};
    FadingShare longer_{1s};
    std::optional<TimePoint> heard_;  // feedback
    unsigned unheard_ = 0;            // packets since
    std::optional<TimePoint> unheard_since_;

    FadingShare asked_again_{500ms};
    double reported_loss_ = 0;
    std::optional<TimePoint> reported_at_;
    std::uint64_t estimate_ = 0;
    std::optional<TimePoint> estimated_at_;
};

}  // namespace millrace::webrtc
