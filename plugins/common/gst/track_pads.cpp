// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gst/track_pads.hpp"

#include <gst/video/video.h>

#include <string>

#include "common/net/gate.hpp"

namespace millrace::gst {

// Where events from downstream come in. A pad may outlive the TrackPads that made it, so that it must be possible to
// close the way and to know that nobody is on it.
class TrackPads::Doorway {
  public:
    explicit Doorway(Upstream upstream) : upstream_(std::move(upstream)) {}

    bool enter(Key key, GstEvent* event) {
        const auto pass = gate_.enter();
        return pass && upstream_ && upstream_(key.first, key.second, event);
    }
    void close() { gate_.close(); }

  private:
    const Upstream upstream_;
    net::Gate gate_;
};

TrackPads::Upstream TrackPads::key_frames_wanted(std::function<void(codec::Kind, unsigned)> wanted) {
    return [wanted = std::move(wanted)](codec::Kind kind, unsigned number, GstEvent* event) {
        if (!gst_video_event_is_force_key_unit(event)) return false;
        wanted(kind, number);
        return true;
    };
}

TrackPads::TrackPads(GstElement* element, Upstream upstream)
    : element_(element), doorway_(std::make_shared<Doorway>(std::move(upstream))), flows_(gst_flow_combiner_new()) {}

TrackPads::~TrackPads() {
    doorway_->close();
}

bool TrackPads::any() const {
    Lock lock(mutex_);
    return !pads_.empty();
}

Ref<GstPad> TrackPads::find(Key key) const {
    Lock lock(mutex_);
    auto found = pads_.find(key);
    return found == pads_.end() ? nullptr : found->second.pad;
}

std::vector<Ref<GstPad>> TrackPads::all() const {
    Lock lock(mutex_);
    std::vector<Ref<GstPad>> pads;
    for (const auto& [key, pad] : pads_) pads.push_back(pad.pad);
    return pads;
}

// ---- a pad's beginning and end --------------------------------------------------------------------------------------

Ref<GstPad> TrackPads::begin(Key key, const std::optional<Rendition>& rendition) {
    struct Entrance {
        std::shared_ptr<Doorway> doorway;
        Key key;
    };
    const bool video = key.first == codec::Kind::video;
    const std::string name = (video ? "video_" : "audio_") + std::to_string(key.second);
    GstPadTemplate* templ =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element_), video ? "video_%u" : "audio_%u");
    auto pad = share(gst_pad_new_from_template(templ, name.c_str()));
    gst_pad_set_query_function(pad.get(), [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
        // The element knows its latency; the default would look for a sink pad to ask.
        return GST_QUERY_TYPE(query) == GST_QUERY_LATENCY ? gst_element_query(GST_ELEMENT(parent), query)
                                                          : gst_pad_query_default(pad, parent, query);
    });
    gst_pad_set_event_function_full(
        pad.get(),
        [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
            const auto& entrance = *static_cast<const Entrance*>(pad->eventdata);
            if (!entrance.doorway->enter(entrance.key, event)) return gst_pad_event_default(pad, parent, event);
            gst_event_unref(event);
            return TRUE;
        },
        new Entrance{doorway_, key}, [](gpointer entrance) { delete static_cast<Entrance*>(entrance); });
    gst_pad_set_active(pad.get(), TRUE);
    gst_pad_use_fixed_caps(pad.get());

    OwnedText stream_id(gst_pad_create_stream_id(pad.get(), element_, name.c_str()));
    auto start = adopt(gst_event_new_stream_start(stream_id.get()));
    gst_event_set_group_id(start.get(), group_);
    if (rendition) describe(start.get(), *rendition);
    gst_pad_push_event(pad.get(), start.release());
    return pad;
}

void TrackPads::set_caps(codec::Kind kind, unsigned number, const Ref<GstCaps>& caps,
                         const std::optional<Rendition>& rendition) {
    const Key key{kind, number};
    if (auto known = find(key)) {
        auto current = adopt(gst_pad_get_current_caps(known.get()));
        if (current && gst_caps_is_equal(current.get(), caps.get())) return;
        gst_pad_push_event(known.get(), gst_event_new_caps(caps.get()));
        return;
    }
    auto pad = begin(key, rendition);
    gst_pad_push_event(pad.get(), gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad.get(), gst_event_new_segment(&segment));
    {
        Lock lock(mutex_);
        gst_flow_combiner_add_pad(flows_.get(), pad.get());
        pads_.emplace(key, Pad{.pad = pad});
    }
    gst_element_add_pad(element_, pad.get());
}

void TrackPads::remove() {
    doorway_->close();
    std::map<Key, Pad> pads;
    {
        Lock lock(mutex_);
        pads.swap(pads_);
        gst_flow_combiner_clear(flows_.get());
    }
    for (auto& [key, pad] : pads) {
        gst_pad_set_active(pad.pad.get(), FALSE);
        gst_element_remove_pad(element_, pad.pad.get());
    }
}

// ---- what goes out --------------------------------------------------------------------------------------------------

void TrackPads::interrupted() {
    {
        Lock lock(mutex_);
        for (auto& [key, pad] : pads_) pad.discontinuity = true;
    }
    push_to_all(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty("millrace-interrupted")));
}

GstFlowReturn TrackPads::push(codec::Kind kind, unsigned number, Ref<GstBuffer> buffer) {
    Ref<GstPad> pad;
    bool discontinuity = false;
    {
        Lock lock(mutex_);
        auto found = pads_.find({kind, number});
        if (found == pads_.end()) return GST_FLOW_OK;
        pad = found->second.pad;
        discontinuity = std::exchange(found->second.discontinuity, false);
    }
    GstBuffer* frame = gst_buffer_make_writable(buffer.release());
    GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_LIVE);
    if (discontinuity) GST_BUFFER_FLAG_SET(frame, GST_BUFFER_FLAG_DISCONT);
    const GstFlowReturn flow = gst_pad_push(pad.get(), frame);
    Lock lock(mutex_);
    return gst_flow_combiner_update_pad_flow(flows_.get(), pad.get(), flow);
}

void TrackPads::push_event(codec::Kind kind, unsigned number, GstEvent* event) {
    auto owned = adopt(event);
    if (auto pad = find({kind, number})) gst_pad_push_event(pad.get(), owned.release());
}

void TrackPads::push_to_all(GstEvent* event) {
    auto owned = adopt(event);
    for (const auto& pad : all()) gst_pad_push_event(pad.get(), gst_event_ref(event));
}

}  // namespace millrace::gst
