// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/secure/datagram_bio.hpp"

#include <algorithm>
#include <cstring>

#include "webrtc/core/secure/openssl.hpp"

namespace millrace::webrtc {

namespace {

struct End {
    DatagramPort* port;
    long mtu;
};

End* end_of(BIO* bio) {
    return static_cast<End*>(BIO_get_data(bio));
}

// Like recv(): what does not fit into the reader's buffer is lost.
int read(BIO* bio, char* out, int room) {
    BIO_clear_retry_flags(bio);
    auto& incoming = end_of(bio)->port->incoming;
    if (!incoming) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t size = std::min(incoming->size(), static_cast<std::size_t>(std::max(room, 0)));
    if (size > 0) std::memcpy(out, incoming->data(), size);
    incoming.reset();
    return static_cast<int>(size);
}

// One that is dropped here is one that the network lost.
int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    auto& outgoing = end_of(bio)->port->outgoing;
    if (size > 0 && outgoing.size() < DatagramPort::kMaxOutgoing) outgoing.emplace_back(bytes, bytes + size);
    return size;
}

long control(BIO* bio, int command, long, void*) {
    switch (command) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_DGRAM_QUERY_MTU:
        case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
            return end_of(bio)->mtu;
        default:
            return 0;
    }
}

int destroy(BIO* bio) {
    delete end_of(bio);
    BIO_set_data(bio, nullptr);
    return 1;
}

BioMethod make_method() {
    BioMethod method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram port"));
    if (method == nullptr) return nullptr;
    BIO_meth_set_read(method.get(), read);
    BIO_meth_set_write(method.get(), write);
    BIO_meth_set_ctrl(method.get(), control);
    BIO_meth_set_destroy(method.get(), destroy);
    return method;
}

}  // namespace

BIO* make_datagram_bio(DatagramPort& port, std::size_t mtu) {
    static const BioMethod kMethod = make_method();
    BIO* bio = kMethod != nullptr ? BIO_new(kMethod.get()) : nullptr;
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, new End{&port, static_cast<long>(mtu)});
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace millrace::webrtc
