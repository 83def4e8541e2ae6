// SPDX-License-Identifier: LGPL-2.1-or-later
// One WHIP session, from its admission to its end: what the transport tells of the publisher, the core that reads it,
// and the way to whoever makes frames of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/thread.hpp"
#include "common/net/worker.hpp"
#include "webrtc/core/publisher/publisher_reception.hpp"
#include "webrtc/element/transport/endpoint.hpp"
#include "webrtc/element/whip/publisher_media.hpp"

namespace millrace::webrtc {

class PublisherSession : public SessionEvents, public std::enable_shared_from_this<PublisherSession> {
  public:
    // Whose publisher it is. Called on the publisher's worker.
    class Owner {
      public:
        virtual ~Owner() = default;
        virtual void connected(const std::shared_ptr<PublisherSession>& session) = 0;
        virtual void said_goodbye(const std::shared_ptr<PublisherSession>& session) = 0;            // to be ended
        virtual void gone(const std::shared_ptr<PublisherSession>& session, const Error& why) = 0;  // the last
    };

    PublisherSession(std::string id, ReceptionTerms terms, std::weak_ptr<Owner> owner)
        : id_(std::move(id)), terms_(std::move(terms)), owner_(std::move(owner)) {}

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const ReceptionTerms& terms() const { return terms_; }

    // Any thread. Where packets go from now on, with those that came a moment before; with nullptr nowhere, and none is
    // on its way when it returns.
    void attach(PublisherMedia* media);
    void want_key_frame(std::size_t track);
    void key_frame_arrived(std::size_t track);
    [[nodiscard]] ReceptionStats stats() const { return stats_.copy(); }
    // When it last sent media; when it was admitted before that.
    [[nodiscard]] TimePoint last_heard() const { return TimePoint(Duration(last_heard_.load())); }

    // ---- the transport's
    void connected(std::shared_ptr<PeerPath> path, const SrtpKeys& keys) override;
    bool rtp(ByteView datagram, TimePoint now) override;
    bool rtcp(ByteView datagram, TimePoint now) override;
    void gone(const Error& why) override;

  private:
    // Calls `use` with the reception, on the worker, if it is still there.
    template <class F>
    void post(F&& use);
    std::span<std::uint8_t> decryptable(ByteView datagram);
    void hand_on(const PublisherReception::Packet& packet, TimePoint now);
    void hand_on_sender_times();
    void after();
    void send(const Bytes& datagram);

    const std::string id_;
    const ReceptionTerms terms_;
    const std::weak_ptr<Owner> owner_;
    struct Early {
        std::size_t track = 0;
        Bytes packet;
        TimePoint arrived;
    };
    struct Way {
        PublisherMedia* media = nullptr;
        bool awaited = true;  // it has not been there yet
        std::vector<Early> early{};
    };
    Guarded<Way> way_;
    Guarded<std::shared_ptr<net::Worker>> worker_;
    Guarded<ReceptionStats> stats_;
    std::atomic<TimePoint::rep> last_heard_{net::now().time_since_epoch().count()};

    // The worker's.
    std::shared_ptr<PeerPath> path_;
    std::optional<PublisherReception> reception_;
    std::unique_ptr<net::Worker::Timer> timer_;
    TimePoint look_at_ = kNever;  // the statistics
    Bytes scratch_;
};

}  // namespace millrace::webrtc
