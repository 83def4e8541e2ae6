// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/media_playlist.hpp"

#include "hls/core/media_time.hpp"
#include "hls/core/playlist_text.hpp"

namespace millrace::hls {

namespace {

constexpr int kVersion = 6;       // EXT-X-MAP outside I-frame playlists (SYN-6)
constexpr int kDeltaVersion = 9;  // EXT-X-SKIP
constexpr int kPartsWithin = 3;   // target durations from the end (PART-10)

std::string number_tag(std::string_view name, std::uint64_t value) {
    return "#" + std::string(name) + ":" + std::to_string(value) + "\n";
}

Duration end_of(const Segment& segment) {
    return duration_of(segment.start + segment.duration, segment.timescale);
}

// Where the media ends that the playlist lists: the last part's end (G-1).
Duration playlist_end(const RenditionSnapshot& rendition) {
    if (!rendition.open->parts.empty()) return end_of(*rendition.open);
    return rendition.segments.empty() ? Duration(0) : end_of(*rendition.segments.back());
}

bool lists_parts(const Segment& segment, Duration playlist_end, const Promises& promises) {
    return playlist_end - end_of(segment) <= kPartsWithin * promises.target();
}

class Writer {
  public:
    Writer(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form)
        : snapshot_(snapshot), rendition_(rendition), form_(form), end_(playlist_end(rendition)) {}

    std::string stem() && {
        const std::size_t skipped = form_ == Form::delta ? skippable(snapshot_, rendition_) : 0;
        header(skipped > 0 ? kDeltaVersion : kVersion);
        if (skipped > 0) out_ += AttributeList("EXT-X-SKIP").add("SKIPPED-SEGMENTS", std::to_string(skipped)).line();
        for (std::size_t i = rendition_.first_listed + skipped; i < rendition_.segments.size(); ++i) {
            finished(*rendition_.segments[i]);
        }
        return std::move(out_);
    }

    std::string tail() && {
        map_written_ = rendition_.first_listed < rendition_.segments.size();
        if (map_written_) map_ = rendition_.segments.back()->init;
        if (form_ != Form::plain && !rendition_.open->parts.empty()) {
            segment_tags(*rendition_.open);
            parts(*rendition_.open);
        }
        footer();
        return std::move(out_);
    }

  private:
    void header(int version) {
        const Promises& promises = snapshot_.promises;
        out_ += "#EXTM3U\n";
        out_ += number_tag("EXT-X-VERSION", static_cast<std::uint64_t>(version));
        out_ += number_tag("EXT-X-TARGETDURATION", promises.target_duration);
        if (form_ != Form::plain) {
            server_control();
            out_ += AttributeList("EXT-X-PART-INF").add("PART-TARGET", decimal(promises.part_target)).line();
        }
        const Segment& first = first_listed();
        out_ += number_tag("EXT-X-MEDIA-SEQUENCE", first.msn);
        out_ +=
            number_tag("EXT-X-DISCONTINUITY-SEQUENCE", first.discontinuity_sequence - (first.discontinuity ? 1 : 0));
    }

    void server_control() {
        const Promises& promises = snapshot_.promises;
        out_ += AttributeList("EXT-X-SERVER-CONTROL")
                    .add("CAN-BLOCK-RELOAD", "YES")
                    .add("PART-HOLD-BACK", decimal(3 * std::int64_t{promises.part_target}))
                    .add("HOLD-BACK", decimal(3 * kPrinted * promises.target_duration))
                    .add_if(promises.can_skip, "CAN-SKIP-UNTIL", decimal(6 * kPrinted * promises.target_duration))
                    .line();
    }

    [[nodiscard]] const Segment& first_listed() const {
        const bool any = rendition_.first_listed < rendition_.segments.size();
        return any ? *rendition_.segments[rendition_.first_listed] : *rendition_.open;
    }

    void finished(const Segment& segment) {
        segment_tags(segment);
        if (form_ != Form::plain && lists_parts(segment, end_, snapshot_.promises)) parts(segment);
        if (segment.gap()) out_ += "#EXT-X-GAP\n";
        out_ += "#EXTINF:" + decimal(printed_of(segment.duration, segment.timescale)) + ",\n";
        out_ += segment_name(segment.msn) + "\n";
    }

