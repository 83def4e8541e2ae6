// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/conductor.hpp"

#include <algorithm>

#include "common/net/listen_address.hpp"
#include "common/net/process_defaults.hpp"
#include "launcher/config/keys.hpp"
#include "launcher/config/read.hpp"
#include "launcher/graph/plan.hpp"
#include "launcher/graph/registry.hpp"

namespace millrace::launcher {

namespace {

constexpr std::size_t kMostProblems = 100;
constexpr Duration kGrace = 3s;       // for streams to end by themselves
constexpr Duration kUnwatched = 30s;  // an on-demand stream without a request
constexpr Duration kLookAround = 5s;

// What `tls` opens besides: a protocol's secure form and its address when `listen` has none.
struct Secure {
    const char* protocol;
    const char* address;
};
constexpr Secure kSecure[] = {{"https", ":8443"}, {"rtmps", ":1936"}};

void set_process_defaults(const PipelineFile& file) {
    if (file.tls) net::set_default_tls(net::TlsFiles{file.tls->certificate.text, file.tls->key.text});
    for (const auto& [protocol, address] : file.listen) net::set_default_listen(protocol, address.text);
    if (!net::default_tls()) return;
    for (const Secure& secure : kSecure) {
        net::set_default_listen(secure.protocol, net::default_listen(secure.protocol, secure.address));
    }
}

std::string http_address() {
    return net::default_listen("http", ":8080");
}

// An output that a browser finds by its path: it ends a chain, and has a path and a listener.
bool serves_http(const Plan& plan) {
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!plan.is_fed(i) || plan.feeds(i) || plan.nodes[i].factory.empty()) continue;
        auto element = make_element(plan.nodes[i].factory);
        if (!element) continue;
        GObjectClass* klass = G_OBJECT_GET_CLASS(element->get());
        if (g_object_class_find_property(klass, "path") && g_object_class_find_property(klass, "listen")) return true;
    }
    return false;
}

}  // namespace

std::optional<PipelineFile> load_checked(const std::vector<std::string>& files, Problems& problems) {
    auto file = read_pipeline_files(files, process_environment(), problems);
    if (!file) return std::nullopt;
    for (const Stream& stream : file->streams) {
        make_plan(stream, stream.pattern.example(), problems);
        if (problems.size() > kMostProblems) break;  // enough to do; looking at a registry costs
    }
    return problems.empty() ? file : std::nullopt;
}

Conductor::Conductor(std::shared_ptr<ControlLoop> loop, StreamObserver& observer)
    : loop_(std::move(loop)), observer_(observer) {}

Conductor::~Conductor() {
    demand_.reset();  // no worker asks any more
    publishers_.reset();
}

Result<> Conductor::start(PipelineFile file) {
    set_process_defaults(file);
    if (auto opened = open_http(); !opened) return opened;
    set_rules(file);
    if (auto opened = open_publishers(); !opened) return opened;
    start_always();
    on_changed();
    return {};
}

Result<> Conductor::open_http() {
    std::vector<std::shared_ptr<web::Site>> sites;
    auto open = [&](const std::string& address, std::optional<net::TlsFiles> tls) -> Result<> {
        auto server = net::HttpServer::at(address, std::move(tls));
        if (!server) return tl::unexpected(std::move(server).error());
        auto pages = StatusPages::serve(*server, statuses_);
        if (!pages) return tl::unexpected(std::move(pages).error());
        auto site = web::Site::on(*server);
        if (!site) return tl::unexpected(std::move(site).error());
        servers_.push_back(*server);
        pages_.push_back(std::move(*pages));
        sites.push_back(*site);
        return {};
    };
    if (auto opened = open(http_address(), {}); !opened) return opened;
    if (auto tls = net::default_tls()) {
        if (auto opened = open(net::default_listen("https", kSecure[0].address), tls); !opened) return opened;
    }
    demand_ =
        std::make_unique<Demand>(loop_, sites, [this, alive = std::weak_ptr<bool>(alive_)](const std::string& path) {
            if (alive.lock()) on_viewer(path);
        });
    unwatched_ = Watch::every(*loop_, kLookAround, [this] { stop_unwatched(); });
    return {};
}

