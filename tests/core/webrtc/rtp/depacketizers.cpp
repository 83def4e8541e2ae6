// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/core/webrtc/rtp/depacketizers.hpp"

#include <stdexcept>

namespace millrace::test {

namespace {

void require(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t count) {
    require(from + count <= bytes.size(), "a length leads outside");
    auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

Bytes tail(const Bytes& bytes, std::size_t from) {
    require(from <= bytes.size(), "a header is truncated");
    return slice(bytes, from, bytes.size() - from);
}

void append(Bytes& to, const Bytes& from) {
    to.insert(to.end(), from.begin(), from.end());
}

std::vector<Bytes> aggregated(const Bytes& payload, std::size_t at) {
    std::vector<Bytes> nals;
    while (at < payload.size()) {
        require(at + 2 < payload.size(), "an aggregate is truncated");
        std::size_t size = payload[at] * 256U + payload[at + 1];
        nals.push_back(slice(payload, at + 2, size));
        at += 2 + size;
    }
    require(nals.size() > 1, "an aggregate of one");
    return nals;
}

// Fragments of one NAL unit, joined.
class Fragments {
  public:
    void add(std::uint8_t fu_header, const Bytes& nal_header, const Bytes& body, std::vector<Bytes>& nals) {
        bool start = (fu_header & 0x80) != 0;
        bool end = (fu_header & 0x40) != 0;
        require(start != open_, "fragments out of order");
        require(!(start && end), "one fragment is no fragmentation");
        require(!body.empty(), "an empty fragment");
        if (start) nal_ = nal_header;
        require(slice(nal_, 0, nal_header.size()) == nal_header, "fragments of different NAL units");
        append(nal_, body);
        open_ = !end;
        if (end) nals.push_back(nal_);
    }
    void finish() const { require(!open_, "the last fragment is missing"); }

  private:
    Bytes nal_;
    bool open_ = false;
};

}  // namespace

std::vector<Bytes> unpadded(const webrtc::Payloads& payloads, bool video) {
    std::vector<Bytes> out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < payloads.packets.size(); ++i) {
        const auto& packet = payloads.packets[i];
        require(packet.offset == at, "payloads are not behind one another");
        at += packet.size;
        require(packet.marker == (video && i + 1 == payloads.packets.size()), "the marker is elsewhere");
        Bytes bytes = slice(payloads.bytes, packet.offset, packet.size);
        if (packet.padded) {
            require(bytes.back() > 0 && bytes.back() < bytes.size(), "wrong padding");
            bytes.resize(bytes.size() - bytes.back());
        }
        out.push_back(bytes);
    }
    require(at == payloads.bytes.size(), "bytes of no payload");
    return out;
}

std::vector<Bytes> h264_nals(const std::vector<Bytes>& payloads) {
    std::vector<Bytes> nals;
    Fragments fragments;
    for (const Bytes& payload : payloads) {
        unsigned type = payload.at(0) % 32;
        if (type == 28) {
            unsigned nal_header = payload[0] / 32 * 32 + payload.at(1) % 32U;
            fragments.add(payload[1], {static_cast<std::uint8_t>(nal_header)}, tail(payload, 2), nals);
            continue;
        }
        fragments.finish();
        if (type == 24) {
            for (Bytes& nal : aggregated(payload, 1)) nals.push_back(nal);
        } else {
            require(type >= 1 && type <= 23, "no NAL unit type");
            nals.push_back(payload);
        }
    }
    fragments.finish();
    return nals;
}

std::vector<Bytes> h265_nals(const std::vector<Bytes>& payloads) {
    std::vector<Bytes> nals;
    Fragments fragments;
    for (const Bytes& payload : payloads) {
        require(payload.size() > 2, "a payload without header");
        unsigned type = payload[0] / 2 % 64;
        if (type == 49) {
            unsigned first = (payload[0] & 0x81U) + payload[2] % 64U * 2;
            fragments.add(payload[2], {static_cast<std::uint8_t>(first), payload[1]}, tail(payload, 3), nals);
            continue;
        }
        fragments.finish();
        if (type == 48) {
            for (Bytes& nal : aggregated(payload, 2)) nals.push_back(nal);
        } else {
            require(type < 48, "no NAL unit type");
            nals.push_back(payload);
        }
    }
    fragments.finish();
    return nals;
}

Picture vp8_picture(const std::vector<Bytes>& payloads) {
    Picture picture;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const Bytes& payload = payloads[i];
        require(payload.at(0) == (i == 0 ? 0x90 : 0x80), "the frame begins elsewhere");
        require(payload.at(1) == 0x80 && (payload.at(2) & 0x80) != 0, "no long picture id");
        unsigned id = (payload[2] & 0x7fU) * 256 + payload.at(3);
        require(i == 0 || id == picture.id, "two pictures");
        picture.id = id;
        append(picture.frame, tail(payload, 4));
    }
    picture.key = (picture.frame.at(0) & 1) == 0;
    return picture;
}

