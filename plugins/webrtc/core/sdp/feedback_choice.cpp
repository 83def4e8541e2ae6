// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/sdp/feedback_choice.hpp"

#include <algorithm>
#include <string_view>

namespace millrace::webrtc {

namespace {

constexpr struct {
    std::string_view name;
    bool FeedbackKinds::*kind;
} kRows[] = {{"nack", &FeedbackKinds::nack},
             {"nack pli", &FeedbackKinds::pli},
             {"ccm fir", &FeedbackKinds::fir},
             {"goog-remb", &FeedbackKinds::remb},
             {"transport-cc", &FeedbackKinds::transport_cc}};

}  // namespace

FeedbackKinds feedback_kinds(const std::vector<std::string>& feedback) {
    FeedbackKinds kinds;
    for (const std::string& line : feedback)
        for (const auto& row : kRows)
            if (row.name == line) kinds.*row.kind = true;
    return kinds;
}

std::vector<std::string> agreed_feedback(const std::vector<std::string>& offered, const FeedbackKinds& wanted) {
    std::vector<std::string> agreed;
    for (const std::string& line : offered)
        for (const auto& row : kRows)
            if (row.name == line && wanted.*row.kind && std::ranges::find(agreed, line) == agreed.end())
                agreed.push_back(line);
    return agreed;
}

}  // namespace millrace::webrtc
