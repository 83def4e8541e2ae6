// SPDX-License-Identifier: LGPL-2.1-or-later
// Which streams run: by rule, by publisher, by viewer, until told to stop. Everything happens on its loop's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "launcher/config/pipeline_file.hpp"
#include "launcher/run/control_loop.hpp"
#include "launcher/run/demand.hpp"
#include "launcher/run/publishers.hpp"
#include "launcher/run/status.hpp"
#include "launcher/run/stream_run.hpp"

namespace millrace::launcher {

// A PipelineFile of these files that has been checked against the registry too. Every problem of all of them at once.
std::optional<PipelineFile> load_checked(const std::vector<std::string>& files, Problems& problems);

struct Url {
    std::string what;  // "publish" or "play"
    std::string text;
};

class Conductor {
  public:
    Conductor(std::shared_ptr<ControlLoop> loop, StreamObserver& observer);
    ~Conductor();  // at once, without asking the streams to end; stop() first is kinder
    Conductor(const Conductor&) = delete;
    Conductor& operator=(const Conductor&) = delete;

    // Opens every listener, then starts what always runs. Nothing has started when it fails.
    Result<> start(PipelineFile file);

    // Streams whose rule is the same go on; others are stopped and started. What `listen` says stays as it was: the
    // answer names what would need a restart of the process.
    std::vector<std::string> reload(PipelineFile file);

    // Ends every stream, three seconds at most; `stopped` is called when nothing runs any more.
    void stop(std::function<void()> stopped);

    [[nodiscard]] StreamStatuses streams() const;
    // Where one publishes and plays, as the rules say.
    [[nodiscard]] std::vector<Url> urls() const;
    // Rules that nobody can ever start, in words.
    [[nodiscard]] std::vector<std::string> doubts() const;

  private:
    struct Rule {
        Stream stream;
        std::set<std::string> providers;  // who finds publishers for it
        bool plays_over_http = false;
    };

    Result<> open_http();
    Result<> open_publishers();
    Rule make_rule(const Stream& stream) const;
    void set_rules(const PipelineFile& file);
    [[nodiscard]] const Rule* rule_for(const std::string& path, Run run, const std::string& provider) const;

    void on_publisher(const Publisher& publisher);
    void on_viewer(const std::string& path);
    void stop_unwatched();
    void start_always();
    void run(const std::string& path, const Stream& rule);
    [[nodiscard]] bool is_wanted(const std::string& path) const;
    void on_changed();
    void drop_idle();

    std::shared_ptr<ControlLoop> loop_;
    StreamObserver& observer_;
    PipelineFile file_;
    std::vector<Rule> rules_;
    std::map<std::string, std::unique_ptr<StreamRun>> runs_;
    std::shared_ptr<Guarded<StreamStatuses>> statuses_ = std::make_shared<Guarded<StreamStatuses>>();
    std::vector<std::shared_ptr<net::HttpServer>> servers_;
    std::vector<std::unique_ptr<StatusPages>> pages_;
    std::unique_ptr<Publishers> publishers_;
    std::unique_ptr<Demand> demand_;
    Watch unwatched_;  // looks for on-demand streams that nobody watches
    std::function<void()> stopped_;
    bool stopping_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what was posted and comes too late
};

}  // namespace millrace::launcher