Result<> Conductor::open_publishers() {
    if (!publishers_) {
        publishers_ =
            std::make_unique<Publishers>(loop_, [this](const Publisher& publisher) { on_publisher(publisher); });
    }
    for (const Rule& rule : rules_) {
        for (const std::string& provider : rule.providers) {
            if (auto listening = publishers_->listen(provider); !listening) return listening;
        }
    }
    return {};
}

Conductor::Rule Conductor::make_rule(const Stream& stream) const {
    Rule rule{stream, {}, false};
    Problems problems;
    auto plan = make_plan(stream, stream.pattern.example(), problems);
    if (!plan) return rule;
    std::vector<std::string> factories;
    for (const PlannedNode& node : plan->nodes) {
        factories.insert(factories.end(), node.factories.begin(), node.factories.end());
    }
    if (stream.run == Run::on_publish) rule.providers = providers_for(factories);
    rule.plays_over_http = serves_http(*plan);
    return rule;
}

void Conductor::set_rules(const PipelineFile& file) {
    std::vector<Rule> rules;
    std::vector<PathPattern> on_demand;
    for (const Stream& stream : file.streams) {
        rules.push_back(make_rule(stream));
        if (stream.run == Run::on_demand) on_demand.push_back(stream.pattern);
    }
    std::stable_sort(rules.begin(), rules.end(),
                     [](const Rule& a, const Rule& b) { return is_more_specific(a.stream.pattern, b.stream.pattern); });
    rules_ = std::move(rules);
    file_ = file;
    if (demand_) demand_->offer(std::move(on_demand));
}

// The most specific rule decides. One that a publisher's protocol cannot reach is no rule for that publisher.
const Conductor::Rule* Conductor::rule_for(const std::string& path, Run run, const std::string& provider) const {
    for (const Rule& rule : rules_) {
        if (rule.stream.run != run || !rule.stream.pattern.matches(path)) continue;
        if (provider.empty() || rule.providers.count(provider)) return &rule;
    }
    return nullptr;
}

void Conductor::on_publisher(const Publisher& publisher) {
    if (stopping_) return refuse(publisher, "this server is stopping");
    const Rule* rule = rule_for(publisher.path, Run::on_publish, publisher.provider);
    auto valid = PathPattern::parse(publisher.path);
    // A stream that runs for another reason may have a source that looks for publishers itself.
    if (!rule && runs_.count(publisher.path)) return;
    if (!rule || !valid || !valid->is_literal())
        return refuse(publisher, "no stream here is called '" + publisher.path + "'");
    run(publisher.path, rule->stream);
}

void Conductor::on_viewer(const std::string& path) {
    const Rule* rule = stopping_ ? nullptr : rule_for(path, Run::on_demand, "");
    auto valid = PathPattern::parse(path);
    if (!rule || !valid || !valid->is_literal()) return;
    run(path, rule->stream);
}

void Conductor::start_always() {
    for (const Rule& rule : rules_) {
        if (rule.stream.run == Run::always) run(rule.stream.pattern.text(), rule.stream);
    }
}

void Conductor::run(const std::string& path, const Stream& rule) {
    auto& stream = runs_[path];
    if (!stream) {
        StreamRun::Owner owner{[this, path] { return is_wanted(path); }, [this] { on_changed(); }};
        stream = std::make_unique<StreamRun>(loop_, path, rule, observer_, std::move(owner));
    }
    // One of an older rule is on its way out; drop_idle() comes back to this path.
    if (stream->rule() == rule) stream->start();
}

bool Conductor::is_wanted(const std::string& path) const {
    auto found = runs_.find(path);
    if (stopping_ || found == runs_.end()) return false;
    switch (found->second->rule().run) {
        case Run::always:
            return true;
        case Run::on_publish:
            return publishers_->is_waiting(path);
        case Run::on_demand: {
            TimePoint last = demand_->last_request(path);
            return last != kNever && net::now() - last < kUnwatched;
        }
    }
    return false;
}

