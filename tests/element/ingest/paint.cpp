// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/element/ingest/paint.hpp"

#include <array>
#include <atomic>
#include <chrono>

#include "common/gst/element.hpp"
#include "common/gst/properties.hpp"
#include "common/gst/publisher_device.hpp"
#include "common/gst/publisher_source_element.hpp"
#include "common/gst/track_pads.hpp"
#include "common/net/worker.hpp"

namespace millrace::test {

namespace {

constexpr Duration kPatience = 10s;

struct Protocol {
    std::shared_ptr<gst::PublisherDirectory> directory = gst::PublisherDirectory::make();
    std::atomic<int> key_frames = 0;
};

Protocol& protocol(Colour colour) {
    static std::array<Protocol, 2> all;
    return all[static_cast<std::size_t>(colour)];
}

std::pair<codec::Kind, unsigned> track(const std::string& pad) {
    return {pad.starts_with("video") ? codec::Kind::video : codec::Kind::audio,
            static_cast<unsigned>(std::stoi(pad.substr(6)))};
}

// The way from a publisher to the run that took it, while there is one.
struct Link {
    Mutex mutex;
    PaintRun* run GUARDED_BY(mutex) = nullptr;
};

class Taker : public gst::PublisherSource {
  public:
    Taker(gst::SourceEvents& events, std::shared_ptr<Link> link) : link(std::move(link)), events(events) {}
    bool authorize(const gst::PublisherInfo& publisher) override { return events.authorize(publisher); }
    const std::shared_ptr<Link> link;
    gst::SourceEvents& events;
};

}  // namespace

class PaintRun : public gst::SourceRun {
  public:
    PaintRun(GstElement* element, gst::SourceEvents& events, Colour colour)
        : pads(element,
               gst::TrackPads::key_frames_wanted([colour](codec::Kind, unsigned) { ++protocol(colour).key_frames; })),
          link_(std::make_shared<Link>()),
          events_(events),
          colour_(colour) {
        link_->run = this;
    }
    ~PaintRun() override {
        unblock();
        claim_.reset();
        pads.remove();
    }

    Result<> claim(const std::string& path) {
        auto claim = protocol(colour_).directory->claim(path, std::make_shared<Taker>(events_, link_));
        if (!claim) return tl::unexpected(std::move(claim).error());
        claim_ = std::move(*claim);
        return {};
    }
    void play() override {}
    void pause() override {}
    void end() override { pads.end_of_stream(); }
    void unblock() override {
        Lock lock(link_->mutex);
        link_->run = nullptr;
    }
    void fill_stats(GstStructure* stats) const override {
        gst_structure_set(stats, "colour", G_TYPE_STRING, colour_ == Colour::red ? "red" : "blue", nullptr);
    }

    gst::TrackPads pads;

  private:
    const std::shared_ptr<Link> link_;
    gst::SourceEvents& events_;
    const Colour colour_;
    std::unique_ptr<gst::PublisherDirectory::Claim> claim_;
};

// ---- the source -----------------------------------------------------------------------------------------------------

namespace {

const std::array kProperties{
    gst::Property<gst::SourceSettings>{.name = "path", .blurb = "Path", .field = &gst::SourceSettings::path},
    gst::Property<gst::SourceSettings>{.name = "latency", .blurb = "ns", .field = &gst::SourceSettings::latency},
    gst::kReconnectTimeout,
};

GST_DEBUG_CATEGORY_STATIC(paint_debug);

template <Colour colour>
class PaintSrc : public gst::PublisherSourceElement {
  public:
    explicit PaintSrc(GstElement* element) : PublisherSourceElement(element, "testpaintsrc", paint_debug) {}
    Guarded<gst::SourceSettings> settings;

  private:
    Result<std::unique_ptr<gst::SourceRun>> start_run(GstElement* element, gst::SourceEvents& events) override {
        auto run = std::make_unique<PaintRun>(element, events, colour);
        if (auto claimed = run->claim(settings.copy().path); !claimed) {
            return tl::unexpected(std::move(claimed).error());
        }
        return run;
    }
    Duration latency() override { return settings.copy().latency; }
};

using RedImpl = PaintSrc<Colour::red>;
using BlueImpl = PaintSrc<Colour::blue>;
MILL_DEFINE_ELEMENT(TestRedSrc, test_red_src, RedImpl)
MILL_DEFINE_ELEMENT(TestBlueSrc, test_blue_src, BlueImpl)

RedImpl& red_of(gpointer element) {
    return *static_cast<TestRedSrc*>(element)->impl;
}
BlueImpl& blue_of(gpointer element) {
    return *static_cast<TestBlueSrc*>(element)->impl;
}

void test_red_src_class_init(TestRedSrcClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = test_red_src_finalize;
    gst::install_properties<red_of, kProperties>(G_OBJECT_CLASS(klass), "Statistics");
    gst::install_publisher_source<red_of>(GST_ELEMENT_CLASS(klass));
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Red", "Source", "Red", "Tests");
}
void test_blue_src_class_init(TestBlueSrcClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = test_blue_src_finalize;
    gst::install_properties<blue_of, kProperties>(G_OBJECT_CLASS(klass), "Statistics");
    gst::install_publisher_source<blue_of>(GST_ELEMENT_CLASS(klass));
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Blue", "Source", "Blue", "Tests");
}

template <Colour colour>
Result<std::shared_ptr<gst::PublisherDirectory>> open_directory() {
    return protocol(colour).directory;
}

constexpr gst::PublisherProtocol kRed{.name = "red",
                                      .server = "red",
                                      .listen = ":1",
                                      .url_template = "red://{host}/{path}",
                                      .page_template = "",
                                      .element = "testredsrc",
                                      .title = "Red publishers",
                                      .description = "Of tests",
                                      .open = open_directory<Colour::red>};
constexpr gst::PublisherProtocol kBlue{.name = "blue",
                                       .server = "blue",
                                       .listen = ":2",
                                       .url_template = "blue://{host}/{path}",
                                       .page_template = "",
                                       .element = "testbluesrc",
                                       .title = "Blue publishers",
                                       .description = "Of tests",
                                       .open = open_directory<Colour::blue>};

}  // namespace

void register_paint() {
    GST_DEBUG_CATEGORY_INIT(paint_debug, "testpaint", 0, "sources of tests");
    gst_element_register(nullptr, "testredsrc", GST_RANK_NONE, test_red_src_get_type());
    gst_element_register(nullptr, "testbluesrc", GST_RANK_NONE, test_blue_src_get_type());
    gst::register_publisher_provider(nullptr, "testredprovider", kRed);
    gst::register_publisher_provider(nullptr, "testblueprovider", kBlue);
}

int key_frames_wanted(Colour colour) {
    return protocol(colour).key_frames;
}

// ---- the publisher --------------------------------------------------------------------------------------------------

class PaintPublisher::Application : public gst::Applicant {
  public:
    Application(Colour colour, const std::string& path)
        : info_(gst::publisher_info(gst::OwnedStructure(gst_structure_new(
              "publisher", "path", G_TYPE_STRING, path.c_str(), "protocol", G_TYPE_STRING,
              colour == Colour::red ? "red" : "blue", "address", G_TYPE_STRING, "192.0.2.1:1", nullptr)))) {}