Picture vp9_picture(const std::vector<Bytes>& payloads) {
    Picture picture;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const Bytes& payload = payloads[i];
        unsigned flags = payload.at(0);
        require((flags & 0xb1) == 0x80, "not a picture id alone, in non-flexible mode");
        require(((flags & 0x08) != 0) == (i == 0), "the frame begins elsewhere");
        require(((flags & 0x04) != 0) == (i + 1 == payloads.size()), "the frame ends elsewhere");
        picture.key = (flags & 0x40) == 0;
        picture.id = (payload.at(1) & 0x7fU) * 256 + payload.at(2);
        std::size_t at = 3;
        if ((flags & 0x02) != 0) {
            require(i == 0 && picture.key, "a structure within a picture");
            std::size_t size = (payload.at(3) & 0x10) != 0 ? 8 : 4;
            picture.structure = slice(payload, at, size);
            at += size;
        }
        append(picture.frame, tail(payload, at));
    }
    return picture;
}

TemporalUnit av1_temporal_unit(const std::vector<Bytes>& payloads) {
    TemporalUnit unit;
    bool open = false;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const Bytes& payload = payloads[i];
        unsigned header = payload.at(0);
        require(((header & 0x80) != 0) == open, "Z is not the Y before it");
        require((header & 0x07) == 0, "reserved bits");
        if (i == 0) unit.starts_sequence = (header & 0x08) != 0;
        require(i == 0 || (header & 0x08) == 0, "N behind the first packet");
        unsigned count = header >> 4 & 3;
        std::size_t at = 1;
        for (unsigned element = 1; at < payload.size(); ++element) {
            std::size_t size = payload.size() - at;
            if (count == 0 || element < count) {
                size = 0;
                for (unsigned shift = 0;; shift += 7) {
                    std::uint8_t byte = payload.at(at++);
                    size |= std::size_t{byte & 0x7fU} << shift;
                    if ((byte & 0x80) == 0) break;
                }
            }
            require(size > 0, "an empty element");
            if (!open) unit.obus.emplace_back();
            append(unit.obus.back(), slice(payload, at, size));
            at += size;
            open = at == payload.size() && (header & 0x40) != 0;
            require(count == 0 || element <= count, "more elements than W says");
            require(count == 0 || at < payload.size() || element == count, "fewer elements than W says");
        }
    }
    require(!open, "the last fragment is missing");
    return unit;
}

bool is_one_run(const webrtc::Payloads& payloads) {
    const auto& packets = payloads.packets;
    for (std::size_t i = 1; i < packets.size(); ++i) {
        if (packets[i - 1].size != packets[0].size || packets[i].size > packets[0].size) return false;
    }
    return true;
}

Bytes noise(std::size_t size, std::uint32_t seed) {
    Bytes out(size);
    std::uint32_t state = seed * 2654435761U + 12345;
    for (auto& byte : out) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24 | 1);
    }
    return out;
}

}  // namespace millrace::test
