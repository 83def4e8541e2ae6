// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/access_unit.hpp"

#include <algorithm>

#include "common/codec/av1.hpp"
#include "common/codec/bit_reader.hpp"
#include "common/codec/h264.hpp"
#include "common/codec/h265.hpp"
#include "common/codec/nal.hpp"
#include "common/codec/vp9.hpp"

namespace millrace::codec {

namespace {

// What stays of `source`, which is walked from its beginning: `source` itself until something is dropped, then a copy.
class Remainder {
  public:
    Remainder(ByteView source, Bytes& scratch) : source_(source), scratch_(scratch) {}

    // Decides about everything from where the last decision ended to `end`.
    void keep_to(std::size_t end) {
        if (copying_) append(at_, end);
        at_ = end;
    }
    void drop_to(std::size_t end) {
        if (!copying_) {
            copying_ = true;
            scratch_.clear();
            append(0, at_);
        }
        at_ = end;
    }
    [[nodiscard]] ByteView bytes() const { return copying_ ? ByteView(scratch_) : source_; }

  private:
    void append(std::size_t from, std::size_t to) {
        ByteView part = source_.subspan(from, to - from);
        scratch_.insert(scratch_.end(), part.begin(), part.end());
    }

    ByteView source_;
    Bytes& scratch_;
    std::size_t at_ = 0;
    bool copying_ = false;
};

enum class Role { other, sync_picture, parameter_set, redundant };

Role role_of_h264(ByteView nal) {
    switch (h264_nal_type(nal[0])) {
        case H264Nal::idr:
            return Role::sync_picture;
        case H264Nal::sps:
        case H264Nal::pps:
        case H264Nal::sps_ext:
            return Role::parameter_set;
        case H264Nal::aud:
        case H264Nal::filler:
            return Role::redundant;
        default:
            return Role::other;
    }
}

Role role_of_h265(ByteView nal) {
    switch (h265_nal_type(nal[0])) {
        case H265Nal::idr_w_radl:
        case H265Nal::idr_n_lp:
            return Role::sync_picture;
        case H265Nal::vps:
        case H265Nal::sps:
        case H265Nal::pps:
            return Role::parameter_set;
        case H265Nal::aud:
        case H265Nal::filler:
            return Role::redundant;
        default:
            return Role::other;
    }
}

// AV1 5.9.2: show_existing_frame, then frame_type, where 0 is KEY_FRAME, then show_frame.
bool starts_with_shown_key_frame(ByteView frame_header) {
    BitReader reader(frame_header);
    bool existing = reader.flag();
    bool key = reader.bits(2) == 0;
    bool shown = reader.flag();
    return !reader.failed() && !existing && key && shown;
}

}  // namespace

Result<AccessUnitFilter> AccessUnitFilter::make(const TrackFormat& format) {
    AccessUnitFilter filter;
    filter.codec_ = format.codec;
    auto keep = [&](const std::vector<ByteView>& sets) {
        for (ByteView set : sets) filter.parameter_sets_.emplace_back(set.begin(), set.end());
    };
    if (format.codec == Codec::h264) {
        auto config = parse_avcc(format.config);
        if (!config) return tl::unexpected(std::move(config).error());
        filter.nal_length_size_ = config->nal_length_size;
        keep(config->sps);
        keep(config->pps);
    }
    if (format.codec == Codec::h265) {
        auto config = parse_hvcc(format.config);
        if (!config) return tl::unexpected(std::move(config).error());
        filter.nal_length_size_ = config->nal_length_size;
        keep(config->vps);
        keep(config->sps);
        keep(config->pps);
    }
    return filter;
}

bool AccessUnitFilter::is_configured(ByteView nal) const {
    return std::any_of(parameter_sets_.begin(), parameter_sets_.end(),
                       [&](const Bytes& set) { return std::equal(set.begin(), set.end(), nal.begin(), nal.end()); });
}

Result<AccessUnit> AccessUnitFilter::apply(ByteView bytes) {
    switch (codec_) {
        case Codec::h264:
        case Codec::h265:
            return apply_nal(bytes);
        case Codec::av1:
            return apply_obu(bytes);
        case Codec::vp9:
            return AccessUnit{.bytes = bytes, .sync = is_vp9_key_frame(bytes)};
        default:
            return AccessUnit{.bytes = bytes};
    }
}

Result<AccessUnit> AccessUnitFilter::apply_nal(ByteView bytes) {
    auto role_of = codec_ == Codec::h264 ? role_of_h264 : role_of_h265;
    AccessUnit unit{.bytes = {}, .sync = false};
    Remainder remainder(bytes, scratch_);
    NalReader nals(bytes, nal_length_size_);
    while (auto nal = nals.next()) {
        std::size_t end = static_cast<std::size_t>(nal->data() - bytes.data()) + nal->size();
        Role role = role_of(*nal);
        bool configured = role == Role::parameter_set && is_configured(*nal);
        if (role == Role::sync_picture) unit.sync = true;
        if (role == Role::parameter_set && !configured) unit.new_parameter_sets = true;
        if (role == Role::redundant || configured) {
            remainder.drop_to(end);
        } else {
            remainder.keep_to(end);
        }
    }
    if (nals.failed()) return fail(Fault::bad_input, "a NAL unit is longer than its access unit");
    unit.bytes = remainder.bytes();
    return unit;
}

Result<AccessUnit> AccessUnitFilter::apply_obu(ByteView bytes) {
    AccessUnit unit{.bytes = {}, .sync = false};
    bool sequence_header = false;
    Remainder remainder(bytes, scratch_);
    ObuReader obus(bytes);
    while (auto obu = obus.next()) {
        std::size_t end = static_cast<std::size_t>(obu->whole.data() - bytes.data()) + obu->whole.size();
        bool frame = obu->type == Av1Obu::frame || obu->type == Av1Obu::frame_header;
        if (obu->type == Av1Obu::sequence_header) sequence_header = true;
        if (frame && sequence_header && starts_with_shown_key_frame(obu->payload)) unit.sync = true;
        if (obu->type == Av1Obu::temporal_delimiter || obu->type == Av1Obu::padding) {
            remainder.drop_to(end);
        } else {
            remainder.keep_to(end);
        }
    }
    if (obus.failed()) return fail(Fault::bad_input, "an AV1 OBU is longer than its temporal unit");
    unit.bytes = remainder.bytes();
    return unit;
}

}  // namespace millrace::codec