    [[nodiscard]] const gst::PublisherInfo& info() const override { return info_; }
    void run(std::function<void()> task) override { task(); }
    void wait(TimePoint) override {}
    void take(std::shared_ptr<gst::PublisherSource> source) override {
        auto taker = std::static_pointer_cast<Taker>(source);
        taker->events.connected(info_);
        Lock lock(mutex_);
        taker_ = taker;
        changed_.notify_all();
    }
    void refuse(gst::Refusal refusal, const std::string& why) override {
        Lock lock(mutex_);
        refusal_ = refusal;
        why_ = why;
        changed_.notify_all();
    }
    void dismiss() override {
        if (auto taker = forget_taker()) taker->events.disconnected(info_, "dismissed");
    }

    std::shared_ptr<Taker> forget_taker() {
        Lock lock(mutex_);
        return std::exchange(taker_, nullptr);
    }
    bool await_taken() {
        Lock lock(mutex_);
        const TimePoint until = net::now() + kPatience;
        while (!taker_ && net::now() < until) changed_.wait_for(mutex_, 100ms);
        return taker_ != nullptr;
    }
    std::string await_refusal() {
        Lock lock(mutex_);
        const TimePoint until = net::now() + kPatience;
        while (!refusal_ && net::now() < until) changed_.wait_for(mutex_, 100ms);
        return why_;
    }
    std::optional<gst::Refusal> refusal() {
        Lock lock(mutex_);
        return refusal_;
    }
    template <class F>
    auto with_run(F&& use) {
        std::shared_ptr<Taker> taker;
        {
            Lock lock(mutex_);
            taker = taker_;
        }
        Lock lock(taker->link->mutex);
        return use(taker->link->run);
    }

  private:
    const gst::PublisherInfo info_;
    Mutex mutex_;
    Condition changed_;
    std::shared_ptr<Taker> taker_ GUARDED_BY(mutex_);
    std::optional<gst::Refusal> refusal_ GUARDED_BY(mutex_);
    std::string why_ GUARDED_BY(mutex_);
};

PaintPublisher::PaintPublisher(Colour colour, const std::string& path)
    : colour_(colour), path_(path), application_(std::make_shared<Application>(colour, path)) {}

PaintPublisher::~PaintPublisher() {
    leave();
}

void PaintPublisher::offer() {
    protocol(colour_).directory->offer(application_);
}

void PaintPublisher::leave() {
    if (auto taker = application_->forget_taker()) taker->events.disconnected(application_->info(), "");
    protocol(colour_).directory->withdraw(*application_);
}

bool PaintPublisher::await_taken() {
    return application_->await_taken();
}

std::string PaintPublisher::await_refusal() {
    return application_->await_refusal();
}

std::optional<gst::Refusal> PaintPublisher::refusal() const {
    return application_->refusal();
}

void PaintPublisher::open(const std::string& pad, const std::string& caps, const std::string& rendition) {
    application_->with_run([&](PaintRun* run) {
        std::optional<gst::Rendition> said;
        if (!rendition.empty()) said = gst::Rendition{.name = rendition};
        const auto [kind, number] = track(pad);
        if (run) run->pads.set_caps(kind, number, gst::adopt(gst_caps_from_string(caps.c_str())), said);
    });
}

void PaintPublisher::all_open() {
    application_->with_run([](PaintRun* run) {
        if (run) run->pads.all_known();
    });
}

GstFlowReturn PaintPublisher::send(const std::string& pad, GstClockTime time) {
    return application_->with_run([&](PaintRun* run) {
        auto buffer = gst::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr));
        GST_BUFFER_PTS(buffer.get()) = GST_BUFFER_DTS(buffer.get()) = time;
        const auto [kind, number] = track(pad);
        return run ? run->pads.push(kind, number, std::move(buffer)) : GST_FLOW_FLUSHING;
    });
}

}  // namespace millrace::test
