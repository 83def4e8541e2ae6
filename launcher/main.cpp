// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line: arguments and the order of things.
#include <gst/gst.h>

#include <cstdio>
#include <string>
#include <vector>

#include "launcher/config/read.hpp"
#include "launcher/config/schema.hpp"
#include "launcher/graph/expand.hpp"
#include "launcher/run/command_run.hpp"
#include "launcher/run/conductor.hpp"

namespace {

using namespace millrace::launcher;
using Arguments = std::vector<std::string>;

constexpr const char* kHelp = R"(millrace runs GStreamer pipelines from pipeline files.

  millrace run FILE…           run the streams of these files until interrupted
  millrace check FILE…         find everything that is wrong with them; nothing runs
  millrace expand FILE [PATH]  print a stream as a gst-launch-1.0 line
  millrace schema              print the JSON Schema of pipeline files, for editors
  millrace --help, --version

While it runs: SIGINT or SIGTERM ends the streams and stops, a second one stops at once;
SIGHUP reads the files again. /healthz and /readyz answer on the HTTP port.
Exit status: 0 done, 1 failed while running, 2 wrong usage or a wrong file.
)";

int usage(const std::string& what) {
    std::fprintf(stderr, "millrace: %s\nmillrace --help says more\n", what.c_str());
    return kRefused;
}

int command_check(const Arguments& files) {
    Problems problems;
    if (!load_checked(files, problems)) {
        print_problems(problems);
        return kRefused;
    }
    for (const std::string& file : files) std::printf("%s: ok\n", file.c_str());
    return kDone;
}

int command_expand(const Arguments& arguments) {
    Problems problems;
    auto file = load_checked({arguments[0]}, problems);
    print_problems(problems);
    if (!file) return kRefused;
    const std::string path = arguments.size() > 1 ? arguments[1] : "";
    const Stream* best = nullptr;
    for (const Stream& stream : file->streams) {
        if (!path.empty() && !stream.pattern.matches(path)) continue;
        if (!best || (!path.empty() && is_more_specific(stream.pattern, best->pattern))) best = &stream;
    }
    if (!best) return usage("no stream of " + arguments[0] + " matches '" + path + "'");
    auto plan = make_plan(*best, path.empty() ? best->pattern.example() : path, problems);
    print_problems(problems);
    if (plan) std::printf("%s\n", launch_line(*plan).c_str());
    return plan ? kDone : kRefused;
}

int command_schema(const Arguments&) {
    std::fputs(json_schema().c_str(), stdout);
    return kDone;
}

struct Command {
    const char* name;
    std::size_t least, most;  // arguments
    int (*run)(const Arguments&);
};
constexpr Command kCommands[] = {{"run", 1, 1000, command_run},
                                 {"check", 1, 1000, command_check},
                                 {"expand", 1, 2, command_expand},
                                 {"schema", 0, 0, command_schema}};

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments(argv + 1, argv + argc);
    if (arguments.empty()) return usage("a command is missing: run, check, expand or schema");
    const std::string name = arguments.front();
    arguments.erase(arguments.begin());
    if (name == "--help" || name == "-h" || name == "help") return std::fputs(kHelp, stdout) < 0 ? kFailed : kDone;
    if (name == "--version") return std::printf("millrace %s\n", MILLRACE_VERSION) < 0 ? kFailed : kDone;
    for (const Command& command : kCommands) {
        if (name != command.name) continue;
        if (arguments.size() < command.least) return usage("'" + name + "' needs a pipeline file");
        if (arguments.size() > command.most) return usage("too many arguments for '" + name + "'");
        gst_init(nullptr, nullptr);
        return command.run(arguments);
    }
    return usage("unknown command '" + name + "'");
}
