// SPDX-License-Identifier: LGPL-2.1-or-later
// That a packet costs no allocation once its source is known: every operator new of this program is counted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/core/webrtc/publisher/publisher_scene.hpp"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace millrace::webrtc {
namespace {

using namespace test;

TEST(PublisherReception, AllocatesNothingForAPacketOfAKnownSource) {
    PublisherScene scene;
    std::vector<Bytes> datagrams;
    for (std::uint64_t i = 0; i < 200; ++i) {
        Sent packet{.index = i, .timestamp = static_cast<std::uint32_t>(i * 3000)};
        packet.extensions = {{4, big_endian(i, 2)}, {1, Bytes{'0'}}};
        datagrams.push_back(scene.protect(packet));
    }
    std::size_t handed_on = 0;
    std::size_t before = 0;
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        if (i == 10) before = allocations;
        handed_on += scene.reception.on_rtp(datagrams[i], scene.now).has_value() ? 1 : 0;
    }
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(handed_on, 200U);
}

}  // namespace
}  // namespace millrace::webrtc
