// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/playlist_press.hpp"

namespace millrace::hls {

Rendered PlaylistPress::render(const Snapshot& snapshot, const RenditionSnapshot& rendition) {
    const StemKey key = stem_key(snapshot, rendition, form_);
    if (key != key_) {
        stem_ = playlist_stem(snapshot, rendition, form_);
        gzip_.emplace(stem_);
        key_ = key;
    }
    const std::string tail = playlist_tail(snapshot, rendition, form_);
    return {Blob::of(stem_ + tail), Blob(gzip_->with(tail))};
}

}  // namespace millrace::hls
