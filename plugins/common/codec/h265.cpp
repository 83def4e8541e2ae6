// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/codec/h265.hpp"

#include <algorithm>
#include <array>

#include "common/codec/bit_reader.hpp"
#include "common/codec/digits.hpp"
#include "common/codec/nal.hpp"
#include "common/codec/vui.hpp"

namespace millrace::codec {

namespace {

constexpr std::uint32_t kMaxSide = 16888;  // level 6.2 allows no more (A.4.1); beyond is garbage
constexpr unsigned kMaxShortTermSets = 64;
constexpr unsigned kMaxPictures = 16;  // sps_max_dec_pic_buffering_minus1 + 1

// 7.3.3
void skip_profile_tier_level(BitReader& reader, unsigned max_sub_layers_minus1) {
    reader.skip(2 + 1 + 5 + 32 + 48 + 8);
    std::array<bool, 8> profile_present{};
    std::array<bool, 8> level_present{};
    for (unsigned i = 0; i < max_sub_layers_minus1; ++i) {
        profile_present[i] = reader.flag();
        level_present[i] = reader.flag();
    }
    if (max_sub_layers_minus1 > 0) reader.skip(2 * (8 - max_sub_layers_minus1));
    for (unsigned i = 0; i < max_sub_layers_minus1; ++i) {
        if (profile_present[i]) reader.skip(88);
        if (level_present[i]) reader.skip(8);
    }
}

// 7.3.4
void skip_scaling_lists(BitReader& reader) {
    for (unsigned size = 0; size < 4; ++size) {
        for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (!reader.flag()) {
                reader.ue();  // scaling_list_pred_matrix_id_delta
                continue;
            }
            if (size > 1) reader.se();  // scaling_list_dc_coef_minus8
            for (unsigned i = 0; i < std::min(64u, 1u << (4 + (size << 1))); ++i) reader.se();
        }
    }
}

// 7.3.7, within an SPS, where delta_idx_minus1 is never sent. Returns NumDeltaPocs; more than 16 is garbage.
unsigned skip_short_term_set(BitReader& reader, unsigned index, unsigned previous_pictures) {
    if (index > 0 && reader.flag()) {  // inter_ref_pic_set_prediction_flag
        reader.skip(1);                // delta_rps_sign
        reader.ue();                   // abs_delta_rps_minus1
        unsigned pictures = 0;
        for (unsigned i = 0; i <= previous_pictures; ++i) {
            bool used = reader.flag();               // used_by_curr_pic_flag
            bool use_delta = used || reader.flag();  // use_delta_flag, inferred 1
            if (use_delta) ++pictures;
        }
        return pictures;
    }
    std::uint32_t negative = std::min(reader.ue(), kMaxPictures + 1);
    std::uint32_t positive = std::min(reader.ue(), kMaxPictures + 1);
    for (std::uint32_t i = 0; i < negative + positive; ++i) {
        reader.ue();     // delta_poc_s0_minus1 or delta_poc_s1_minus1
        reader.skip(1);  // used_by_curr_pic
    }
    return negative + positive;
}

bool skip_reference_picture_sets(BitReader& reader) {
    std::uint32_t sets = reader.ue();
    if (sets > kMaxShortTermSets) return false;
    unsigned pictures = 0;
    for (std::uint32_t i = 0; i < sets; ++i) {
        pictures = skip_short_term_set(reader, i, pictures);
        if (pictures > kMaxPictures) return false;
    }
    return true;
}

void skip_long_term_pictures(BitReader& reader, unsigned poc_lsb_bits) {
    if (!reader.flag()) return;  // long_term_ref_pics_present_flag
    std::uint32_t count = std::min(reader.ue(), 32u);
    reader.skip(std::size_t{count} * (poc_lsb_bits + 1));
}

// E.2.1, up to the timing.
void read_vui(BitReader& reader, Description& out) {
    read_vui_picture_facts(reader, out);
    reader.skip(1);                  // neutral_chroma_indication_flag
    out.interlaced = reader.flag();  // field_seq_flag: every picture is one field
    reader.skip(1);                  // frame_field_info_present_flag
    if (reader.flag()) {             // default_display_window_flag
        for (unsigned i = 0; i < 4; ++i) reader.ue();
    }
    if (!reader.flag()) return;  // vui_timing_info_present_flag
    std::uint64_t units_in_tick = reader.bits(32);
    std::uint64_t time_scale = reader.bits(32);
    out.frame_rate = plausible_frame_rate(time_scale, units_in_tick * (out.interlaced ? 2 : 1));
}

// conformance_window, subtracted from the coded size. False when nothing would be left.
bool read_size(BitReader& reader, std::uint32_t chroma, Description& out) {
    std::uint64_t width = reader.ue();
    std::uint64_t height = reader.ue();
    if (width > kMaxSide || height > kMaxSide) return false;
    std::uint64_t crop_x = 0;
    std::uint64_t crop_y = 0;
    if (reader.flag()) {
        std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
        std::uint64_t unit_y = chroma == 1 ? 2 : 1;
        crop_x = unit_x * reader.ue();
        crop_x += unit_x * reader.ue();
        crop_y = unit_y * reader.ue();
        crop_y += unit_y * reader.ue();
    }
    if (crop_x >= width || crop_y >= height) return false;
    out.width = static_cast<std::uint32_t>(width - crop_x);
    out.height = static_cast<std::uint32_t>(height - crop_y);
    return true;
}

void take_array(ByteReader& reader, HevcConfig& config) {
    auto type = static_cast<H265Nal>(reader.u8() & 0x3f);
    unsigned count = reader.u16();
    for (unsigned i = 0; i < count && !reader.failed(); ++i) {
        ByteView nal = reader.take(reader.u16());
        if (nal.size() < 2 || h265_nal_type(nal[0]) != type) continue;
        if (type == H265Nal::vps) config.vps.push_back(nal);
        if (type == H265Nal::sps) config.sps.push_back(nal);
        if (type == H265Nal::pps) config.pps.push_back(nal);
    }
}

// Annex E.3 of ISO/IEC 14496-15 writes the compatibility flags in reverse bit order.
std::uint32_t reversed(std::uint32_t value) {
    std::uint32_t out = 0;
    for (unsigned i = 0; i < 32; ++i) out |= (value >> i & 1u) << (31 - i);
    return out;
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

}  // namespace

Result<HevcConfig> parse_hvcc(ByteView hvcc) {
    ByteReader reader(hvcc);
    HevcConfig config;
    std::uint8_t version = reader.u8();
    std::uint8_t profile = reader.u8();
    config.profile_space = profile >> 6;
    config.high_tier = (profile >> 5 & 1) != 0;
    config.profile = profile & 0x1f;
    config.compatibility = reader.u32();
    config.constraints = std::uint64_t{reader.u16()} << 32;
    config.constraints |= reader.u32();
    config.level = reader.u8();
    reader.skip(2 + 1 + 1 + 1 + 1 + 2);  // segmentation, parallelism, chroma, bit depths, average frame rate
    config.nal_length_size = (reader.u8() & 3u) + 1;
    unsigned arrays = reader.u8();
    for (unsigned i = 0; i < arrays && !reader.failed(); ++i) take_array(reader, config);
    if (reader.failed()) return fail(Fault::bad_input, "hvcC is truncated");
    // 0 was written by early drafts; the layout is the same.
    if (version > 1) return fail(Fault::bad_input, "hvcC of unknown version " + std::to_string(version));
    if (config.nal_length_size == 3) return fail(Fault::bad_input, "hvcC with NAL unit lengths of three bytes");
    if (config.vps.empty() || config.sps.empty() || config.pps.empty()) {
        return fail(Fault::bad_input, "hvcC without VPS, SPS or PPS");
    }
    return config;
}

Result<Description> parse_h265_sps(ByteView nal) {
    if (nal.size() < 2 || h265_nal_type(nal[0]) != H265Nal::sps) return fail(Fault::bad_input, "not an H.265 SPS");
    Bytes payload = unescape(nal.subspan(2));
    BitReader reader(payload);
    Description out;

    reader.skip(4);  // sps_video_parameter_set_id
    unsigned max_sub_layers_minus1 = reader.bits(3);
    reader.skip(1);  // sps_temporal_id_nesting_flag
    if (max_sub_layers_minus1 > 6) return fail(Fault::bad_input, "the H.265 SPS has too many sub-layers");
    skip_profile_tier_level(reader, max_sub_layers_minus1);
    reader.ue();  // sps_seq_parameter_set_id
    std::uint32_t chroma = reader.ue();
    if (chroma == 3 && reader.flag()) chroma = 0;  // separate_colour_plane_flag
    if (!read_size(reader, chroma, out)) return fail(Fault::bad_input, "the H.265 SPS has an impossible picture size");
    out.bit_depth = static_cast<std::uint8_t>(8 + std::min(reader.ue(), 8u));
    reader.ue();  // bit_depth_chroma_minus8
    unsigned poc_lsb_bits = std::min(reader.ue(), 12u) + 4;
    bool every_sub_layer = reader.flag();  // sps_sub_layer_ordering_info_present_flag
    for (unsigned i = every_sub_layer ? 0 : max_sub_layers_minus1; i <= max_sub_layers_minus1; ++i) {
        reader.ue();                  // sps_max_dec_pic_buffering_minus1
        out.reordered = reader.ue();  // sps_max_num_reorder_pics; the last is that of the whole stream
        reader.ue();                  // sps_max_latency_increase_plus1
    }
    for (unsigned field = 0; field < 6; ++field) reader.ue();  // block and transform sizes
    if (reader.flag() && reader.flag()) skip_scaling_lists(reader);
    reader.skip(2);       // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if (reader.flag()) {  // pcm_enabled_flag
        reader.skip(8);
        reader.ue();
        reader.ue();
        reader.skip(1);
    }
    if (!skip_reference_picture_sets(reader)) {
        return fail(Fault::bad_input, "the H.265 SPS has too many reference pictures");
    }
    skip_long_term_pictures(reader, poc_lsb_bits);
    reader.skip(2);                            // sps_temporal_mvp, strong_intra_smoothing
    if (reader.flag()) read_vui(reader, out);  // vui_parameters_present_flag
    if (out.interlaced) out.height *= 2;       // the SPS tells the size of a field
    if (reader.failed()) return fail(Fault::bad_input, "the H.265 SPS is truncated");
    return out;
}

Result<Description> describe_h265(ByteView hvcc) {
    return parse_hvcc(hvcc).and_then([](const HevcConfig& config) { return parse_h265_sps(config.sps.front()); });
}

// ISO/IEC 14496-15 annex E.3.
Result<std::string> codecs_string_h265(ByteView hvcc) {
    return parse_hvcc(hvcc).map([](const HevcConfig& config) {
        std::string out = "hvc1.";
        if (config.profile_space > 0) out += static_cast<char>('A' + config.profile_space - 1);
        out += decimal(config.profile) + '.' + upper(hex(reversed(config.compatibility)));
        out += (config.high_tier ? ".H" : ".L") + decimal(config.level);
        for (std::uint64_t left = config.constraints << 16; left != 0; left <<= 8)
            out += '.' + upper(hex(left >> 56, 2));
        return out;
    });
}

}  // namespace millrace::codec
