// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hls/core/rendition.hpp"

#include <algorithm>
#include <utility>

#include "hls/core/media_time.hpp"

namespace millrace::hls {

Rendition::Rendition(Promises promises, std::uint64_t first_number, std::uint64_t declared_bit_rate)
    : promises_(std::move(promises)),
      next_number_(first_number),
      next_init_(first_number),
      bandwidth_(promises_.target(), declared_bit_rate) {}

Result<> Rendition::prepare(Track track) {
    auto header = cmaf_header(track);
    if (!header) return tl::unexpected(std::move(header).error());
    prepared_ = std::move(track);
    // One that nothing was made of is replaced: a reader may have seen its hint, so the number is not used again.
    if (!inits_.empty() && inits_.back()->number != init_) inits_.pop_back();
    inits_.push_back(std::make_shared<const Init>(Init{next_init_++, Blob(std::move(*header))}));
    ++revision_;
    return {};
}

void Rendition::adopt() {
    // The end of what there is, in the new track's ticks: never earlier than it was (CM-6).
    if (track_.timescale != prepared_.timescale) {
        end_ = divide_up(Wide{end_} * prepared_.timescale, track_.timescale);
    }
    track_ = prepared_;
    limits_ = PartLimits::of(promises_.part_target, track_.timescale);
    init_ = inits_.back()->number;
}

Duration Rendition::end_time() const {
    return duration_of(end(), track_.timescale);
}

BitRate Rendition::bit_rate() const {
    return bandwidth_.rate(open_ ? open_->bytes() : 0, open_ ? open_->length() : Duration(0));
}

UnixTime Rendition::date_of(const SegmentStart& start, std::int64_t ticks) const {
    return start.date_zero + duration_of(ticks, track_.timescale);
}

void Rendition::begin_segment(const SegmentStart& start, bool continues) {
    if (!continues) end_ = std::max(end_, ticks_up(start.at, track_.timescale));
    if (open_ && !segment_is_empty()) end_segment();
    open_ = std::make_unique<Segment>();
    open_->msn = start.msn;
    open_->timescale = track_.timescale;
    open_->start = end_;
    open_->date = date_of(start, end_);
    open_->discontinuity = start.discontinuity;
    open_->discontinuity_sequence = start.discontinuity_sequence;
    open_->init = init_;
    open_has_chunk_ = false;
    if (finished_.empty()) first_listed_ = start.msn;
}

void Rendition::append(const Placement& placement, const Frame& frame, bool independent) {
    if (part_.empty()) part_.begin(end_);
    part_.add(placement, frame, independent);
    // The part is full, and goes out now, when the frame after this one could not be in it.
    if (part_.overfull() || !part_.fits(part_.expected_next(), placement.nominal, limits_)) close_part();
}

void Rendition::close_part(std::int64_t next) {
    if (part_.empty()) return;
    OpenPart::Finished done = part_.finish(next, limits_.longest);
    ChunkHead head;
    head.sequence_number = ++sequence_;
    head.base_decode_time = static_cast<std::uint64_t>(done.start);
    head.samples = done.samples;
    head.starts_segment = !open_has_chunk_;
    head.ends_stream = stream_ends_;
    open_has_chunk_ = true;
    end_ = done.start + done.duration;
    add_part(std::make_shared<const Part>(Part{.number = next_number_,
                                               .duration = done.duration,
                                               .independent = done.independent,
                                               .head = Blob(cmaf_chunk_head(track_, head)),
                                               .payload = Blob(std::move(done.payload))}));
    ++parts_made_;
}

void Rendition::close_part() {
    if (part_.empty()) return;
    // Never shorter than the rules allow: what is added here, the next part's first frame has less (PART-3).
    close_part(std::max(part_.expected_next(), part_.start() + limits_.shortest));
}

void Rendition::add_gap(std::int64_t until) {
    close_part(until);
    if (until <= end_) return;
    const std::int64_t count = divide_up(until - end_, limits_.longest);
    for (std::int64_t left = count; left > 0; --left) {
        const std::int64_t length = divide_up(until - end_, left);
        end_ += length;
        add_part(std::make_shared<const Part>(Part{.number = next_number_, .duration = length, .gap = true}));
        ++gaps_made_;
    }
}

void Rendition::add_part(std::shared_ptr<const Part> part) {
    ++next_number_;
    bytes_held_ += part->head.size() + part->payload.size();
    open_->duration += part->duration;
    open_->parts.push_back(std::move(part));
    ++revision_;
}

void Rendition::end_segment() {
    next_msn_ = open_->msn + 1;
    next_discontinuity_sequence_ = open_->discontinuity_sequence;
    bandwidth_.add_segment(open_->bytes(), open_->length());
    finished_.push_back(std::shared_ptr<const Segment>(std::move(open_)));
    ++revision_;
}

void Rendition::end_stream() {
    stream_ends_ = true;
    close_part(part_.empty() ? end_ : part_.expected_next());
    if (open_ && open_->parts.empty()) open_.reset();
    if (open_) end_segment();
    ++revision_;
}

void Rendition::unlist_before(std::uint64_t msn, TimePoint now, Duration keep) {
    while (first_listed_ < msn && !finished_.empty() && first_listed_ <= finished_.back()->msn) {
        const Segment& leaving = *finished_[first_listed_ - finished_.front()->msn];
        const TimePoint after = expiry_.empty() ? now : std::max(now, expiry_.back());
        expiry_.push_back(std::max(after, now + keep + leaving.length()));
        ++first_listed_;
        ++revision_;
    }
}

void Rendition::forget_oldest() {
    bytes_held_ -= finished_.front()->bytes();
    finished_.pop_front();
    if (expiry_.empty()) {
        ++first_listed_;
    } else {
        expiry_.pop_front();
    }
    // An initialization segment is needed as long as any segment names it.
    const std::uint64_t oldest = finished_.empty() ? init_ : finished_.front()->init;
    while (inits_.size() > 1 && inits_.front()->number < oldest) inits_.pop_front();
    ++revision_;
}

void Rendition::expire(TimePoint now) {
    while (!expiry_.empty() && expiry_.front() <= now) forget_oldest();
}

TimePoint Rendition::next_expiry() const {
    return expiry_.empty() ? kNever : expiry_.front();
}

bool Rendition::shed(std::size_t most) {
    bool any = false;
    while (bytes_held_ > most && finished_.size() > 1) {
        forget_oldest();
        any = true;
    }
    return any;
}

void Rendition::fill(RenditionSnapshot& snapshot) const {
    snapshot.segments.assign(finished_.begin(), finished_.end());
    snapshot.first_listed = finished_.empty() ? 0 : static_cast<std::size_t>(first_listed_ - finished_.front()->msn);
    if (open_) {
        snapshot.open = std::make_shared<const Segment>(*open_);
    } else {
        Segment coming;
        coming.msn = next_msn_;
        coming.timescale = track_.timescale;
        coming.discontinuity_sequence = next_discontinuity_sequence_;
        coming.init = init_;
        snapshot.open = std::make_shared<const Segment>(std::move(coming));
    }
    snapshot.inits.assign(inits_.begin(), inits_.end());
    snapshot.next_part = next_number_;
    snapshot.next_init = inits_.back()->number;
}

}  // namespace millrace::hls
