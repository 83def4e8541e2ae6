// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/web/assets.hpp"

#include <gio/gio.h>
#include <zlib.h>

#include <memory>

namespace millrace::web {
namespace {

constexpr std::string_view kRoot = "/org/millrace/web/";

constexpr struct {
    std::string_view extension, type;
} kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

std::string type_of(std::string_view name) {
    for (const auto& row : kTypes) {
        if (name.size() > row.extension.size() && name.substr(name.size() - row.extension.size()) == row.extension) {
            return std::string(row.type);
        }
    }
    return "application/octet-stream";
}

Bytes gzipped(ByteView plain) {
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    Bytes packed(deflateBound(&stream, plain.size()));
    stream.next_in = const_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(whole ? stream.total_out : 0);
    deflateEnd(&stream);
    return packed;
}

Bytes contents_of(const std::string& resource) {
    std::unique_ptr<GBytes, decltype(&g_bytes_unref)> data(
        g_resources_lookup_data(resource.c_str(), G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr), &g_bytes_unref);
    if (!data) return {};
    gsize size = 0;
    const auto* bytes = static_cast<const std::uint8_t*>(g_bytes_get_data(data.get(), &size));
    return {bytes, bytes + size};
}

}  // namespace

Assets::Assets() {
    std::unique_ptr<GChecksum, decltype(&g_checksum_free)> checksum(g_checksum_new(G_CHECKSUM_SHA256),
                                                                    &g_checksum_free);
    std::unique_ptr<gchar*, decltype(&g_strfreev)> names(
        g_resources_enumerate_children(std::string(kRoot).c_str(), G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr), &g_strfreev);
    for (gchar** name = names.get(); name && *name; ++name) {
        Bytes plain = contents_of(std::string(kRoot) + *name);
        g_checksum_update(checksum.get(), plain.data(), static_cast<gssize>(plain.size()));
        Bytes packed = gzipped(plain);
        if (packed.size() >= plain.size()) packed.clear();
        files_.emplace(*name, Asset{type_of(*name), Blob(std::move(plain)), Blob(std::move(packed))});
    }
    version_ = std::string(g_checksum_get_string(checksum.get()), 12);
}

const Assets& Assets::embedded() {
    static const Assets assets;
    return assets;
}

const Asset* Assets::find(std::string_view name) const {
    auto found = files_.find(std::string(name));
    return found == files_.end() ? nullptr : &found->second;
}

}  // namespace millrace::web
