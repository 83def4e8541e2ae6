// SPDX-License-Identifier: LGPL-2.1-or-later
// Which library encrypts, chosen once a process: all give the same bytes, some take a quarter of the time.
#pragma once

#include <memory>
#include <string_view>

#include "webrtc/core/secure/gcm.hpp"

namespace millrace::webrtc {

class SrtpBackend {
  public:
    // The fastest that is there and has proved that it gives the bytes OpenSSL gives. Any thread.
    static const SrtpBackend& best();
    static const SrtpBackend& openssl();

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] std::unique_ptr<GcmSealer> make_gcm(GcmKeyView key) const { return make_gcm_(key); }

  private:
    using MakeGcm = std::unique_ptr<GcmSealer> (*)(GcmKeyView);
    SrtpBackend(std::string_view name, MakeGcm make_gcm) : name_(name), make_gcm_(make_gcm) {}

    [[nodiscard]] bool agrees_with(const SrtpBackend& other) const;

    std::string_view name_;
    MakeGcm make_gcm_;
};

}  // namespace millrace::webrtc
