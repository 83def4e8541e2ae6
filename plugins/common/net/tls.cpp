// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/thread.hpp"
#include "common/net/log.hpp"
#include "common/net/worker.hpp"

namespace millrace::net {

namespace {

struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::shared_ptr<SSL_CTX>;

constexpr std::size_t kRecord = 16 << 10;  // RFC 8446, 5.1: the most plain text of one record
constexpr Duration kLookAgain = 1s;        // how often the files are looked at

std::string last_tls_error() {
    unsigned long code = ERR_get_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason ? reason : "unknown TLS error";
}

// OpenSSL's own socket BIO calls write(), which raises SIGPIPE in the process we are embedded in. This one does not.

int socket_of(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_result(BIO* bio, ssize_t count, void (*retry)(BIO*)) {
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) retry(bio);
    return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* data, int size) {
    return bio_result(bio, ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL),
                      [](BIO* b) { BIO_set_retry_write(b); });
}

int bio_read(BIO* bio, char* data, int size) {
    ssize_t count = ::recv(socket_of(bio), data, static_cast<std::size_t>(size), 0);
    if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return bio_result(bio, count, [](BIO* b) { BIO_set_retry_read(b); });
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* socket_method() {
    static BIO_METHOD* method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "millrace socket");
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_ctrl(made, bio_control);
        BIO_meth_set_create(made, [](BIO* bio) {
            BIO_set_init(bio, 1);
            return 1;
        });
        return made;
    }();
    return method;
}

class TlsStream : public Stream {
  public:
    TlsStream(Descriptor socket, Context context) : socket_(std::move(socket)), session_(SSL_new(context.get())) {
        BIO* bio = BIO_new(socket_method());
        BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket_.get())));
        SSL_set_bio(session_.get(), bio, bio);
        SSL_set_accept_state(session_.get());
    }

    Progress read(std::span<std::uint8_t> into) override {
        ERR_clear_error();
        std::size_t count = 0;
        int result = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
        return progress(result, count);
    }

    Progress write(std::span<const iovec> from) override {
        ERR_clear_error();
        std::array<std::uint8_t, kRecord> gathered;  // many small pieces make one record
        std::span<const std::uint8_t> record = gather(from, gathered);
        std::size_t count = 0;
        int result = SSL_write_ex(session_.get(), record.data(), record.size(), &count);
        return progress(result, count);
    }

    void end_writing() override {
        SSL_shutdown(session_.get());
        ERR_clear_error();
        ::shutdown(socket_.get(), SHUT_WR);
    }

    [[nodiscard]] int descriptor() const override { return socket_.get(); }
    [[nodiscard]] bool encrypted() const override { return true; }

    [[nodiscard]] std::string_view protocol() const override {
        const unsigned char* name = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(session_.get(), &name, &length);
        return {reinterpret_cast<const char*>(name), length};
    }

  private:
    static std::span<const std::uint8_t> gather(std::span<const iovec> from, std::array<std::uint8_t, kRecord>& into) {
        const auto& first = from.front();
        if (from.size() == 1 || first.iov_len >= kRecord)
            return {static_cast<const std::uint8_t*>(first.iov_base), std::min(first.iov_len, kRecord)};
        std::size_t filled = 0;
        for (const auto& piece : from) {
            std::size_t count = std::min(piece.iov_len, kRecord - filled);
            std::memcpy(into.data() + filled, piece.iov_base, count);
            filled += count;
        }
        return {into.data(), filled};
    }

    Progress progress(int result, std::size_t count) {
        if (result == 1) return {Progress::State::moved, count, {}};
        int because = SSL_get_error(session_.get(), result);
        int system = errno;
        switch (because) {
            case SSL_ERROR_WANT_READ:
                return {Progress::State::must_read, 0, {}};
            case SSL_ERROR_WANT_WRITE:
                return {Progress::State::must_write, 0, {}};
            case SSL_ERROR_ZERO_RETURN:
                return {Progress::State::ended, 0, {}};
            case SSL_ERROR_SYSCALL:
                return {Progress::State::broken, 0, system ? std::strerror(system) : "closed"};
            default:
                return {Progress::State::broken, 0, "TLS: " + last_tls_error()};
        }
    }

    Descriptor socket_;
    std::unique_ptr<SSL, Free> session_;
};

