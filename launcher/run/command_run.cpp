// SPDX-License-Identifier: LGPL-2.1-or-later
#include "launcher/run/command_run.hpp"

#include <glib-unix.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "launcher/run/conductor.hpp"

namespace millrace::launcher {

namespace {

constexpr std::size_t kMostProblems = 50;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

// One line for each thing that happens. What goes wrong goes to stderr.
class Terminal : public StreamObserver {
  public:
    void on_started(const std::string& path) override { std::printf("%s: live\n", path.c_str()); }
    void on_stopped(const std::string& path) override { std::printf("%s: ended\n", path.c_str()); }
    void on_failed(const std::string& path, const std::string& element, const std::string& message,
                   Duration retry) override {
        std::fprintf(stderr, "%s: failed in %s: %s; again in %g s\n", path.c_str(), element.c_str(), message.c_str(),
                     seconds(retry));
    }
    void on_warning(const std::string& path, const std::string& element, const std::string& message) override {
        std::fprintf(stderr, "%s: warning from %s: %s\n", path.c_str(), element.c_str(), message.c_str());
    }
};

class Command {
  public:
    explicit Command(std::vector<std::string> files) : files_(std::move(files)) {}
    ~Command() {
        for (guint source : signals_) g_source_remove(source);
        g_main_loop_unref(main_);
    }

    int run(PipelineFile file) {
        std::setvbuf(stdout, nullptr, _IOLBF, 0);  // each line is seen when it is said, also in a log file
        for (int signal : {SIGINT, SIGTERM}) signals_.push_back(g_unix_signal_add(signal, on_stop, this));
        signals_.push_back(g_unix_signal_add(SIGHUP, on_reload, this));
        if (auto started = conductor_.start(std::move(file)); !started) {
            std::fprintf(stderr, "millrace: %s\n", started.error().what.c_str());
            return kFailed;
        }
        std::printf("millrace %s\n", MILLRACE_VERSION);
        print_urls();
        for (const std::string& doubt : conductor_.doubts()) std::fprintf(stderr, "warning: %s\n", doubt.c_str());
        g_main_loop_run(main_);
        return kDone;
    }

  private:
    void print_urls() const {
        for (const Url& url : conductor_.urls()) std::printf("  %-8s %s\n", url.what.c_str(), url.text.c_str());
    }

    static gboolean on_stop(gpointer data) {
        auto& self = *static_cast<Command*>(data);
        if (std::exchange(self.stopping_, true)) _exit(kFailed);  // asked twice: at once
        std::printf("stopping\n");
        self.conductor_.stop([&self] { g_main_loop_quit(self.main_); });
        self.patience_ = Watch::after(*self.loop_, 5s, [&self] { g_main_loop_quit(self.main_); });
        return G_SOURCE_CONTINUE;
    }

    static gboolean on_reload(gpointer data) {
        auto& self = *static_cast<Command*>(data);
        Problems problems;
        auto file = load_checked(self.files_, problems);
        if (!file) {
            print_problems(problems);
            std::fprintf(stderr, "not reloaded; everything runs as before\n");
            return G_SOURCE_CONTINUE;
        }
        for (const std::string& note : self.conductor_.reload(std::move(*file))) {
            std::fprintf(stderr, "%s\n", note.c_str());
        }
        std::printf("reloaded\n");
        self.print_urls();
        return G_SOURCE_CONTINUE;
    }

    const std::vector<std::string> files_;
    std::shared_ptr<ControlLoop> loop_ = std::make_shared<ControlLoop>(g_main_context_default());
    GMainLoop* main_ = g_main_loop_new(nullptr, FALSE);
    Terminal terminal_;
    Conductor conductor_{loop_, terminal_};
    std::vector<guint> signals_;
    Watch patience_;
    bool stopping_ = false;
};

}  // namespace

void print_problems(const Problems& problems) {
    for (std::size_t i = 0; i < std::min(problems.size(), kMostProblems); ++i) {
        std::fprintf(stderr, "%s\n", to_text(problems[i]).c_str());
    }
    if (problems.size() > kMostProblems) std::fprintf(stderr, "and %zu more\n", problems.size() - kMostProblems);
}

int command_run(const std::vector<std::string>& files) {
    Problems problems;
    auto file = load_checked(files, problems);
    if (!file) {
        print_problems(problems);
        return kRefused;
    }
    return Command(files).run(std::move(*file));
}

}  // namespace millrace::launcher
