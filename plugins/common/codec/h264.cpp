// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/h264.hpp"

#include <algorithm>

#include "common/codec/bit_reader.hpp"
#include "common/codec/digits.hpp"
#include "common/codec/nal.hpp"
#include "common/codec/vui.hpp"

namespace millrace::codec {

namespace {

constexpr std::uint32_t kMaxSide = 16384;  // level 6.2 allows 16,880 at the most; beyond is garbage

std::vector<ByteView> take_parameter_sets(ByteReader& reader, unsigned count, H264Nal type) {
    std::vector<ByteView> sets;
    for (unsigned i = 0; i < count && !reader.failed(); ++i) {
        ByteView nal = reader.take(reader.u16());
        if (!nal.empty() && h264_nal_type(nal[0]) == type) sets.push_back(nal);
    }
    return sets;
}

// The profiles whose SPS says chroma format, bit depth and scaling matrices (7.3.2.1.1).
bool has_chroma_fields(std::uint32_t profile) {
    constexpr std::uint32_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return std::find(std::begin(kProfiles), std::end(kProfiles), profile) != std::end(kProfiles);
}

void skip_scaling_list(BitReader& reader, unsigned size) {
    std::int64_t last = 8;
    std::int64_t next = 8;
    for (unsigned i = 0; i < size && !reader.failed(); ++i) {
        if (next != 0) next = (last + reader.se() + 256) % 256;
        if (next != 0) last = next;
    }
}

// Returns chroma_format_idc with separate planes counted as monochrome, as ChromaArrayType does.
std::uint32_t read_chroma_fields(BitReader& reader, Description& out) {
    std::uint32_t chroma = reader.ue();
    bool separate_planes = chroma == 3 && reader.flag();
    out.bit_depth = static_cast<std::uint8_t>(8 + std::min(reader.ue(), 6u));
    reader.ue();          // bit_depth_chroma_minus8
    reader.skip(1);       // qpprime_y_zero_transform_bypass_flag
    if (reader.flag()) {  // seq_scaling_matrix_present_flag
        for (unsigned i = 0; i < (chroma == 3 ? 12u : 8u); ++i) {
            if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
        }
    }
    return separate_planes ? 0 : chroma;
}

// Returns pic_order_cnt_type.
std::uint32_t read_picture_order_count(BitReader& reader) {
    std::uint32_t type = reader.ue();
    if (type == 0) reader.ue();  // log2_max_pic_order_cnt_lsb_minus4
    if (type != 1) return type;
    reader.skip(1);
    reader.se();
    reader.se();
    std::uint32_t cycle = std::min(reader.ue(), 255u);
    for (std::uint32_t i = 0; i < cycle; ++i) reader.se();
    return type;
}

// Returns timing_info_present_flag.
bool read_timing(BitReader& reader, Description& out) {
    if (!reader.flag()) return false;
    std::uint64_t units_in_tick = reader.bits(32);
    std::uint64_t time_scale = reader.bits(32);
    out.frame_rate = plausible_frame_rate(time_scale, units_in_tick * 2);  // a tick is a field
    return true;
}

void skip_hypothetical_decoder(BitReader& reader) {
    const std::uint32_t schedules = std::min(reader.ue(), 31u) + 1;  // cpb_cnt_minus1
    reader.skip(8);                                                  // bit_rate_scale, cpb_size_scale
    for (std::uint32_t i = 0; i < schedules; ++i) {
        reader.ue();
        reader.ue();
        reader.skip(1);
    }
    reader.skip(20);  // lengths of delays and of the time offset
}

// E.1.1 behind the time scale. What is cut off there is no reason to refuse the stream.
void read_reordering(BitReader& reader, bool has_timing, Description& out) {
    if (has_timing) reader.skip(1);  // fixed_frame_rate_flag
    const bool nal = reader.flag();
    if (nal) skip_hypothetical_decoder(reader);
    const bool vcl = reader.flag();
    if (vcl) skip_hypothetical_decoder(reader);
    if (nal || vcl) reader.skip(1);  // low_delay_hrd_flag
    reader.skip(1);                  // pic_struct_present_flag
    if (!reader.flag()) return;      // bitstream_restriction_flag
    reader.skip(1);                  // motion_vectors_over_pic_boundaries_flag
    for (unsigned i = 0; i < 4; ++i) reader.ue();
    const std::uint32_t reordered = reader.ue();  // max_num_reorder_frames
    reader.ue();                                  // max_dec_frame_buffering
    if (!reader.failed()) out.reordered = reordered;
}

struct Crop {
    std::uint64_t left = 0, right = 0, top = 0, bottom = 0;
};

Crop read_crop(BitReader& reader) {
    Crop crop;
    if (reader.flag()) {
        crop.left = reader.ue();
        crop.right = reader.ue();
        crop.top = reader.ue();
        crop.bottom = reader.ue();
    }
    return crop;
}

}  // namespace

Result<AvcConfig> parse_avcc(ByteView avcc) {
    ByteReader reader(avcc);
    AvcConfig config;
    std::uint8_t version = reader.u8();
    config.profile = reader.u8();
    config.constraints = reader.u8();
    config.level = reader.u8();
    config.nal_length_size = (reader.u8() & 3u) + 1;
    config.sps = take_parameter_sets(reader, reader.u8() & 0x1fu, H264Nal::sps);
    config.pps = take_parameter_sets(reader, reader.u8(), H264Nal::pps);
    if (reader.failed()) return fail(Fault::bad_input, "avcC is truncated");
    if (version != 1) return fail(Fault::bad_input, "avcC of unknown version " + std::to_string(version));
    if (config.nal_length_size == 3) return fail(Fault::bad_input, "avcC with NAL unit lengths of three bytes");
    if (config.sps.empty() || config.pps.empty()) return fail(Fault::bad_input, "avcC without SPS or PPS");
    return config;
}

Result<Description> parse_h264_sps(ByteView nal) {
    if (nal.empty() || h264_nal_type(nal[0]) != H264Nal::sps) return fail(Fault::bad_input, "not an H.264 SPS");
    Bytes payload = unescape(nal.subspan(1));
    BitReader reader(payload);
    Description out;
    out.bit_depth = 8;

    std::uint32_t profile = reader.bits(8);
    reader.skip(16);  // constraint flags, level_idc
    reader.ue();      // seq_parameter_set_id
    std::uint32_t chroma = has_chroma_fields(profile) ? read_chroma_fields(reader, out) : 1;
    reader.ue();  // log2_max_frame_num_minus4
    const std::uint32_t order = read_picture_order_count(reader);
    // Type 2 (8.2.1.3) and the profiles without B slices (A.2.1) know one order only.
    constexpr std::uint32_t kBaseline = 66;
    if (order == 2 || profile == kBaseline) out.reordered = 0;
    reader.ue();     // max_num_ref_frames
    reader.skip(1);  // gaps_in_frame_num_value_allowed_flag
    std::uint64_t width = 16 * (std::uint64_t{reader.ue()} + 1);
    std::uint64_t map_units = 16 * (std::uint64_t{reader.ue()} + 1);
    out.interlaced = !reader.flag();     // frame_mbs_only_flag
    if (out.interlaced) reader.skip(1);  // mb_adaptive_frame_field_flag
    reader.skip(1);                      // direct_8x8_inference_flag
    std::uint64_t fields = out.interlaced ? 2 : 1;
    std::uint64_t height = map_units * fields;

    // 7.4.2.1.1: cropping counts chroma samples, and field lines where the frame has two.
    Crop crop = read_crop(reader);
    std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
    std::uint64_t unit_y = (chroma == 1 ? 2 : 1) * fields;
    std::uint64_t crop_x = unit_x * (crop.left + crop.right);
    std::uint64_t crop_y = unit_y * (crop.top + crop.bottom);

    const bool has_vui = reader.flag();  // vui_parameters_present_flag
    if (has_vui) read_vui_picture_facts(reader, out);
    const bool has_timing = has_vui && read_timing(reader, out);
    if (reader.failed()) return fail(Fault::bad_input, "the H.264 SPS is truncated");
    if (has_vui && !out.reordered) read_reordering(reader, has_timing, out);
    if (width > kMaxSide || height > kMaxSide || crop_x >= width || crop_y >= height) {
        return fail(Fault::bad_input, "the H.264 SPS has an impossible picture size");
    }
    out.width = static_cast<std::uint32_t>(width - crop_x);
    out.height = static_cast<std::uint32_t>(height - crop_y);
    return out;
}

Result<Description> describe_h264(ByteView avcc) {
    return parse_avcc(avcc).and_then([](const AvcConfig& config) { return parse_h264_sps(config.sps.front()); });
}

// RFC 6381 3.3: the three bytes after configurationVersion.
Result<std::string> codecs_string_h264(ByteView avcc) {
    return parse_avcc(avcc).map([](const AvcConfig& config) {
        return "avc1." + hex(config.profile, 2) + hex(config.constraints, 2) + hex(config.level, 2);
    });
}

}  // namespace millrace::codec
