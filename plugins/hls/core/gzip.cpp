// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/gzip.hpp"

#include <zlib.h>

namespace millrace::hls {

namespace {

constexpr int kLevel = 4;             // the knee of the curve for a few kB of repetitive text
constexpr int kGzipWindow = 15 + 16;  // 32 kB window, gzip wrapper

}  // namespace

// Empty when zlib has no memory: the reply is then sent plain.
Bytes gzip(ByteView bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    Bytes out(deflateBound(&stream, bytes.size()));
    stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib's interface predates const
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(whole ? stream.total_out : 0);
    deflateEnd(&stream);
    out.shrink_to_fit();
    return out;
}

Rendered rendered(std::string_view text) {
    return {Blob::of(text), Blob(gzip(as_bytes(text)))};
}

}  // namespace millrace::hls
