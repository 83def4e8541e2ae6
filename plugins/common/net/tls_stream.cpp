// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/tls_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "common/net/gobject.hpp"

namespace millrace::net {

namespace {

constexpr std::size_t kRecord = 16 << 10;  // RFC 8446, 5.1: the most plain text of one record

// Under TLS it is GIO that knows what is ready: input may be decrypted already, and output may wait for a handshake.
class GioReadiness : public Readiness {
  public:
    GioReadiness(Worker& worker, GIOStream* stream, std::function<void(Stream::Ready)> ready)
        : context_(worker.context()), stream_(stream), ready_(std::move(ready)) {}
    ~GioReadiness() override { want(false, false); }
    GioReadiness(const GioReadiness&) = delete;
    GioReadiness& operator=(const GioReadiness&) = delete;

    void want(bool read, bool write) override {
        auto* input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(stream_));
        auto* output = G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(stream_));
        if (read != (read_ != nullptr))
            read ? attach(read_, g_pollable_input_stream_create_source(input, nullptr), on_readable) : detach(read_);
        if (write != (write_ != nullptr))
            write ? attach(write_, g_pollable_output_stream_create_source(output, nullptr), on_writable)
                  : detach(write_);
    }

  private:
    void attach(GSource*& slot, GSource* source, GPollableSourceFunc function) {
        slot = source;
        g_source_set_callback(source, G_SOURCE_FUNC(function), this, nullptr);
        g_source_attach(source, context_);
    }
    static void detach(GSource*& slot) {
        g_source_destroy(slot);
        g_source_unref(slot);
        slot = nullptr;
    }

    static gboolean on_readable(GObject*, gpointer self) { return tell(self, {.read = true}); }
    static gboolean on_writable(GObject*, gpointer self) { return tell(self, {.write = true}); }
    static gboolean tell(gpointer self, Stream::Ready ready) {
        auto function = static_cast<GioReadiness*>(self)->ready_;  // the call may end us
        function(ready);
        return G_SOURCE_CONTINUE;  // of no effect when the call detached it
    }

    GMainContext* context_;
    GIOStream* stream_;
    std::function<void(Stream::Ready)> ready_;
    GSource* read_ = nullptr;
    GSource* write_ = nullptr;
};

class TlsStream : public Stream {
  public:
    TlsStream(GObjectRef<GSocket> socket, GObjectRef<GIOStream> tls)
        : socket_(std::move(socket)), tls_(std::move(tls)) {}
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;
    // A handshake that goes on holds references; closed under it, it fails.
    ~TlsStream() override { g_socket_close(socket_.get(), nullptr); }

    std::unique_ptr<Readiness> tell(Worker& worker, std::function<void(Ready)> ready) override {
        return std::make_unique<GioReadiness>(worker, tls_.get(), std::move(ready));
    }

    Progress read(std::span<std::uint8_t> into) override {
        GErrorText error;
        gssize count =
            g_pollable_input_stream_read_nonblocking(G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(tls_.get())),
                                                     into.data(), into.size(), nullptr, error.out());
        if (count == 0) return {Progress::State::ended, 0, {}};
        return progress(count, error);
    }

    Progress write(std::span<const iovec> from) override {
        std::array<std::uint8_t, kRecord> gathered;  // many small pieces make one record
        auto record = gather(from, gathered);
        GErrorText error;
        gssize count = g_pollable_output_stream_write_nonblocking(
            G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(tls_.get())), record.data(), record.size(), nullptr,
            error.out());
        return progress(count, error);
    }

    void end_writing() override { g_socket_shutdown(socket_.get(), FALSE, TRUE, nullptr); }

    [[nodiscard]] bool short_read_is_all() const override { return false; }

  private:
    static std::span<const std::uint8_t> gather(std::span<const iovec> from, std::array<std::uint8_t, kRecord>& into) {
        std::size_t filled = 0;
        for (const auto& piece : from) {
            std::size_t count = std::min(piece.iov_len, kRecord - filled);
            std::memcpy(into.data() + filled, piece.iov_base, count);
            filled += count;
        }
        return {into.data(), filled};
    }

    static Progress progress(gssize count, const GErrorText& error) {
        if (count >= 0) return {Progress::State::moved, static_cast<std::size_t>(count), {}};
        if (g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) return {Progress::State::blocked, 0, {}};
        return {Progress::State::broken, 0, error.text()};
    }

    const GObjectRef<GSocket> socket_;
    const GObjectRef<GIOStream> tls_;
};

}  // namespace

std::unique_ptr<Stream> tls_stream(Descriptor descriptor, GTlsCertificate* certificate) {
    auto socket = owned(g_socket_new_from_fd(descriptor.get(), nullptr));
    if (!socket) return nullptr;
    std::move(descriptor).release();  // the GSocket's now
    auto connection = owned(G_IO_STREAM(g_socket_connection_factory_create_connection(socket.get())));
    auto tls = owned(g_tls_server_connection_new(connection.get(), certificate, nullptr));
    if (!tls) return nullptr;
    // Publishers close the socket as it is (RFC 8446, 6.1 forgives what ends by its own framing).
    g_object_set(tls.get(), "require-close-notify", FALSE, nullptr);
    return std::make_unique<TlsStream>(std::move(socket), std::move(tls));
}

}  // namespace millrace::net