    // Stand before the first part of their segment (PART-9). A playlist that begins anywhere names its map (SK-4).
    void segment_tags(const Segment& segment) {
        if (segment.discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
        if (!map_written_ || segment.init != map_) {
            out_ += AttributeList("EXT-X-MAP").add("URI", quoted(init_name(segment.init))).line();
            map_ = segment.init;
            map_written_ = true;
        }
        if (snapshot_.promises.program_date_time) out_ += "#EXT-X-PROGRAM-DATE-TIME:" + date_time(segment.date) + "\n";
    }

    void parts(const Segment& segment) {
        for (const auto& part : segment.parts) {
            out_ += AttributeList("EXT-X-PART")
                        .add("DURATION", decimal(printed_of(part->duration, segment.timescale)))
                        .add("URI", quoted(part_name(part->number)))
                        .add_if(part->independent, "INDEPENDENT", "YES")
                        .add_if(part->gap, "GAP", "YES")
                        .line();
        }
    }

    void footer() {
        if (snapshot_.ended) {
            out_ += "#EXT-X-ENDLIST\n";
            return;
        }
        if (form_ == Form::plain) return;
        preload_hints();
        for (const RenditionSnapshot& other : snapshot_.renditions) {
            if (other.listed && &other != &rendition_) report(other);
        }
    }

    void preload_hints() {
        if (rendition_.next_init != map_) {
            out_ += AttributeList("EXT-X-PRELOAD-HINT")
                        .add("TYPE", "MAP")
                        .add("URI", quoted(init_name(rendition_.next_init)))
                        .line();
        }
        out_ += AttributeList("EXT-X-PRELOAD-HINT")
                    .add("TYPE", "PART")
                    .add("URI", quoted(part_name(rendition_.next_part)))
                    .line();
    }

    void report(const RenditionSnapshot& other) {
        const Position last = other.last();
        if (last.part < 0) return;
        out_ += AttributeList("EXT-X-RENDITION-REPORT")
                    .add("URI", quoted("../" + other.name + "/" + std::string(kMediaPlaylist)))
                    .add("LAST-MSN", std::to_string(last.msn))
                    .add("LAST-PART", std::to_string(last.part))
                    .line();
    }

    const Snapshot& snapshot_;
    const RenditionSnapshot& rendition_;
    const Form form_;
    const Duration end_;
    std::string out_;
    std::uint64_t map_ = 0;
    bool map_written_ = false;
};

}  // namespace

std::size_t skippable(const Snapshot& snapshot, const RenditionSnapshot& rendition) {
    if (!snapshot.promises.can_skip || snapshot.ended || rendition.segments.empty()) return 0;
    const Duration end = end_of(*rendition.segments.back());
    std::size_t count = 0;
    for (std::size_t i = rendition.first_listed; i < rendition.segments.size(); ++i, ++count) {
        if (end - end_of(*rendition.segments[i]) < snapshot.promises.skip_until()) break;
    }
    return count;
}

std::string playlist_stem(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form) {
    return Writer(snapshot, rendition, form).stem();
}

std::string playlist_tail(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form) {
    return Writer(snapshot, rendition, form).tail();
}

std::string media_playlist(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form) {
    return playlist_stem(snapshot, rendition, form) + playlist_tail(snapshot, rendition, form);
}

StemKey stem_key(const Snapshot& snapshot, const RenditionSnapshot& rendition, Form form) {
    const std::uint64_t next = rendition.segments.empty() ? rendition.open->msn : rendition.segments.back()->msn + 1;
    StemKey key{.first_msn = next - (rendition.segments.size() - rendition.first_listed),
                .next_msn = next,
                .first_msn_with_parts = next,
                .skipped = form == Form::delta ? skippable(snapshot, rendition) : 0};
    const Duration end = playlist_end(rendition);
    for (std::size_t i = rendition.segments.size(); i > rendition.first_listed; --i) {
        if (!lists_parts(*rendition.segments[i - 1], end, snapshot.promises)) break;
        --key.first_msn_with_parts;
    }
    return key;
}

}  // namespace millrace::hls
