// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ingest/element/ingestion.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/gst/post.hpp"
#include "common/net/worker.hpp"

namespace millrace::ingest {

namespace {
constexpr Duration kEnds = 2s;        // what a source may take to end its stream behind what it has
constexpr Duration kLookAround = 1s;  // for publishers who were not announced
}  // namespace

Ingestion::Ingestion(GstBin* bin, const gst::SourceSettings& settings, gst::SourceEvents& events, KnownLatency& latency)
    : bin_(bin),
      settings_(settings),
      events_(events),
      latency_(latency),
      pads_(GST_ELEMENT(bin),
            [this](codec::Kind kind, unsigned number, GstEvent* event) { return pass_upstream(kind, number, event); }),
      succession_(settings.reconnect_timeout),
      task_([this] { step(); }) {}

Result<std::unique_ptr<gst::SourceRun>> Ingestion::start(GstBin* bin, const gst::SourceSettings& settings,
                                                         gst::SourceEvents& events, KnownLatency& latency) {
    auto path = gst::path_to_take(settings.path);
    if (!path) return tl::unexpected(std::move(path).error());
    std::unique_ptr<Ingestion> run(new Ingestion(bin, settings, events, latency));
    auto finder = PublisherFinder::start(*path, run->inbox_);
    if (!finder) return tl::unexpected(std::move(finder).error());
    for (const std::string& each : (*finder)->deaf()) {
        gst::warn(GST_ELEMENT(bin), each + " cannot listen: nobody can publish that way; is the port taken?");
    }
    run->finder_ = std::move(*finder);
    run->task_.start(GST_ELEMENT(bin));
    return run;
}

Ingestion::~Ingestion() {
    unblock();
    task_.join();
    finder_.reset();
    carry_out(Drop{});
    pads_.remove();
}

void Ingestion::unblock() {
    task_.stop();
    inbox_->close();
}

// A publisher is taken while the pipeline plays: paused, its source would not know that it has it.
void Ingestion::step() {
    const TimePoint look_around_at = succession_.awaits() ? net::now() + kLookAround : kNever;
    auto happening = inbox_->pop(std::min({succession_.deadline(), end_by_, look_around_at}));
    if (happening) {
        std::visit([this](auto&& each) { on(std::move(each)); }, std::move(*happening));
    } else if (inbox_->closed()) {
        return;
    } else if (net::now() >= end_by_) {
        carry_out(End{});
    } else {
        succession_.tick(net::now());
        if (succession_.awaits()) finder_->look_around();
    }
    carry_out();
}

// ---- what happens ---------------------------------------------------------------------------------------------------

void Ingestion::on(Appeared happening) {
    // One that waited before the finder started may be told of twice.
    for (const auto& [who, device] : devices_) {
        if (device.get() == happening.device.get()) return;
    }
    devices_[++last_candidate_] = std::move(happening.device);
    succession_.appeared(last_candidate_, net::now());
}

void Ingestion::on(Vanished happening) {
    auto found = std::find_if(devices_.begin(), devices_.end(),
                              [&](const auto& each) { return each.second.get() == happening.device.get(); });
    if (found == devices_.end()) return;
    succession_.vanished(found->first);
    devices_.erase(found);
}

void Ingestion::on(Connected happening) {
    if (!is_current(happening.source)) return;
    ++publishers_;
    seen_.with([&](Seen& seen) { seen.protocol = happening.publisher.protocol; });
    remember_latency();
    succession_.connected();
    events_.connected(happening.publisher);
}

void Ingestion::on(Disconnected happening) {
    if (!is_current(happening.source)) return;
    seen_.with([](Seen& seen) { seen.protocol.clear(); });
    succession_.disconnected(pads_.any(), net::now());
    events_.disconnected(happening.publisher, "");
}

// Each of its tracks says so; the first decides.
void Ingestion::on(Exhausted happening) {
    if (!is_current(happening.source)) return;
    if (end_by_ != kNever) return carry_out(End{});
    succession_.exhausted(pads_.any(), net::now());
}

void Ingestion::on(EndAsked) {
    if (!source_ || !source_->end()) return carry_out(End{});
    end_by_ = net::now() + kEnds;
}

// ---- what is done about it ------------------------------------------------------------------------------------------

void Ingestion::carry_out() {
    // Carrying one out may lead to others.
    for (auto decisions = succession_.take_decisions(); !decisions.empty(); decisions = succession_.take_decisions()) {
        for (const Decision& decision : decisions) std::visit([this](auto each) { carry_out(each); }, decision);
    }
}

gst::Ref<GstDevice> Ingestion::forget(Candidate who) {
    auto known = devices_.extract(who);
    return known ? std::move(known.mapped()) : nullptr;
}

void Ingestion::carry_out(Take decision) {
    auto device = forget(decision.who);
    if (pads_.any()) {
        ++changes_;
        pads_.interrupted();
    }
    if (auto taken = take(device.get()); !taken) {
        gst::warn(GST_ELEMENT(bin_), taken.error().what);
        succession_.exhausted(pads_.any(), net::now());
    }
}

Result<> Ingestion::take(GstDevice* device) {
    auto made = TakenSource::make(device, ++last_source_, {bin_, settings_, events_, inbox_, pads_, progress_});
    if (!made) return tl::unexpected(std::move(made).error());
    source_ = std::move(*made);
    seen_.with([&](Seen& seen) { seen = {source_->element(), source_->relay(), ""}; });
    return source_->start(gst::OwnedStructure(gst_device_get_properties(device)), *inbox_);
}

void Ingestion::carry_out(Refuse decision) {
    auto device = forget(decision.who);
    ++refused_;
    const char* action = "refuse-busy";
    if (device && g_signal_lookup(action, G_OBJECT_TYPE(device.get())))
        g_signal_emit_by_name(device.get(), action, nullptr);  // it has words for that
}

void Ingestion::carry_out(Drop) {
    seen_.with([](Seen& seen) { std::exchange(seen, {}); });
    source_.reset();
}

// Frees the path first: who sees the EOS may start the element's successor at once.
void Ingestion::carry_out(End) {
    task_.finish();
    end_by_ = kNever;
    finder_.reset();
    carry_out(Drop{});
    pads_.end_of_stream();
}

void Ingestion::remember_latency() {
    const std::int64_t latency = source_->latency().count();
    if (latency_.exchange(latency) == latency) return;
    gst_element_post_message(GST_ELEMENT(bin_), gst_message_new_latency(GST_OBJECT(bin_)));
}

bool Ingestion::pass_upstream(codec::Kind kind, unsigned number, GstEvent* event) {
    auto relay = seen_.copy().relay;
    return relay && relay->pass_upstream(kind, number, event);
}

void Ingestion::fill_stats(GstStructure* stats) const {
    const Seen seen = seen_.copy();
    gst_structure_set(stats, "publishers", G_TYPE_UINT64, publishers_.load(), "protocol", G_TYPE_STRING,
                      seen.protocol.c_str(), "refused", G_TYPE_UINT64, refused_.load(), "changes", G_TYPE_UINT64,
                      changes_.load(), nullptr);
    if (!seen.source || !g_object_class_find_property(G_OBJECT_GET_CLASS(seen.source.get()), "stats")) return;
    GstStructure* its = nullptr;
    g_object_get(seen.source.get(), "stats", &its, nullptr);
    gst::OwnedStructure owned(its);
    if (its) gst_structure_set(stats, "source", GST_TYPE_STRUCTURE, its, nullptr);
}

}  // namespace millrace::ingest
