// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/gzip.hpp"

#include <zlib.h>

namespace millrace::hls {

namespace {

constexpr int kLevel = 4;             // the knee of the curve for a few kB of repetitive text
constexpr int kGzipWindow = 13 + 16;  // 8 kB of history are many segments; the gzip wrapper
constexpr int kMemory = 7;            // with the window, some 100 kB a playlist

// Runs `text` through the stream and appends what comes out.
bool deflate_into(z_stream& stream, std::string_view text, int flush, Bytes& out) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib's interface predates const
    stream.avail_in = static_cast<uInt>(text.size());
    int status = Z_OK;
    do {
        const std::size_t before = out.size();
        out.resize(before + 512 + text.size() / 4);
        stream.next_out = out.data() + before;
        stream.avail_out = static_cast<uInt>(out.size() - before);
        status = deflate(&stream, flush);
        out.resize(out.size() - stream.avail_out);
    } while (status == Z_OK && (stream.avail_in > 0 || flush == Z_FINISH));
    return status == (flush == Z_FINISH ? Z_STREAM_END : Z_OK) || (flush != Z_FINISH && status == Z_BUF_ERROR);
}

}  // namespace

struct Gzip::Stream {
    z_stream z{};
    bool usable = false;
    ~Stream() { deflateEnd(&z); }
};

Gzip::Gzip(std::string_view beginning) : stream_(std::make_unique<Stream>()) {
    z_stream& z = stream_->z;
    if (deflateInit2(&z, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return;
    stream_->usable = deflate_into(z, beginning, Z_NO_FLUSH, begun_);
}

Gzip::~Gzip() = default;
Gzip::Gzip(Gzip&&) noexcept = default;
Gzip& Gzip::operator=(Gzip&&) noexcept = default;

Bytes Gzip::with(std::string_view ending) const {
    Stream copy;
    if (!stream_->usable || deflateCopy(&copy.z, &stream_->z) != Z_OK) return {};
    Bytes out = begun_;
    return deflate_into(copy.z, ending, Z_FINISH, out) ? out : Bytes();
}

}  // namespace millrace::hls
