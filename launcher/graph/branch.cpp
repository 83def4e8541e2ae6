// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/graph/branch.hpp"

#include "launcher/graph/property_value.hpp"
#include "launcher/graph/registry.hpp"

namespace millrace::launcher {

namespace {

struct Row {
    const char* name;
    const char* value;
};
// Three seconds, or 64 MiB of whatever is larger than that; the number of buffers says nothing.
constexpr Row kQueueBounds[] = {
    {"max-size-time", "3000000000"}, {"max-size-bytes", "67108864"}, {"max-size-buffers", "0"}};
constexpr Row kLiveQueue[] = {{"leaky", "downstream"}};
constexpr Row kDiscard[] = {{"sync", "false"}, {"async", "false"}};

using Shared = std::shared_ptr<BranchCount>;

BranchCount& count_of(gpointer data) {
    return **static_cast<Shared*>(data);
}
void forget(gpointer data) {
    delete static_cast<Shared*>(data);
}

std::uint64_t buffers_in(GstPadProbeInfo* info) {
    if (!(GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)) return 1;
    return gst_buffer_list_length(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
}

GstBuffer* first_buffer(GstPadProbeInfo* info) {
    if (!(GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)) return GST_PAD_PROBE_INFO_BUFFER(info);
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    return gst_buffer_list_length(list) ? gst_buffer_list_get(list, 0) : nullptr;
}

GstPadProbeReturn count_entering(GstPad*, GstPadProbeInfo* info, gpointer data) {
    count_of(data).entered += buffers_in(info);
    return GST_PAD_PROBE_OK;
}

// A queue that leaked marks the next buffer DISCONT. A frame that refers to a lost one is of no use to anybody.
GstPadProbeReturn pass_from_key_frame(GstPad*, GstPadProbeInfo* info, gpointer data) {
    BranchCount& count = count_of(data);
    GstBuffer* buffer = first_buffer(info);
    if (!buffer) return GST_PAD_PROBE_OK;
    bool key_frame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT)) count.waits_for_key_frame = true;
    if (key_frame) count.waits_for_key_frame = false;
    if (count.waits_for_key_frame) return GST_PAD_PROBE_DROP;
    count.left += buffers_in(info);
    return GST_PAD_PROBE_OK;
}

void watch(const gst::Ref<GstPad>& pad, GstPadProbeCallback callback, const Shared& count) {
    auto type = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(pad.get(), type, callback, new Shared(count), forget);
}

}  // namespace

std::vector<std::string> queue_words(bool live) {
    std::vector<std::string> words{"queue"};
    for (const Row& row : kQueueBounds) words.push_back(std::string(row.name) + "=" + row.value);
    if (live) {
        for (const Row& row : kLiveQueue) words.push_back(std::string(row.name) + "=" + row.value);
    }
    return words;
}

std::vector<std::string> discard_words() {
    std::vector<std::string> words{"fakesink"};
    for (const Row& row : kDiscard) words.push_back(std::string(row.name) + "=" + row.value);
    return words;
}

Result<gst::Ref<GstElement>> make_discard() {
    auto element = make_element("fakesink");
    if (!element) return element;
    for (const Row& row : kDiscard) set_property(element->get(), row.name, row.value);
    return element;
}

Result<BranchQueue> BranchQueue::make(bool live) {
    auto element = make_element("queue");
    if (!element) return tl::unexpected(element.error());
    for (const Row& row : kQueueBounds) set_property(element->get(), row.name, row.value);
    BranchQueue queue;
    queue.element_ = *element;
    queue.count_ = std::make_shared<BranchCount>();
    if (live) {
        for (const Row& row : kLiveQueue) set_property(element->get(), row.name, row.value);
        watch(queue.sink(), count_entering, queue.count_);
        watch(queue.src(), pass_from_key_frame, queue.count_);
    }
    return queue;
}

std::uint64_t BranchQueue::dropped() const {
    guint waiting = 0;
    g_object_get(element_.get(), "current-level-buffers", &waiting, nullptr);
    // Read apart from each other while media flows: never more than what entered.
    std::uint64_t left = count_->left + waiting;
    std::uint64_t entered = count_->entered;
    return entered > left ? entered - left : 0;
}

}  // namespace millrace::launcher
