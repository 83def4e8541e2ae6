// SPDX-License-Identifier: LGPL-2.1-or-later
// The passive side of DTLS-SRTP with one viewer (RFC 5764), sans-I/O: datagrams and the time come in, datagrams and a
// deadline come out, and at the end keys. The viewer is who the session description's fingerprint says, or nobody.
//
// The owner's loop: receive() or on_timer(); send take_output(); look at state(); re-arm deadline(). No cookie is asked
// for (RFC 6347 4.2.1): ICE has proved the address before the first datagram gets here.
//
// A datagram that is no DTLS is dropped. One that is, but makes no sense, can end a handshake that has begun: without
// keys there is no telling who sent it. Let only the viewer's own address get here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "webrtc/core/secure/datagram_bio.hpp"
#include "webrtc/core/secure/dtls_context.hpp"
#include "webrtc/core/secure/fingerprint.hpp"
#include "webrtc/core/secure/srtp_keys.hpp"

namespace millrace::webrtc {

class DtlsSession {
  public:
    enum class State {
        handshaking,
        connected,  // keys() are there
        failed,     // error() says why
        closed,     // by the peer's close_notify, or by close()
    };
    // A datagram with 1200 bytes passes everywhere that WebRTC does.
    static constexpr std::size_t kMtu = 1200;
    // RFC 6347 4.2.4.1 says a second, for networks of its time. Doubles with every retransmission up to a limit.
    static constexpr Duration kFirstTimeout = 200ms;
    static constexpr Duration kLongestTimeout = 3s;

    DtlsSession(const DtlsContext& context, const Fingerprint& peer, Duration first_timeout = kFirstTimeout);
    DtlsSession(const DtlsSession&) = delete;
    DtlsSession& operator=(const DtlsSession&) = delete;

    void receive(ByteView datagram, TimePoint now);
    // Call at or after deadline(). OpenSSL keeps its retransmission timer by the wall clock and cannot be told another
    // time: where the two differ, a call comes to nothing and deadline() is later by the difference.
    void on_timer(TimePoint now);
    // When a lost flight is sent again; kNever when nothing is waited for.
    [[nodiscard]] TimePoint deadline() const { return deadline_; }

    // Each a datagram, to be sent in this order.
    std::vector<Bytes> take_output();

    // Says goodbye to a viewer that is connected.
    void close();
    // Frees what OpenSSL holds, nine tenths of a viewer's memory. The state and the keys remain; a last flight that was
    // lost is then not repeated and close_notify not seen, so give the viewer some seconds.
    void release();

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const Error& error() const { return error_; }
    // Once connected.
    [[nodiscard]] const std::optional<SrtpKeys>& keys() const { return keys_; }
    // Datagrams that were no DTLS.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    friend int verify_dtls_peer(X509_STORE_CTX* store, void*);

    bool begin();
    void shake();
    void drain();
    void finish_handshake();
    void start_again_or_fail(std::string why);
    void fail_with(Fault fault, std::string what);
    void arm(TimePoint now);
    [[nodiscard]] bool is_peer(const X509* certificate) const;

    static unsigned next_timeout(SSL* ssl, unsigned microseconds);

    SslContext context_;
    Fingerprint peer_;
    Duration first_timeout_;
    DatagramPort port_;
    Ssl ssl_;  // behind port_, which it writes to until it is freed

    State state_ = State::handshaking;
    Error error_;
    std::optional<SrtpKeys> keys_;
    TimePoint deadline_ = kNever;
    bool answered_ = false;  // we have sent our first flight
    bool mismatch_ = false;  // the certificate was another one
    unsigned restarts_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace millrace::webrtc
