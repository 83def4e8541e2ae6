// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/origin.hpp"

#include <charconv>
#include <optional>

#include "hls/core/byte_range.hpp"
#include "hls/core/directives.hpp"
#include "hls/core/reload.hpp"
#include "hls/core/reply_headers.hpp"

namespace millrace::hls {

namespace {

Reply error(unsigned status, std::pair<std::string, std::string> cache, std::string_view reason) {
    Reply reply;
    reply.status = status;
    reply.headers = {
        {"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}, std::move(cache)};
    reply.body = {Blob::of(std::string(reason) + "\n")};
    return reply;
}

Reply missing(const Snapshot& snapshot, Kept kept, std::string_view reason) {
    return error(404, cache_control(kept, snapshot.promises.target_duration), reason);
}

Reply not_yet() {
    Reply reply = error(404, cache_control(Kept::missing, 0), "The stream has not started yet.");
    reply.headers.emplace_back("Retry-After", "1");
    return reply;
}

std::size_t size_of(const std::vector<Blob>& body) {
    std::size_t sum = 0;
    for (const Blob& blob : body) sum += blob.size();
    return sum;
}

Reply playlist_reply(const Snapshot& snapshot, const Request& request, const Rendered& text, Kept kept) {
    Reply reply;
    reply.headers = playlist_headers(kept, snapshot.promises.target_duration);
    const bool zipped = request.accepts_gzip && !text.gzip.empty();
    if (zipped) reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = {zipped ? text.gzip : text.plain};
    return reply;
}

Reply media_reply(const Snapshot& snapshot, const Request& request, codec::Kind kind, Kept kept,
                  std::vector<Blob> body) {
    Reply reply;
    reply.headers = media_headers(kept, kind, snapshot.promises.target_duration);
    const std::uint64_t size = size_of(body);
    const auto range = parse_range(request.range, size);
    if (std::holds_alternative<Unsatisfiable>(range)) {
        Reply refused = error(416, cache_control(Kept::never, 0), "The range lies outside the resource.");
        refused.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
        return refused;
    }
    if (const auto* part = std::get_if<ByteRange>(&range)) {
        reply.status = 206;
        reply.headers.emplace_back("Content-Range", "bytes " + std::to_string(part->first) + "-" +
                                                        std::to_string(part->last) + "/" + std::to_string(size));
        reply.body = slice(body, *part);
    } else {
        reply.body = std::move(body);
    }
    return reply;
}

// "p17.m4s" with prefix "p" and suffix ".m4s" -> 17. Only the spelling that playlists use: one URL, one resource.
std::optional<std::uint64_t> number_in(std::string_view name, std::string_view prefix, std::string_view suffix) {
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return {};
    const std::string_view digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (digits.size() > 1 && digits.front() == '0') return {};
    std::uint64_t value = 0;
    const auto [stopped, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || stopped != digits.data() + digits.size()) return {};
    return value;
}

// Requests below one rendition's folder.
class RenditionOrigin {
  public:
    RenditionOrigin(const Snapshot& snapshot, const RenditionSnapshot& rendition, const Request& request)
        : snapshot_(snapshot), rendition_(rendition), request_(request) {}

    Answer answer(std::string_view name) const {
        if (name == kMediaPlaylist) return playlist();
        if (const auto number = number_in(name, "p", ".m4s")) return part(*number);
        if (const auto msn = number_in(name, "s", ".m4s")) return segment(*msn);
        if (const auto number = number_in(name, "init-", ".mp4")) return init(*number);
        return missing(snapshot_, Kept::missing_media, "There is no such resource.");
    }

  private:
    Answer playlist() const {
        const auto directives = parse_directives(request_.query);
        if (!directives) return error(400, cache_control(Kept::never, 0), directives.error().what);
        if (!rendition_.listed) return not_yet();
        const Kept kept = directives->msn ? Kept::blocking_playlist : Kept::playlist;
        if (directives->msn && !snapshot_.ended && !request_.head) {
            const std::int64_t part = directives->part ? static_cast<std::int64_t>(*directives->part) : -1;
            if (too_far_ahead(snapshot_, rendition_, *directives->msn, part)) {
                return error(400, cache_control(Kept::never, 0), "The playlist is not that far yet.");
            }
            if (!reached(snapshot_, rendition_, *directives->msn, part))
                return wait_for_playlist(*directives->msn, part);
        }
        const bool delta = directives->skip && !rendition_.delta.plain.empty();
        return playlist_reply(snapshot_, request_, delta ? rendition_.delta : rendition_.full, kept);
    }

    Answer part(std::uint64_t number) const {
        if (const Part* found = rendition_.part(number)) {
            if (found->gap) return missing(snapshot_, Kept::abandoned_hint, "This part was never produced.");
            return media({found->head, found->payload}, Kept::media);
        }
        const bool hinted = rendition_.listed && number == rendition_.next_part && !snapshot_.ended;
        if (!hinted) return missing(snapshot_, Kept::missing_media, "There is no such part.");
        if (request_.head) return missing(snapshot_, Kept::abandoned_hint, "This part is not there yet.");
        Wait wait = wait_for(Wait::For::part);
        wait.part_number = number;
        return wait;
    }

    Answer segment(std::uint64_t msn) const {
        const Segment* found = rendition_.segment(msn);
        if (!found || found->gap()) return missing(snapshot_, Kept::missing_media, "There is no such segment.");
        return media(found->blobs(), Kept::media);
    }

    Answer init(std::uint64_t number) const {
        const Init* found = rendition_.init(number);
        if (!found) return missing(snapshot_, Kept::missing_media, "There is no such initialization segment.");
        return media({found->bytes}, Kept::init);
    }

    Answer media(std::vector<Blob> body, Kept kept) const {
        return media_reply(snapshot_, request_, rendition_.kind, kept, std::move(body));
    }

    Answer wait_for_playlist(std::uint64_t msn, std::int64_t part) const {
        Wait wait = wait_for(Wait::For::playlist);
        wait.media_sequence = msn;
        wait.part = part;
        return wait;
    }

    Wait wait_for(Wait::For what) const {
        Wait wait;
        wait.what = what;
        wait.rendition = static_cast<std::size_t>(&rendition_ - snapshot_.renditions.data());
        wait.longest = 3 * snapshot_.promises.target();  // DD-10, HINT-7
        return wait;
    }

    const Snapshot& snapshot_;
    const RenditionSnapshot& rendition_;
    const Request& request_;
};

Answer answer_get(const Snapshot& snapshot, const Request& request) {
    if (request.resource == snapshot.promises.playlist_name) {
        if (!snapshot.published) return not_yet();
        return playlist_reply(snapshot, request, snapshot.multivariant, Kept::multivariant);
    }
    const std::size_t slash = request.resource.find('/');
    const RenditionSnapshot* rendition =
        slash == request.resource.npos ? nullptr : snapshot.find(request.resource.substr(0, slash));
    if (!rendition) return missing(snapshot, Kept::missing, "There is no such resource.");
    return RenditionOrigin(snapshot, *rendition, request).answer(request.resource.substr(slash + 1));
}

}  // namespace

Answer answer(const Snapshot& snapshot, const Request& request) {
    Answer answer = answer_get(snapshot, request);
    if (auto* reply = std::get_if<Reply>(&answer); reply && request.head) {
        reply->headers.emplace_back("Content-Length", std::to_string(size_of(reply->body)));
        reply->body.clear();
    }
    return answer;
}

bool ready(const Snapshot& snapshot, const Wait& wait) {
    if (snapshot.ended || wait.rendition >= snapshot.renditions.size()) return true;
    const RenditionSnapshot& rendition = snapshot.renditions[wait.rendition];
    if (wait.what == Wait::For::part) return wait.part_number != rendition.next_part;
    return reached(snapshot, rendition, wait.media_sequence, wait.part);
}

Reply timed_out(const Wait& wait) {
    if (wait.what == Wait::For::part) {
        return error(404, cache_control(Kept::never, 0), "The part did not come in time.");
    }
    Reply reply = error(503, cache_control(Kept::never, 0), "The playlist did not advance in time.");
    reply.headers.emplace_back("Retry-After", "1");
    return reply;
}

bool owns(const Snapshot& snapshot, std::string_view resource) {
    if (resource == snapshot.promises.playlist_name) return true;
    const std::size_t slash = resource.find('/');
    return slash != resource.npos && snapshot.find(resource.substr(0, slash)) != nullptr;
}

}  // namespace millrace::hls
