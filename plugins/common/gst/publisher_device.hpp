// SPDX-License-Identifier: LGPL-2.1-or-later
// Publishers that wait for a source, as GstDevices of class Source/Network/Publisher, and the providers that find them.
// What a protocol adds is a table of facts.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "common/base/result.hpp"
#include "common/gst/publisher_directory.hpp"

namespace millrace::gst {

// The class of the devices and of their providers.
extern const char* const kPublisherClass;

struct PublisherProtocol {
    const char* name;           // of the protocol, in properties
    const char* server;         // whose default address the process may have set: net::default_listen() knows the names
    const char* listen;         // the address otherwise, as [ADDRESS]:PORT
    const char* url_template;   // how to publish, with {host}, {port} or {port:DEFAULT}, and {path} to be filled in
    const char* page_template;  // where a person publishes in a browser, likewise; "" = nowhere
    const char* element;        // the factory of the source
    const char* title;          // of the provider: "XYZ publishers"
    const char* description;
    // Opens the process's default addresses. What listens there lives as long as the directory is held.
    Result<std::shared_ptr<PublisherDirectory>> (*open)();
};

// PublisherProtocol::open for a protocol's Listener, which at("") opens at the process's default addresses: its
// directory, which keeps it.
template <class Listener>
Result<std::shared_ptr<PublisherDirectory>> open_directory() {
    return Listener::at("").map([](const std::shared_ptr<Listener>& listener) {
        return std::shared_ptr<PublisherDirectory>(listener, listener->directory().get());
    });
}

// Registers the provider as feature `name` of the plugin; `protocol` lives for ever.
bool register_publisher_provider(GstPlugin* plugin, const char* name, const PublisherProtocol& protocol);

}  // namespace millrace::gst
