// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds who waits to publish a path, by whatever plugin: it knows GStreamer's devices and nothing of protocols.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"
#include "ingest/element/inbox.hpp"

namespace millrace::ingest {

class PublisherFinder {
  public:
    // Has all plugins listen for publishers, and puts those of `path` into the inbox. Fails where none can.
    static Result<std::unique_ptr<PublisherFinder>> start(const std::string& path, std::shared_ptr<Inbox> inbox);
    ~PublisherFinder();
    PublisherFinder(const PublisherFinder&) = delete;
    PublisherFinder& operator=(const PublisherFinder&) = delete;

    // Puts those who wait now into the inbox. They are announced by themselves, but not where the application has a
    // GstDeviceMonitor: GStreamer 1.22's takes the announcements away from everybody else.
    void look_around() const;

    // Plugins that cannot listen, as when their port is taken, each with its address.
    [[nodiscard]] const std::vector<std::string>& deaf() const { return deaf_; }

  private:
    // What a provider's announcements reach.
    struct Ear {
        std::string path;
        std::shared_ptr<Inbox> inbox;

        [[nodiscard]] bool is_meant(GstDevice* device) const;
        static void hear(GstBus* bus, GstMessage* message, const Ear* ear);
    };
    struct Listening {
        gst::Ref<GstDeviceProvider> provider;
        gst::Ref<GstBus> bus;
        gulong handler;
    };

    explicit PublisherFinder(Ear ear) : ear_(std::move(ear)) {}
    void listen(const char* provider);

    const Ear ear_;
    std::vector<Listening> listening_;
    std::vector<std::string> deaf_;
};

}  // namespace millrace::ingest