// What tells one version of a file from the next.
struct Stamp {
    timespec modified{};
    off_t size = 0;
    ino_t inode = 0;

    static Stamp of(const std::string& path) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) return {};
        return {status.st_mtim, status.st_size, status.st_ino};
    }
    bool operator==(const Stamp& other) const {
        return modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
               size == other.size && inode == other.inode;
    }
};

std::string alpn_wire(const std::vector<std::string>& protocols) {
    std::string wire;  // RFC 7301, 3.1: each name after its length
    for (const auto& name : protocols) wire += static_cast<char>(name.size()) + name;
    return wire;
}

class Identity : public TlsIdentity {
  public:
    Identity(TlsFiles files, const std::vector<std::string>& protocols)
        : files_(std::move(files)), alpn_(alpn_wire(protocols)) {}

    Result<> load() {
        Lock lock(mutex_);
        return read_files();
    }

    std::unique_ptr<Stream> serve(Descriptor socket) override {
        return std::make_unique<TlsStream>(std::move(socket), current());
    }

  private:
    Context current() {
        Lock lock(mutex_);
        if (now() - looked_ >= kLookAgain) {
            looked_ = now();
            if (!(Stamp::of(files_.certificate) == certificate_) || !(Stamp::of(files_.key) == key_)) {
                if (auto read = read_files(); read)
                    log_notice("read the TLS certificate " + files_.certificate + " again: it changed");
                else
                    log_notice(read.error().what + "; serving with the certificate read before");
            }
        }
        return context_;
    }

    Result<> read_files() REQUIRES(mutex_) {
        certificate_ = Stamp::of(files_.certificate);
        key_ = Stamp::of(files_.key);
        looked_ = now();
        ERR_clear_error();
        Context context(SSL_CTX_new(TLS_server_method()), Free());
        SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
        SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
        SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                            SSL_MODE_RELEASE_BUFFERS);
        if (SSL_CTX_use_certificate_chain_file(context.get(), files_.certificate.c_str()) != 1)
            return cannot_use("certificate", files_.certificate);
        if (SSL_CTX_use_PrivateKey_file(context.get(), files_.key.c_str(), SSL_FILETYPE_PEM) != 1)
            return cannot_use("key", files_.key);
        if (SSL_CTX_check_private_key(context.get()) != 1) return cannot_use("key", files_.key);
        if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, this);
        context_ = std::move(context);
        return {};
    }

    static tl::unexpected<Error> cannot_use(const char* what, const std::string& path) {
        return fail(Fault::no_resource,
                    "cannot use the TLS " + std::string(what) + " '" + path + "': " + last_tls_error());
    }

    static int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                               unsigned offered_length, void* self) {
        const auto& ours = static_cast<Identity*>(self)->alpn_;
        int result = SSL_select_next_proto(const_cast<unsigned char**>(chosen), length,
                                           reinterpret_cast<const unsigned char*>(ours.data()),
                                           static_cast<unsigned>(ours.size()), offered, offered_length);
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
    }

    const TlsFiles files_;
    const std::string alpn_;
    Mutex mutex_;
    Context context_ GUARDED_BY(mutex_);
    Stamp certificate_ GUARDED_BY(mutex_);
    Stamp key_ GUARDED_BY(mutex_);
    TimePoint looked_ GUARDED_BY(mutex_){};
};

}  // namespace

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(const TlsFiles& files, std::vector<std::string> protocols) {
    auto identity = std::make_shared<Identity>(files, protocols);
    if (auto loaded = identity->load(); !loaded) return tl::unexpected(loaded.error());
    return identity;
}

}  // namespace millrace::net
