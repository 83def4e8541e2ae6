// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/publisher_device.hpp"

#include "common/gst/publisher_device.hpp"
#include "rtmp/element/listener.hpp"

namespace millrace::rtmp {

namespace {

// The directory, which keeps the listener that feeds it.
Result<std::shared_ptr<gst::PublisherDirectory>> open() {
    return Listener::at("").map([](const std::shared_ptr<Listener>& listener) {
        return std::shared_ptr<gst::PublisherDirectory>(listener, listener->directory().get());
    });
}

constexpr gst::PublisherProtocol kProtocol{.name = "rtmp",
                                           .server = "rtmp",
                                           .listen = ":1935",
                                           .url_template = "rtmp://{host}{port:1935}/{path}",
                                           .page_template = "",
                                           .element = "millrtmpsrc",
                                           .title = "RTMP publishers",
                                           .description = "Publishers that wait for an RTMP source of their path",
                                           .open = open};

}  // namespace

bool register_device_provider(GstPlugin* plugin) {
    return gst::register_publisher_provider(plugin, "millrtmpdeviceprovider", kProtocol);
}

}  // namespace millrace::rtmp
