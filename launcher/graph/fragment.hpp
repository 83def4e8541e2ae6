// SPDX-License-Identifier: LGPL-2.1-or-later
// A fragment in gst-launch syntax: split into words, so that elements without a name get one that others can refer to.
// The grammar stays GStreamer's: what a word means beyond that, its own parser decides.
#pragma once

#include <gst/gst.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"

namespace millrace::launcher {

class Fragment {
  public:
    Fragment() = default;
    // Names every unnamed element "<node>-<factory>", with a number from the second on.
    Fragment(const std::string& node, std::string_view text);

    [[nodiscard]] bool empty() const { return words_.empty(); }

    // The words of a gst-launch line; names that were added here stay only where `needed` has them.
    [[nodiscard]] std::vector<std::string> words(const std::set<std::string>& needed) const;
    // The whole text, every element named.
    [[nodiscard]] std::string text() const;

    // Whether the text itself links from, or to, what this element will offer later.
    [[nodiscard]] bool links_from(const std::string& element) const { return linked_from_.count(element) > 0; }
    [[nodiscard]] bool links_to(const std::string& element) const { return linked_to_.count(element) > 0; }

    // A bin of the fragment's elements. Errors are GStreamer's, with the nearest right name.
    [[nodiscard]] Result<gst::Ref<GstElement>> make_bin(const std::string& name) const;

  private:
    struct Word {
        std::string text;
        std::string added_name;  // this word is "name=…" and not the user's
    };

    std::vector<Word> words_;
    std::set<std::string> linked_from_;
    std::set<std::string> linked_to_;
};

// Splits at blanks that are not quoted or escaped; quotes stay.
std::vector<std::string> split_words(std::string_view text);

}  // namespace millrace::launcher
