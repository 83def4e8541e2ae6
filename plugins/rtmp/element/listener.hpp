// SPDX-License-Identifier: LGPL-2.1-or-later
// Where RTMP publishers come in: the ports of one address and the directory that brings them to their sources. One
// listener an address in the process, whoever asks first starts it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/gst/publisher_directory.hpp"
#include "common/net/tcp.hpp"
#include "rtmp/element/media_queue.hpp"

namespace millrace::rtmp {

// The sources of a listener's directory: a publisher is attached by its queue. Called on workers.
class Taker : public gst::PublisherSource {
  public:
    virtual std::shared_ptr<MediaQueue> queue() = 0;
};

class Listener {
  public:
    // The listener at `listen`; "" = the process's default addresses for rtmp (:1935 unless set) and rtmps (if set),
    // which share their paths.
    static Result<std::shared_ptr<Listener>> at(const std::string& listen);
    ~Listener();

    [[nodiscard]] const std::shared_ptr<gst::PublisherDirectory>& directory() const { return directory_; }
    [[nodiscard]] std::uint16_t port() const;

  private:
    Listener() = default;
    Result<> open_defaults();
    Result<> open(const std::string& listen, std::optional<net::TlsFiles> tls);

    const std::shared_ptr<gst::PublisherDirectory> directory_ = gst::PublisherDirectory::make();

    // Last: closing them ends every publisher, and those still talk to the directory.
    std::vector<std::unique_ptr<net::TcpServer>> servers_;
};

}  // namespace millrace::rtmp
