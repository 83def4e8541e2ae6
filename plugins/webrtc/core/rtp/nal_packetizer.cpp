// SPDX-License-Identifier: LGPL-2.1-or-later
#include "webrtc/core/rtp/nal_packetizer.hpp"

#include <algorithm>

#include "common/codec/nal.hpp"

namespace millrace::webrtc {

namespace {

constexpr std::size_t kLengthField = 2;  // before each NAL unit of an aggregate

}  // namespace

Result<Payloads> NalPacketizer::packetize(ByteView access_unit) {
    auto unit = setup_.filter.apply(access_unit);
    if (!unit) return tl::unexpected(std::move(unit).error());
    auto nals = nals_of(*unit);
    if (!nals) return tl::unexpected(std::move(nals).error());

    std::vector<Nals> groups = grouped(*nals);
    std::vector<PacketUnit> units;
    std::transform(groups.begin(), groups.end(), std::back_inserter(units),
                   [&](const Nals& group) { return unit_of(group); });
    std::size_t size = plan_packet_size(units, syntax_.fragment_header_size(), max_);

    PayloadWriter out(unit->bytes.size() + 2 * max_);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        bool fill = i + 1 < groups.size();
        if (units[i].whole <= size) {
            write_group(out, std::move(groups[i]), fill ? size : 0);
        } else {
            write_fragments(out, groups[i].front(), size, fill);
        }
    }
    return std::move(out).finish(unit->sync, true);
}

Result<NalPacketizer::Nals> NalPacketizer::nals_of(const codec::AccessUnit& unit) const {
    Nals nals;
    if (unit.sync) nals.assign(setup_.parameter_sets.begin(), setup_.parameter_sets.end());
    codec::NalReader reader(unit.bytes, setup_.nal_length_size);
    while (auto nal = reader.next()) {
        if (nal->size() <= syntax_.header_size) return fail(Fault::bad_input, "a NAL unit is nothing but its header");
        if (!syntax_.is_sei(*nal)) nals.push_back(*nal);
    }
    return nals;
}

// Neighbours that fit into one packet share it: parameter sets above all, and slices of a still picture.
std::vector<NalPacketizer::Nals> NalPacketizer::grouped(const Nals& nals) const {
    std::vector<Nals> groups;
    std::size_t size = 0;
    for (ByteView nal : nals) {
        std::size_t more = kLengthField + nal.size();
        if (groups.empty() || size + more > max_) {
            groups.emplace_back();
            size = syntax_.header_size;
        }
        groups.back().push_back(nal);
        size += more;
    }
    return groups;
}

std::size_t NalPacketizer::aggregate_size(std::span<const ByteView> nals) const {
    std::size_t size = syntax_.header_size;
    for (ByteView nal : nals) size += kLengthField + nal.size();
    return size;
}

PacketUnit NalPacketizer::unit_of(const Nals& group) const {
    if (group.size() > 1) return {.whole = aggregate_size(group), .body = 0};
    return {.whole = group.front().size(), .body = group.front().size() - syntax_.header_size};
}

// What padding cannot fill is filled by a NAL unit that decoders skip: parameter sets are a few bytes, the fragments
// behind them a thousand.
void NalPacketizer::write_group(PayloadWriter& out, Nals nals, std::size_t fill_to) const {
    Bytes skipped;
    std::size_t size = nals.size() > 1 ? aggregate_size(nals) : nals.front().size();
    if (fill_to > size + kMaxPadding) {
        skipped = filler(nals.back(), fill_to - aggregate_size(nals) - kLengthField);
        nals.emplace_back(skipped);
    }
    out.begin();
    if (nals.size() == 1) {
        out.bytes(nals.front());
    } else {
        syntax_.write_aggregate_header(out, nals);
        for (ByteView nal : nals) {
            out.u16(nal.size());
            out.bytes(nal);
        }
    }
    out.end(fill_to);
}

// Padding goes to the last fragments, as much to each as it can take.
void NalPacketizer::write_fragments(PayloadWriter& out, ByteView nal, std::size_t size, bool fill) const {
    ByteView body = nal.subspan(syntax_.header_size);
    std::size_t room = size - syntax_.fragment_header_size();
    PacketShare share = share_of({nal.size(), body.size()}, syntax_.fragment_header_size(), size);
    std::size_t most = std::min(kMaxPadding, room - 1);
    for (std::size_t left = share.packets; left > 0; --left) {
        std::size_t reach = fill ? (left - 1) * most : 0;  // what the fragments behind this one can take
        std::size_t empty = share.spare > reach && fill ? std::min(share.spare - reach, most) : 0;
        std::size_t part = std::min(room - empty, body.size());
        out.begin();
        syntax_.write_fragment_header(out, nal, left == share.packets, left == 1);
        out.bytes(body.first(part));
        out.end(fill ? size : 0);
        body = body.subspan(part);
        share.spare -= empty;
    }
}

// An SEI message "filler payload" (H.264 D.1.4, H.265 D.2.4), for filler data must not precede the first slice (H.264
// 7.4.1.2.3, H.265 7.4.2.4.4), or filler data. At most `size` bytes, or one fewer.
Bytes NalPacketizer::filler(ByteView like, std::size_t size) const {
    constexpr std::uint8_t kFillerPayload = 3;
    constexpr std::uint8_t kTrailingBits = 0x80;
    bool behind_slice = syntax_.is_slice(like);
    auto header = syntax_.filler_header(like, behind_slice);
    Bytes nal(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(syntax_.header_size));
    std::size_t count = size - syntax_.header_size - 1;
    if (!behind_slice) {
        // The payload's size is said in steps of 255, which are as many bytes as it is too long (7.3.2.3.1).
        count -= 2;
        count -= (count + 1) / 256;
        nal.push_back(kFillerPayload);
        nal.insert(nal.end(), count / 255, 0xff);
        nal.push_back(static_cast<std::uint8_t>(count % 255));
    }
    nal.insert(nal.end(), count, 0xff);
    nal.push_back(kTrailingBits);
    return nal;
}

}  // namespace millrace::webrtc
