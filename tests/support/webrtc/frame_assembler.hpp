// SPDX-License-Identifier: LGPL-2.1-or-later
// Puts the packets of a video stream in order and counts the frames that are whole, and from when on a decoder could
// show them: the first whole key frame with its parameter sets.
#pragma once

#include <cstdint>
#include <map>

#include "common/base/time.hpp"
#include "tests/support/webrtc/key_frames.hpp"

namespace millrace::webrtc::test {

class FrameAssembler {
  public:
    // How long a packet that is missing is waited for.
    explicit FrameAssembler(Duration patience) : patience_(patience) {}

    void add(std::uint64_t index, bool marker, const PayloadContents& contents, TimePoint now) {
        if (next_ == 0) next_ = index;
        if (index < next_) return;
        waiting_.try_emplace(index, Packet{marker, contents, now});
        while (!waiting_.empty()) {
            const auto first = waiting_.begin();
            if (first->first != next_) {
                if (now - first->second.at <= patience_) return;
                hole_ = true;
                next_ = first->first;
            }
            take(first->second, now);
            waiting_.erase(first);
            ++next_;
        }
    }

    [[nodiscard]] std::uint64_t whole() const { return whole_; }
    [[nodiscard]] std::uint64_t broken() const { return broken_; }  // with a packet that never came
    [[nodiscard]] std::uint64_t key_frames() const { return key_frames_; }
    [[nodiscard]] TimePoint first_decodable() const { return first_decodable_; }  // kNever: none yet

  private:
    struct Packet {
        bool marker = false;
        PayloadContents contents;
        TimePoint at;
    };

    void take(const Packet& packet, TimePoint now) {
        frame_.key |= packet.contents.key;
        frame_.parameters |= packet.contents.parameters;
        if (!packet.marker) return;
        ++(hole_ ? broken_ : whole_);
        if (!hole_ && frame_.key && frame_.parameters) {
            ++key_frames_;
            if (first_decodable_ == kNever) first_decodable_ = now;
        }
        hole_ = false;
        frame_ = {};
    }

    Duration patience_;
    std::map<std::uint64_t, Packet> waiting_;
    std::uint64_t next_ = 0;
    PayloadContents frame_;
    bool hole_ = false;
    std::uint64_t whole_ = 0;
    std::uint64_t broken_ = 0;
    std::uint64_t key_frames_ = 0;
    TimePoint first_decodable_ = kNever;
};

}  // namespace millrace::webrtc::test
