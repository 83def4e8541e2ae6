// SPDX-License-Identifier: LGPL-2.1-or-later
// A plan as a GstPipeline that links pads as they come. Has no opinion on when it runs or what its errors lead to.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/base/thread.hpp"
#include "common/gst/ref.hpp"
#include "launcher/graph/branch.hpp"
#include "launcher/graph/routes.hpp"

namespace millrace::launcher {

// Posted on the pipeline's bus when every node at the end of a chain has got media.
inline constexpr const char* kFlowingMessage = "millrace-flowing";

class Pipeline {
  public:
    static Result<std::unique_ptr<Pipeline>> build(Plan plan);
    ~Pipeline();  // sets it to NULL, which may wait for its threads
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    [[nodiscard]] GstElement* element() const { return pipeline_.get(); }
    // Whether kFlowingMessage will come: some node is fed, and feeds no other.
    [[nodiscard]] bool watches_media() const { return watches_media_; }
    // Buffers dropped by branches that could not keep up.
    [[nodiscard]] std::uint64_t dropped() EXCLUDES(mutex_);
    // Where a message of the bus came from, as the file calls it: "hls (fakesink)".
    [[nodiscard]] std::string place_of(GstObject* source) const;

  private:
    struct PadWatch {
        Pipeline* pipeline;
        std::size_t node;
    };

    explicit Pipeline(Plan plan);
    Result<> add_node(const PlannedNode& node);
    Result<> link_node(std::size_t node);
    void watch_pads(GstElement* element, std::size_t node);
    static void on_pad_added(GstElement* element, GstPad* pad, gpointer watch);
    static void on_pad_removed(GstElement* element, GstPad* pad, gpointer watch);

    [[nodiscard]] gst::Ref<GstElement> find(std::size_t node, const std::string& element) const;
    SourcePad describe(std::size_t node, const std::string& name, GstPad* pad) const;
    std::string name_pad(std::size_t node, GstPad* pad) EXCLUDES(mutex_);

    // Any thread: a pad's media goes to whoever is fed by it.
    Result<> link(const SourcePad& source, GstPad* pad, bool must_go_somewhere) EXCLUDES(mutex_);
    Result<> link_one(GstPad* from, const SinkPad& to, bool queue) EXCLUDES(mutex_);
    Result<> discard(GstPad* from);
    void warn_unfit(const SourcePad& source);
    void add(GstElement* element);
    gst::Ref<GstPad> input(const SinkPad& sink);
    void watch_first_buffer(std::size_t node, GstPad* pad);
    void note_flowing(std::size_t node) EXCLUDES(mutex_);

    const Plan plan_;
    bool watches_media_ = false;
    gst::Ref<GstElement> pipeline_;
    std::vector<gst::Ref<GstElement>> elements_;  // one a node
    std::vector<std::unique_ptr<PadWatch>> watches_;

    Mutex mutex_;
    Routes routes_ GUARDED_BY(mutex_);
    std::vector<BranchQueue> queues_ GUARDED_BY(mutex_);
    std::map<std::string, int> named_ GUARDED_BY(mutex_);  // "node/kind" → pads of fragments so far
    std::set<std::size_t> waiting_ GUARDED_BY(mutex_);     // ends of chains without media yet
};

}  // namespace millrace::launcher
