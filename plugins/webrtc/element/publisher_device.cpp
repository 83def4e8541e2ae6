// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/element/publisher_device.hpp"

#include "common/gst/publisher_device.hpp"
#include "webrtc/element/whip/listener.hpp"

namespace millrace::webrtc {

namespace {

constexpr gst::PublisherProtocol kProtocol{.name = "whip",
                                           .server = "http",
                                           .listen = ":8080",
                                           .url_template = "http://{host}{port:80}/{path}/whip",
                                           .page_template = "http://{host}{port:80}/{path}/publish",
                                           .element = "millwhipsrc",
                                           .title = "WHIP publishers",
                                           .description = "Publishers that wait for a WHIP source of their path",
                                           .open = gst::open_directory<Listener>};

}  // namespace

bool register_device_provider(GstPlugin* plugin) {
    return gst::register_publisher_provider(plugin, "millwhipdeviceprovider", kProtocol);
}

}  // namespace millrace::webrtc