// Viewers are noticed from the moment a stream is live until it is not.
void Conductor::stop_unwatched() {
    for (const auto& [path, stream] : runs_) {
        if (stream->rule().run != Run::on_demand || stream->state() != StreamState::live) continue;
        TimePoint last = demand_->last_request(path);
        if (last == kNever || last < stream->live_since()) last = stream->live_since();
        if (net::now() - last >= kUnwatched) stream->stop(kGrace);
    }
    on_changed();  // the counts of drops are new
}

std::vector<std::string> Conductor::reload(PipelineFile file) {
    std::vector<std::string> notes;
    if (file.listen != file_.listen || file.tls != file_.tls) {
        notes.emplace_back("'listen' and 'tls' stay as they were; a change of them needs a restart");
        file.listen = file_.listen;
        file.tls = file_.tls;
    }
    set_rules(file);
    for (const auto& [path, stream] : runs_) {
        auto same = [&, run = stream.get()](const Rule& rule) { return rule.stream == run->rule(); };
        if (std::none_of(rules_.begin(), rules_.end(), same)) stream->stop(0s);
    }
    if (auto opened = open_publishers(); !opened) notes.push_back(opened.error().what);
    start_always();
    on_changed();
    return notes;
}

void Conductor::stop(std::function<void()> stopped) {
    stopping_ = true;
    stopped_ = std::move(stopped);
    for (const auto& [path, stream] : runs_) stream->stop(kGrace);
    on_changed();
}

void Conductor::on_changed() {
    statuses_->with([&](StreamStatuses& all) { all = streams(); });
    for (const auto& [path, stream] : runs_) {
        if (stream->rule().run != Run::on_demand || !demand_) continue;
        bool live = stream->state() == StreamState::live;
        live ? demand_->watch(path) : demand_->forget(path);
    }
    // Later: this may be a call of a stream that would be gone.
    loop_->post([this, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.lock()) drop_idle();
    });
}

void Conductor::drop_idle() {
    bool dropped = false;
    for (auto each = runs_.begin(); each != runs_.end();) {
        bool idle = each->second->state() == StreamState::idle;
        each = idle ? runs_.erase(each) : std::next(each);
        dropped = dropped || idle;
    }
    if (stopping_ && runs_.empty() && stopped_) return std::exchange(stopped_, nullptr)();
    if (stopping_ || !dropped) return;
    start_always();
    if (publishers_) publishers_->report_again();  // one may have come while the old stream was going
}

StreamStatuses Conductor::streams() const {
    StreamStatuses all;
    for (const auto& [path, stream] : runs_) {
        StreamState state = stream->state();
        Run run = stream->rule().run;
        all.push_back({path, name_of(state), run_values()[static_cast<std::size_t>(run)], run == Run::always,
                       state == StreamState::live, stream->dropped()});
    }
    for (const Rule& rule : rules_) {
        const std::string& path = rule.stream.pattern.text();
        if (rule.stream.run == Run::always && !runs_.count(path))
            all.push_back({path, "idle", "always", true, false, 0});
    }
    return all;
}

std::vector<Url> Conductor::urls() const {
    std::vector<Url> urls;
    for (const Rule& rule : rules_) {
        std::string path = rule.stream.pattern.example();
        for (const std::string& provider : rule.providers) {
            for (const std::string& url : publishers_->urls(provider, path)) urls.push_back({"publish", url});
        }
        if (!rule.plays_over_http) continue;
        for (const auto& server : servers_) urls.push_back({"play", server->url() + "/" + path + "/"});
    }
    return urls;
}

std::vector<std::string> Conductor::doubts() const {
    std::vector<std::string> doubts;
    for (const Rule& rule : rules_) {
        if (rule.stream.run != Run::on_publish || !rule.providers.empty()) continue;
        doubts.push_back(rule.stream.file + ":" + std::to_string(rule.stream.at.line) + ": nobody can publish '" +
                         rule.stream.pattern.text() + "': none of its elements is a network source");
    }
    return doubts;
}

}  // namespace millrace::launcher
