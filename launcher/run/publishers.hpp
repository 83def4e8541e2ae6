// SPDX-License-Identifier: LGPL-2.1-or-later
// Publishers that wait for a source, as GStreamer devices of class Source/Network/Publisher. Knows no protocol: what
// listens, for which elements, and under which URL, the device providers say themselves.
//
// What a provider says beyond GstDeviceProvider's own: property `listen` (reads as the bound address while it runs) and
// `url-template` ("rtmp://{host}{port:1935}/{path}": {port:N} is nothing for port N, else ":PORT"; {port} is the
// number), and `page-template`, likewise, for the page where a person publishes in a browser. What a device says: its
// properties have "path", "protocol" and "address"; its action signals "refuse" and "refuse-busy" (string reason) turn
// it away.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/ref.hpp"
#include "launcher/run/control_loop.hpp"

namespace millrace::launcher {

struct Publisher {
    std::string provider;  // the factory that found it
    std::string path;
    std::string protocol;
    std::string address;
    gst::Ref<GstDevice> device;
};

void refuse(const Publisher& publisher, const std::string& reason);

// The providers that find publishers for one of these elements: those of the element's own plugin, and those that an
// application registered itself. An element whose metadata has "publishers" = "any" takes what any of them finds.
std::set<std::string> providers_for(const std::vector<std::string>& factories);

class Publishers {
  public:
    using Found = std::function<void(const Publisher&)>;
    Publishers(std::shared_ptr<ControlLoop> loop, Found found) : loop_(std::move(loop)), found_(std::move(found)) {}
    ~Publishers();

    // Starts a provider unless it runs. Fails with no_resource when it cannot listen.
    Result<> listen(const std::string& provider);

    // A publisher of `path` that waits now.
    [[nodiscard]] bool is_waiting(const std::string& path) const;
    // Those who wait and have been reported already, reported again: after the rules changed.
    void report_again();
    // Where one publishes `path`: "rtmp://localhost/live/cam1", and the page where one does in a browser. None when the
    // provider does not say.
    [[nodiscard]] std::vector<std::string> urls(const std::string& provider, const std::string& path) const;

  private:
    struct Listening {
        std::string name;
        gst::Ref<GstDeviceProvider> provider;
        Watch bus;
    };
    void on_message(const std::string& provider, GstMessage* message);
    void add(const std::string& provider, GstDevice* device);

    std::shared_ptr<ControlLoop> loop_;
    Found found_;
    std::vector<Listening> listening_;
    std::vector<Publisher> waiting_;
};

}  // namespace millrace::launcher
