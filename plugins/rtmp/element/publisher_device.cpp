// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtmp/element/publisher_device.hpp"

#include "common/gst/publisher_device.hpp"
#include "rtmp/element/listener.hpp"

namespace millrace::rtmp {

namespace {

constexpr gst::PublisherProtocol kProtocol{.name = "rtmp",
                                           .server = "rtmp",
                                           .listen = ":1935",
                                           .url_template = "rtmp://{host}{port:1935}/{path}",
                                           .page_template = "",
                                           .element = "millrtmpsrc",
                                           .title = "RTMP publishers",
                                           .description = "Publishers that wait for an RTMP source of their path",
                                           .open = gst::open_directory<Listener>};

}  // namespace

bool register_device_provider(GstPlugin* plugin) {
    return gst::register_publisher_provider(plugin, "millrtmpdeviceprovider", kProtocol);
}

}  // namespace millrace::rtmp
