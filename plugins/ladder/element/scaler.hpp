// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures of one size and format made into another: scaled and converted in one step, on the thread that pushes. What
// fits already is passed on as it is.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.hpp"
#include "common/gst/chain.hpp"

namespace millrace::ladder {

class Scaler {
  public:
    // `event`: what comes out besides pictures, CAPS and SEGMENT among them; not kept.
    static Result<std::unique_ptr<Scaler>> make(std::uint32_t width, std::uint32_t height, const std::string& format,
                                                std::function<void(GstEvent*)> event);

    void send(gst::Ref<GstEvent> event) { chain_->send(std::move(event)); }
    // nullptr when it failed.
    gst::Ref<GstBuffer> scale(const gst::Ref<GstBuffer>& picture);

  private:
    std::unique_ptr<gst::Chain> chain_;
    gst::Ref<GstBuffer> scaled_;
};

}  // namespace millrace::ladder
